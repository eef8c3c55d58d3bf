// monitor-qmp objects that are made before what they need: its order does not matter while there is no machine, and what
// is missing is named when the machine is to be made.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { RawClient } from '../kit/clients/raw-client.ts';
import { startTestServer, type TestServer } from '../kit/server/test-server.ts';

function unixServer(server: TestServer, name: string): { place: string; backend: object } {
  const place = path.join(server.directory, name);
  const addr = { type: 'unix', data: { path: place } };
  return { place, backend: { type: 'socket', data: { addr, server: true, wait: false } } };
}

function muxOver(chardev: string): object {
  return { type: 'mux', data: { chardev } };
}

function monitorOn(chardev: string, id = 'm'): object {
  return { 'qom-type': 'monitor-qmp', id, chardev };
}

async function serves(place: string): Promise<void> {
  const client = await RawClient.negotiated(place);
  await client.ask('query-status');
  client.close();
}

const small = { engine: 'embedded', memory: { size: 16_777_216 } };

test('a monitor waits for its chardev, and serves as soon as that is declared', async () => {
  await using server = await startTestServer();
  const client = await RawClient.negotiated(server.path);
  const { place, backend } = unixServer(server, 'c');
  await client.ask('object-add', monitorOn('c'));
  await client.ask('chardev-add', { id: 'c', backend });
  await serves(place);
  assert.equal(await client.refusal('chardev-remove', { id: 'c' }), "Chardev 'c' is busy");
});

test('the answer to the chardev that was waited for has the name of its pty', async () => {
  await using server = await startTestServer();
  const client = await RawClient.negotiated(server.path);
  await client.ask('object-add', monitorOn('c'));
  const answer = await client.ask('chardev-add', { id: 'c', backend: { type: 'pty', data: {} } });
  assert.match(answer.pty, /^\/dev\/pts\/\d+$/);
});

test('a monitor waits for what its chardev needs, too', async () => {
  await using server = await startTestServer();
  const client = await RawClient.negotiated(server.path);
  const { place, backend } = unixServer(server, 'base');
  await client.ask('chardev-add', { id: 'm1', backend: muxOver('base') });
  await client.ask('object-add', monitorOn('m1'));
  await client.ask('object-add', monitorOn('m1', 'n'));
  assert.deepEqual(await client.ask('chardev-add', { id: 'base', backend }), {});
  await serves(place);
});

test('credentials may come after the monitor and its socket', async () => {
  await using server = await startTestServer();
  const client = await RawClient.negotiated(server.path);
  const addr = { type: 'inet', data: { host: '127.0.0.1', port: '0' } };
  const backend = { type: 'socket', data: { addr, server: true, wait: false, 'tls-creds': 't' } };
  await client.ask('object-add', monitorOn('c'));
  await client.ask('chardev-add', { id: 'c', backend });
  const closed = await client.ask('query-chardev');
  assert.equal(closed[0].filename, 'socket');
  await client.ask('object-add', { 'qom-type': 'tls-creds-anon', id: 't', endpoint: 'server' });
  const [open] = await client.ask('query-chardev');
  assert.match(open.filename, /^disconnected:tcp:127\.0\.0\.1:\d+,server=on$/);
});

test('what is missing is named when the machine is to be made, and the machine is made when it is there', async () => {
  await using server = await startTestServer();
  const client = await RawClient.negotiated(server.path);
  await client.ask('machine-set', small);
  await client.ask('object-add', monitorOn('c'));
  assert.equal(
    await client.refusal('x-exit-preconfig'),
    "The monitor-qmp object 'm' has no chardev: Chardev 'c' not found",
  );
  await client.ask('chardev-add', { id: 'c', backend: muxOver('b') });
  assert.equal(
    await client.refusal('x-exit-preconfig'),
    "The monitor-qmp object 'm' has no chardev: Failed to add chardev 'c': mux: base chardev b not found",
  );
  await client.ask('chardev-add', { id: 'b', backend: { type: 'null', data: {} } });
  await client.ask('x-exit-preconfig');
});

