// A running guest moves from one qmpd to another: over a socket that both know, and over one that a client gave them.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { describe, test } from 'node:test';
import { native } from '../../../src/transports/unix/native.ts';
import { FdClient } from '../../kit/clients/fd-client.ts';
import { binaries, tcg } from '../../kit/qemu/rig.ts';
import { startTestServer } from '../../kit/server/test-server.ts';

async function machine(client: FdClient, options: object = {}): Promise<void> {
  // Of QEMU's own events and answers our schema knows not all.
  client.checked = false;
  await client.ask('machine-set', {
    ...tcg,
    machine: { type: 'pc' },
    memory: { size: 16777216 },
    ...options,
  });
  await client.ask('x-exit-preconfig');
  await client.ask('cont');
}

async function moved(from: FdClient, to: FdClient): Promise<void> {
  for (;;) {
    const { status } = await from.ask('query-migrate');
    if (status === 'completed') break;
    assert.notEqual(status, 'failed');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal((await from.ask('query-status')).status, 'postmigrate');
  while ((await to.ask('query-status')).status === 'inmigrate')
    await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal((await to.ask('query-status')).status, 'running');
}

for (const { label, path: binary } of binaries) {
  describe(label, { skip: native === undefined ? 'needs the native addon' : false }, () => {
    for (const way of ['unix', 'fd'] as const) {
      test(`a guest moves between two qmpd by ${way}:`, async () => {
        await using source = await startTestServer({ qemuBinary: binary });
        await using target = await startTestServer({ qemuBinary: binary });
        const from = await FdClient.negotiated(source.path);
        const to = await FdClient.negotiated(target.path);
        await machine(from);
        await machine(to, { incoming: 'defer' });
        const where = path.join(source.directory, 'migration');
        if (way === 'unix') {
          await to.ask('migrate-incoming', { uri: `unix:${where}` });
          await from.ask('migrate', { uri: `unix:${where}` });
        } else {
          const server = net.createServer({ pauseOnConnect: true });
          await new Promise<void>((resolve) => server.listen(where, resolve));
          const accepted = once(server, 'connection') as Promise<[net.Socket]>;
          const out = net.connect(where).pause();
          const [into] = await accepted;
          for (const [client, end] of [
            [to, into],
            [from, out],
          ] as const) {
            const { _handle: handle } = end as unknown as { _handle: { fd: number } };
            await client.askWith([handle.fd], 'getfd', { fdname: 'stream' });
            end.destroy();
          }
          server.close();
          await to.ask('migrate-incoming', { uri: 'fd:stream' });
          await from.ask('migrate', { uri: 'fd:stream' });
        }
        await moved(from, to);
        for (const client of [from, to]) assert.deepEqual(await client.ask('query-fds'), []);
      });
    }
  });
}
