// The two kinds of QMP server that clients make with object-add: qmp-server, whose unit is a connection, and
// monitor-qmp, which has one client after another on a chardev.

import assert from 'node:assert/strict';
import { closeSync, existsSync, openSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { native } from '../../src/transports/unix/native.ts';
import { FdClient } from '../kit/clients/fd-client.ts';
import { requestText } from '../kit/clients/line-client.ts';
import { RawClient } from '../kit/clients/raw-client.ts';
import { newestPort } from '../kit/server/front-doors.ts';
import { startTestServer, type TestServer } from '../kit/server/test-server.ts';

const skip = native === undefined ? 'needs the native addon' : false;

function socketServer(server: TestServer, name: string): { where: string; addr: object } {
  const where = path.join(server.directory, name);
  return { where, addr: { type: 'unix', path: where } };
}

async function addMonitor(server: TestServer, client: RawClient, options: object = {}): Promise<string> {
  const where = path.join(server.directory, 'monitor.sock');
  const data = { addr: { type: 'unix', data: { path: where } }, server: true, wait: false };
  await client.ask('chardev-add', { id: 'c', backend: { type: 'socket', data } });
  await client.ask('object-add', { 'qom-type': 'monitor-qmp', id: 'm', chardev: 'c', ...options });
  return where;
}

describe('a qmp-server object', () => {
  it('serves while it is there; its sessions end with it, and no other', async () => {
    await using server = await startTestServer();
    const client = await RawClient.negotiated(server.path);
    const { where, addr } = socketServer(server, 'extra');
    await client.ask('object-add', { 'qom-type': 'qmp-server', id: 's', addr });
    const [one, two] = await Promise.all([RawClient.negotiated(where), RawClient.negotiated(where)]);
    const sessions: { server?: string }[] = await one.ask('query-sessions');
    assert.deepEqual(
      sessions.map((session) => session.server),
      [undefined, 's', 's'],
    );
    await client.ask('object-del', { id: 's' });
    await Promise.all([one.untilClosed(), two.untilClosed()]);
    assert.equal((await client.event('SESSION_CLOSED')).data?.reason, 'server-removed');
    assert.equal(existsSync(where), false);
    assert.equal((await client.ask('query-sessions')).length, 1);
    await assert.rejects(RawClient.connect(where));
    // And once more, at the same place.
    await client.ask('object-add', { 'qom-type': 'qmp-server', id: 's', addr });
    await RawClient.negotiated(where);
  });

  it('is for the user alone unless a mode is given', async () => {
    await using server = await startTestServer();
    const client = await RawClient.negotiated(server.path);
    const modes: readonly (readonly [object, number])[] = [
      [{}, 0o600],
      [{ mode: '0666' }, 0o666],
      [{ mode: '640' }, 0o640],
      [{ group: String(process.getgid?.()) }, 0o660],
    ];
    for (const [options, mode] of modes) {
      const { where, addr } = socketServer(server, 'extra');
      await client.ask('object-add', { 'qom-type': 'qmp-server', id: 's', addr, ...options });
      assert.equal(statSync(where).mode & 0o777, mode);
      await client.ask('object-del', { id: 's' });
    }
  });

  it('may have a path with commas, and another beside it', async () => {
    await using server = await startTestServer();
    const client = await RawClient.negotiated(server.path);
    for (const name of ['a,mode=777', 'b,,c', ',']) {
      const { where, addr } = socketServer(server, name);
      await client.ask('object-add', { 'qom-type': 'qmp-server', id: 's', addr });
      assert.equal(statSync(where).mode & 0o777, 0o600);
      (await RawClient.negotiated(where)).close();
      await client.ask('object-del', { id: 's' });
      assert.equal(existsSync(where), false);
    }
  });

  it('answers the client that deletes it from inside, then ends', async () => {
    await using server = await startTestServer();
    const client = await RawClient.negotiated(server.path);
    const { where, addr } = socketServer(server, 'extra');
    await client.ask('object-add', { 'qom-type': 'qmp-server', id: 's', addr });
    const inside = await RawClient.negotiated(where);
    assert.deepEqual(await inside.execute('object-del', { id: 's' }), { return: {} });
    await inside.untilClosed();
    assert.equal((await client.event('SESSION_CLOSED')).data?.reason, 'server-removed');
  });

  it('has an id of its own', async () => {
    await using server = await startTestServer();
    const client = await RawClient.negotiated(server.path);
    const addr = { type: 'inet', host: '127.0.0.1', port: '0' };
    await client.ask('object-add', { 'qom-type': 'qmp-server', id: 's', addr });
    const again = "attempt to add duplicate property 's' to object (type 'container')";
    assert.equal(await client.refusal('object-add', { 'qom-type': 'qmp-server', id: 's', addr }), again);
    assert.equal(
      await client.refusal('object-add', { 'qom-type': 'qmp-server', id: '1', addr }),
      "Parameter 'id' expects an identifier",
    );
    assert.equal(await client.refusal('object-del', { id: 'other' }), "object 'other' not found");
    assert.deepEqual(
      (await client.ask('qom-list', { path: '/objects' })).map(({ name }: { name: string }) => name),
      ['type', 's'],
    );
  });

  it('indents for its own clients only', async () => {
    await using server = await startTestServer();
    const client = await RawClient.negotiated(server.path);
    const addr = { type: 'inet', host: '127.0.0.1', port: '0' };
    await client.ask('object-add', { 'qom-type': 'qmp-server', id: 's', addr, pretty: true });
    const indented = await RawClient.connect(newestPort(server));
    await indented.until((lines) => lines.includes('}'));
    assert.deepEqual(indented.lines.slice(0, 2), ['{', '    "QMP": {']);
    indented.send(requestText('qmp_capabilities'));
    await indented.until((lines) => lines.includes('    "return": {'));
    await client.ask('query-status');
  });

  it('on a port that is taken is refused, and leaves no object', async () => {
    await using server = await startTestServer();
    const client = await RawClient.negotiated(server.path);
    const addr = { type: 'inet', host: '127.0.0.1', port: '0' };
    await client.ask('object-add', { 'qom-type': 'qmp-server', id: 's', addr });
    const taken = { ...addr, port: String(newestPort(server)) };
    const desc = await client.refusal('object-add', { 'qom-type': 'qmp-server', id: 't', addr: taken });
    assert.match(desc, /^Parameter 'addr': tcp:127\.0\.0\.1:\d+: /);
    assert.equal(await client.refusal('object-del', { id: 't' }), "object 't' not found");
  });

  it('deleted while it is being made is gone', async () => {
    await using server = await startTestServer();
    const client = await RawClient.negotiated(server.path);
    const other = await RawClient.negotiated(server.path);
    for (let round = 0; round < 20; round += 1) {
      const { where, addr } = socketServer(server, `extra${round}`);
      const made = client.execute('object-add', { 'qom-type': 'qmp-server', id: 's', addr });
      const deleted = await other.execute('object-del', { id: 's' });
      const { error } = (await made) ?? {};
      if (error === undefined && deleted?.error !== undefined) await client.ask('object-del', { id: 's' });
      assert.equal(existsSync(where), false);
      assert.equal(server.server.addresses.length, 1);
    }
  });

  it('takes a listening socket that a client has passed', { skip }, async () => {
    await using server = await startTestServer();
    const client = await FdClient.negotiated(server.path);
    const where = path.join(server.directory, 'passed');
    const fd = native?.bind(where) ?? -1;
    native?.listen(fd, 16);
    await client.pass([fd], 'getfd', { fdname: 'listener' });
    native?.close(fd);
    const addr = { type: 'fd', str: 'listener' };
    await client.ask('object-add', { 'qom-type': 'qmp-server', id: 's', addr });
    const [one, two] = [await RawClient.negotiated(where), await RawClient.negotiated(where)];
    await Promise.all([one.ask('query-status'), two.ask('query-status')]);
    assert.deepEqual(await client.ask('query-fds'), []);
    await client.ask('object-del', { id: 's' });
    await Promise.all([one.untilClosed(), two.untilClosed()]);
    await assert.rejects(RawClient.connect(where));
  });
});

describe('a monitor-qmp object', () => {
  it('has one client after another, each with a clean session', async () => {
    await using server = await startTestServer();
    const client = await RawClient.negotiated(server.path);
    const where = await addMonitor(server, client);
    for (let round = 0; round < 5; round += 1) {
      const one = await RawClient.negotiated(where, ['oob']);
      await one.ask('query-status');
      // Half a message and a running command have no owner once the client has gone.
      one.send('{"execute": "query-na');
      one.close();
      await client.event('SESSION_CLOSED');
    }
    const last = await RawClient.negotiated(where);
    const [, own] = await last.ask('query-sessions');
    assert.deepEqual([own.transport, own.server, own.capabilities], ['chardev', 'm', []]);
  });

  it('lets a second client wait, unheard, until the first has gone', async () => {
    await using server = await startTestServer();
    const client = await RawClient.negotiated(server.path);
    const where = await addMonitor(server, client);
    const first = await RawClient.negotiated(where);
    const second = await RawClient.connect(where);
    second.send(requestText('qmp_capabilities', {}, 'n') + requestText('query-status', {}, 'q'));
    await first.ask('query-status');
    await client.ask('query-status');
    assert.deepEqual(second.lines, []);
    first.close();
    assert.ok((await second.reply('q', 'query-status')) !== undefined);
  });

  it('keeps its chardev busy, and gives it back', async () => {
    await using server = await startTestServer();
    const client = await RawClient.negotiated(server.path);
    const where = await addMonitor(server, client);
    const one = await RawClient.negotiated(where);
    assert.equal(await client.refusal('chardev-remove', { id: 'c' }), "Chardev 'c' is busy");
    const another = { 'qom-type': 'monitor-qmp', id: 'n', chardev: 'c' };
    assert.equal(await client.refusal('object-add', another), "chardev 'c' is already in use");
    await client.ask('object-del', { id: 'm' });
    await one.untilClosed();
    assert.equal((await client.event('SESSION_CLOSED')).data?.reason, 'server-removed');
    await client.ask('object-add', another);
    await RawClient.negotiated(where);
    await client.ask('object-del', { id: 'n' });
    await client.ask('chardev-remove', { id: 'c' });
    assert.equal(existsSync(where), false);
  });

  it('serves none of the clients that waited when it is deleted', async () => {
    await using server = await startTestServer();
    const client = await RawClient.negotiated(server.path);
    const where = await addMonitor(server, client);
    const first = await RawClient.negotiated(where);
    const waiting = await Promise.all([RawClient.connect(where), RawClient.connect(where)]);
    await client.ask('object-del', { id: 'm' });
    await first.untilClosed();
    assert.equal((await client.ask('query-sessions')).length, 1);
    await client.ask('chardev-remove', { id: 'c' });
    await Promise.all(waiting.map((one) => one.untilClosed()));
    assert.deepEqual(
      waiting.map(({ lines }) => lines.length),
      [0, 0],
    );
  });

  it('answers the client that deletes it from inside, then ends', async () => {
    await using server = await startTestServer();
    const client = await RawClient.negotiated(server.path);
    const inside = await RawClient.negotiated(await addMonitor(server, client));
    assert.deepEqual(await inside.execute('object-del', { id: 'm' }), { return: {} });
    await inside.untilClosed();
    await client.event('SESSION_CLOSED');
    await client.ask('chardev-remove', { id: 'c' });
  });

  it('deletes itself with its client, if that is wanted', async () => {
    await using server = await startTestServer();
    const client = await RawClient.negotiated(server.path);
    const where = await addMonitor(server, client, { 'close-action': 'delete' });
    const one = await RawClient.negotiated(where);
    assert.deepEqual(await one.execute('query-name'), { return: {} });
    one.close();
    await client.event('SESSION_CLOSED');
    assert.equal(await client.refusal('object-del', { id: 'm' }), "object 'm' not found");
    await client.ask('chardev-remove', { id: 'c' });
  });

  it('receives descriptors, which are gone with its client', { skip }, async () => {
    await using server = await startTestServer();
    const client = await RawClient.negotiated(server.path);
    const where = await addMonitor(server, client);
    const one = await FdClient.negotiated(where);
    const fd = openSync(server.directory, 'r');
    await one.pass([fd, fd], 'getfd', { fdname: 'd' });
    closeSync(fd);
    const fds: { claim: string; kind: string }[] = await one.ask('query-fds');
    assert.deepEqual(
      fds.map(({ claim, kind }) => `${claim} ${kind}`),
      ['unclaimed directory', 'named directory'],
    );
    one.close();
    assert.equal((await client.event('SESSION_CLOSED')).data?.['fds-closed'], 2);
    assert.deepEqual(await client.ask('query-fds'), []);
    const two = await FdClient.negotiated(where);
    assert.equal(await two.refusal('closefd', { fdname: 'd' }), "File descriptor named 'd' not found");
  });

  it('gives answers of any size, and all of them, to a client that quits', async () => {
    await using server = await startTestServer();
    const client = await RawClient.negotiated(server.path);
    const one = await RawClient.negotiated(await addMonitor(server, client));
    one.socket.pause();
    one.send(requestText('query-qmp-schema', {}, 'schema').repeat(3) + requestText('quit', {}, 'quit'));
    await client.event('SHUTDOWN');
    one.socket.resume();
    await one.untilClosed();
    const schemas = one.lines.filter((line) => line.endsWith('"id": "schema"}'));
    assert.equal(schemas.length, 3);
    assert.equal(one.lines.at(-1), '{"return": {}, "id": "quit"}');
  });
});

describe('monitors of both kinds', () => {
  it('hear the same events, in the same order', async () => {
    await using server = await startTestServer();
    const client = await RawClient.negotiated(server.path);
    const { where, addr } = socketServer(server, 'extra');
    await client.ask('object-add', { 'qom-type': 'qmp-server', id: 's', addr });
    const monitor = await RawClient.negotiated(await addMonitor(server, client));
    const extra = await RawClient.negotiated(where);
    for (const name of ['a', 'b', 'c']) await client.ask('machine-set', { name });
    const names = async (one: RawClient): Promise<unknown[]> => {
      const heard: unknown[] = [];
      while (heard.length < 3) heard.push((await one.event('MACHINE_OPTION_CHANGED')).data?.value);
      return heard;
    };
    for (const one of [client, monitor, extra]) assert.deepEqual(await names(one), ['a', 'b', 'c']);
  });
});