test('a monitor that waits can be deleted, and nobody waits then', async () => {
  await using server = await startTestServer();
  const client = await RawClient.negotiated(server.path);
  await client.ask('machine-set', small);
  await client.ask('object-add', monitorOn('c'));
  await client.ask('object-del', { id: 'm' });
  const { place, backend } = unixServer(server, 'c');
  await client.ask('chardev-add', { id: 'c', backend });
  await assert.rejects(RawClient.connect(place));
  await client.ask('x-exit-preconfig');
});

test('a chardev that is waited for and cannot be opened is refused, and may be tried again', async () => {
  await using server = await startTestServer();
  const client = await RawClient.negotiated(server.path);
  await client.ask('object-add', monitorOn('c'));
  const nowhere = { type: 'file', data: { out: '/nonexistent/file' } };
  for (let round = 0; round < 2; round += 1) {
    assert.equal(
      await client.refusal('chardev-add', { id: 'c', backend: nowhere }),
      "Failed to add chardev 'c': Could not open '/nonexistent/file': No such file or directory",
    );
  }
  assert.deepEqual(await client.ask('query-chardev'), []);
  const { place, backend } = unixServer(server, 'c');
  await client.ask('chardev-add', { id: 'c', backend });
  await serves(place);
});

test('a chardev that closes a circle is refused', async () => {
  await using server = await startTestServer();
  const client = await RawClient.negotiated(server.path);
  await client.ask('object-add', monitorOn('a'));
  await client.ask('chardev-add', { id: 'a', backend: muxOver('b') });
  assert.match(
    await client.refusal('chardev-add', { id: 'b', backend: muxOver('a') }),
    /chardevs need each other in a circle: a -> b -> a$/,
  );
  assert.deepEqual(
    (await client.ask('query-chardev')).map(({ label }: { label: string }) => label),
    ['a'],
  );
});

test('the second monitor of a chardev with one user goes without, and does no harm to others', async () => {
  const messages: string[] = [];
  await using server = await startTestServer({ log: (message) => messages.push(message) });
  const client = await RawClient.negotiated(server.path);
  await client.ask('machine-set', small);
  await client.ask('object-add', monitorOn('c'));
  await client.ask('object-add', monitorOn('c', 'n'));
  const { place, backend } = unixServer(server, 'c');
  await client.ask('chardev-add', { id: 'c', backend });
  await serves(place);
  const told = "The monitor-qmp object 'n' has no chardev: chardev 'c' is already in use";
  assert.ok(messages.includes(told), messages.join('\n'));
  await client.ask('chardev-add', { id: 'other', backend: { type: 'null', data: {} } });
  assert.equal(await client.refusal('x-exit-preconfig'), told);
  await client.ask('object-del', { id: 'n' });
  await client.ask('x-exit-preconfig');
});

test('once there is a machine, a chardev has to be there first', async () => {
  await using server = await startTestServer();
  const client = await RawClient.negotiated(server.path);
  await client.ask('machine-set', small);
  await client.ask('x-exit-preconfig');
  assert.equal(await client.refusal('object-add', monitorOn('nobody')), "Chardev 'nobody' not found");
  assert.equal(await client.refusal('object-del', { id: 'm' }), "object 'm' not found");
});

test('a monitor that deletes itself with its client may have waited, and goes with the first one only', async () => {
  await using server = await startTestServer();
  const client = await RawClient.negotiated(server.path);
  const { place, backend } = unixServer(server, 'c');
  for (const action of ['none', 'delete']) {
    await client.ask('object-add', { ...monitorOn('c'), 'close-action': action });
    await client.ask('chardev-add', { id: 'c', backend });
    await serves(place);
    await client.event('SESSION_CLOSED');
    if (action === 'none') {
      await serves(place);
      await client.event('SESSION_CLOSED');
      await client.ask('object-del', { id: 'm' });
    } else {
      assert.equal(await client.refusal('object-del', { id: 'm' }), "object 'm' not found");
      // Nobody serves there any more: a connection stays without a greeting.
      const late = net.connect(place);
      await once(late, 'connect');
      await client.ask('query-sessions');
      assert.equal(late.bytesRead, 0);
      late.destroy();
    }
    await client.ask('chardev-remove', { id: 'c' });
  }
});
