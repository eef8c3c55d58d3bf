// Whole machines of the embedded engine by what a client says before there is one.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawClient } from '../../kit/clients/raw-client.ts';
import { startTestServer } from '../../kit/server/test-server.ts';

test('a network backend is declared, and the machine starts by itself', async () => {
  await using server = await startTestServer();
  const client = await RawClient.negotiated(server.path);
  await client.ask('machine-set', { engine: 'embedded', autostart: true, nic: [{ netdev: 'n' }] });
  assert.match(
    await client.refusal('netdev_add', { type: 'user', id: 'n' }),
    /netdev 'n' is of type 'user'; the embedded engine has stream and dgram/,
  );
  const remote = { type: 'inet', host: '127.0.0.1', port: '9' };
  await client.ask('netdev_add', { type: 'dgram', id: 'n', remote });
  await client.ask('x-exit-preconfig');
  assert.equal((await client.ask('query-status')).running, true);
});

test('what is said to be of this engine makes a machine of it', async () => {
  await using server = await startTestServer();
  const client = await RawClient.negotiated(server.path);
  const options = await client.ask('query-machine-options', { engine: 'embedded' });
  const names = options.map(({ name }: { name: string }) => name);
  assert.ok(names.includes('autostart') && names.includes('hdb'));
  assert.ok(!names.includes('hdc') && !names.includes('hdd'));
  assert.match(await client.refusal('machine-set', { hdc: null }), /'hdc' needs the engine 'qemu'/);
});
