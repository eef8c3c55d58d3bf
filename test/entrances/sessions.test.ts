// Sessions as things: looked at, ended by others, and told about.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { describe, it } from 'node:test';
import { native } from '../../src/transports/unix/native.ts';
import { requestText } from '../kit/clients/line-client.ts';
import { RawClient } from '../kit/clients/raw-client.ts';
import { frontDoors } from '../kit/server/front-doors.ts';
import { startTestServer } from '../kit/server/test-server.ts';

const shutdown = { guest: false, reason: 'host-qmp-quit' };

describe('query-sessions', () => {
  it('tells of each session who it is, since when, and what it has done', async () => {
    await using server = await startTestServer();
    const client = await RawClient.negotiated(server.path, ['oob']);
    const mute = await RawClient.connect(server.path);
    await mute.until((lines) => lines.length === 1);
    await client.ask('query-status');
    const [own, other] = await client.ask('query-sessions');
    const { since, peer, 'bytes-received': received, 'bytes-sent': sent, ...rest } = own;
    assert.deepEqual(rest, {
      id: '1',
      transport: 'unix',
      role: 'admin',
      negotiated: true,
      capabilities: ['oob'],
      commands: 2,
      'requests-queued': 0,
      'bytes-queued': 0,
      fds: 0,
    });
    assert.equal(peer.address, `unix:${server.path}`);
    if (native !== undefined) {
      assert.deepEqual([peer.uid, peer.gid, peer.pid], [process.getuid?.(), process.getgid?.(), process.pid]);
    }
    assert.ok(Math.abs(since.seconds - Date.now() / 1000) < 60);
    assert.ok(received > 100 && sent > 100);
    assert.deepEqual([other.id, other.negotiated, other.commands], ['2', false, 0]);
    client.close();
    mute.close();
  });

  it('never gives an id twice', async () => {
    await using server = await startTestServer();
    const client = await RawClient.negotiated(server.path);
    for (let n = 0; n < 3; n += 1) {
      const other = await RawClient.negotiated(server.path);
      other.close();
      await client.event('SESSION_CLOSED');
    }
    await RawClient.negotiated(server.path);
    const ids = (await client.ask('query-sessions')).map(({ id }: { id: string }) => id);
    assert.deepEqual(ids, ['1', '5']);
  });
});

for (const door of frontDoors) {
  describe(`session-close of a session on ${door.name}`, () => {
    it('ends it with end of file, and the reason is told', async () => {
      await using opened = await door.open();
      const { administrator } = opened;
      const client = await RawClient.negotiated(opened.where);
      await client.ask('query-status');
      const { data: begun } = await administrator.event('SESSION_OPENED');
      await administrator.ask('session-close', { id: begun?.id });
      await client.untilClosed();
      const { data } = await administrator.event('SESSION_CLOSED');
      assert.deepEqual(data, { id: begun?.id, reason: 'session-close', 'fds-closed': 0 });
      // The next one is served as if nothing had been.
      const next = await RawClient.negotiated(opened.where);
      await next.ask('query-status');
      next.close();
    });

    it('is answered when it is its own, and what follows it is dropped', async () => {
      await using opened = await door.open();
      const client = await RawClient.negotiated(opened.where);
      const { data: begun } = await opened.administrator.event('SESSION_OPENED');
      client.send(
        requestText('session-close', { id: begun?.id }, 'close') + requestText('query-status', {}, 'late'),
      );
      await client.untilClosed();
      assert.deepEqual(
        client.lines.filter((line) => !line.startsWith('{"timestamp"')),
        ['{"return": {}, "id": "close"}'],
      );
      assert.equal((await opened.administrator.event('SESSION_CLOSED')).data?.reason, 'session-close');
    });

    it('that quits: SHUTDOWN, the answer, end of file; the other sessions hear SHUTDOWN and the end', async () => {
      await using opened = await door.open();
      const mute = await RawClient.connect(opened.server.path);
      const client = await RawClient.negotiated(opened.where);
      client.send(requestText('quit', {}, 'quit') + requestText('query-status', {}, 'late'));
      await Promise.all([client.untilClosed(), opened.administrator.untilClosed(), mute.untilClosed()]);
      const heard = client.lines
        .map((line) => JSON.parse(line))
        .filter(({ event }) => event !== 'SESSION_OPENED');
      assert.deepEqual(
        heard.map(({ event, data, id }) => [event ?? id, data]),
        [
          ['SHUTDOWN', shutdown],
          ['quit', undefined],
        ],
      );
      assert.deepEqual((await opened.administrator.event('SHUTDOWN')).data, shutdown);
      assert.equal(mute.lines.length, 1);
      assert.equal(await opened.server.server.ended, 0);
    });
  });
}

describe('session-close', () => {
  it('of a session that is not there says so', async () => {
    await using server = await startTestServer();
    const client = await RawClient.negotiated(server.path);
    assert.equal(await client.refusal('session-close', { id: '7' }), "Session '7' not found");
  });

  it('while its command runs: the command goes on, and nobody gets the answer', async () => {
    await using server = await startTestServer();
    const watcher = await RawClient.negotiated(server.path);
    const client = await RawClient.negotiated(server.path);
    await watcher.ask('machine-set', { engine: 'embedded' });
    client.send(requestText('x-exit-preconfig', undefined, 'lost'));
    await watcher.event('PHASE_CHANGED');
    await watcher.ask('session-close', { id: '2' });
    await client.untilClosed();
    const { data } = await watcher.event('PHASE_CHANGED');
    assert.deepEqual(data, { from: 'creating', to: 'created' });
    assert.ok(!client.lines.some((line) => line.includes('lost')));
    assert.ok(!watcher.lines.some((line) => line.includes('lost')));
  });
});

describe('SESSION_OPENED and SESSION_CLOSED', () => {
  it('tell of clients that come and go, negotiated or not', async () => {
    await using server = await startTestServer();
    const watcher = await RawClient.negotiated(server.path);
    const socket = createConnection(server.path);
    await once(socket, 'connect');
    const { data: opened } = await watcher.event('SESSION_OPENED');
    assert.equal(opened?.id, '2');
    assert.equal(opened?.transport, 'unix');
    socket.destroy();
    const { data: closed } = await watcher.event('SESSION_CLOSED');
    assert.deepEqual(closed, { id: '2', reason: 'peer-closed', 'fds-closed': 0 });
  });
});

describe('the end of the server', () => {
  it('by a signal is SHUTDOWN with its reason, then end of file for all', async () => {
    await using server = await startTestServer();
    const clients = await Promise.all([RawClient.negotiated(server.path), RawClient.negotiated(server.path)]);
    await server.server.stopBySignal();
    for (const client of clients) {
      await client.untilClosed();
      assert.deepEqual((await client.event('SHUTDOWN')).data, { guest: false, reason: 'host-signal' });
    }
    await assert.rejects(RawClient.connect(server.path));
  });

  it('while the machine is being made waits for it, and takes it along', async () => {
    await using server = await startTestServer();
    const client = await RawClient.negotiated(server.path);
    const other = await RawClient.negotiated(server.path);
    await client.ask('machine-set', { engine: 'embedded' });
    client.send(requestText('x-exit-preconfig'));
    await other.event('PHASE_CHANGED');
    await other.ask('quit');
    assert.equal(await server.server.ended, 0);
    assert.equal(server.server.machine.phase, 'blank');
  });

  it('is the same when two clients ask for it at once', async () => {
    await using server = await startTestServer();
    const clients = await Promise.all([RawClient.negotiated(server.path), RawClient.negotiated(server.path)]);
    for (const client of clients) client.send(requestText('quit', {}, 'q'));
    await Promise.all(clients.map((client) => client.untilClosed()));
    assert.equal(await server.server.ended, 0);
  });
});
