// Descriptors that declarations name before there is a machine: they leave the session, outlive it, and reach QEMU at
// each creation.

import assert from 'node:assert/strict';
import net from 'node:net';
import path from 'node:path';
import { describe, it } from 'node:test';
import { native } from '../../src/transports/unix/native.ts';
import { FdClient } from '../kit/clients/fd-client.ts';
import { binaries } from '../kit/qemu/rig.ts';
import { startTestServer } from '../kit/server/test-server.ts';

const skip = native === undefined ? 'needs the native addon' : false;

/** A connected socket, whose other end is kept open by the server that is returned. */
async function connectedSocket(directory: string): Promise<{ fd: number; close: () => void }> {
  const server = net.createServer((peer) => peer.on('error', () => undefined));
  const socket = path.join(directory, 'peer');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const client = net.connect(socket);
  await new Promise((resolve) => client.once('connect', resolve));
  const { _handle: handle } = client as unknown as { _handle: { fd: number } };
  return {
    fd: handle.fd,
    close: () => {
      client.destroy();
      server.close();
    },
  };
}

for (const { label, path: qemuBinary } of binaries) {
  describe(label, { skip }, () => {
    it('a network backend on a descriptor is there after each creation', async () => {
      await using running = await startTestServer({ qemuBinary });
      const peer = await connectedSocket(running.directory);
      const first = await FdClient.negotiated(running.path);
      await first.ask('machine-set', { engine: 'qemu', accel: [{ type: 'tcg' }] });
      await first.askWith([peer.fd], 'getfd', { fdname: 'net' });
      await first.ask('netdev_add', { type: 'socket', id: 'n0', fd: 'net' });
      const listed = async (client: FdClient): Promise<unknown> =>
        ((await client.ask('query-fds')) as { session: string; claim: string; name?: string }[]).map(
          ({ session, claim, name }) => [session, claim, name],
        );
      assert.deepEqual(await listed(first), [['1', 'declared', 'net']]);
      first.close();

      const second = await FdClient.negotiated(running.path);
      for (let round = 0; round < 2; round += 1) {
        await second.ask('x-exit-preconfig');
        const nets = await second.ask('human-monitor-command', { 'command-line': 'info network' });
        assert.match(nets, /n0/);
        await second.ask('machine-destroy');
      }
      assert.deepEqual(await listed(second), [['1', 'declared', 'net']]);
      await second.ask('netdev_del', { id: 'n0' });
      assert.deepEqual(await listed(second), []);
      second.close();
      peer.close();
    });

    it('a name that is not there, or a number, is refused when it is declared', async () => {
      await using running = await startTestServer({ qemuBinary });
      const client = await FdClient.negotiated(running.path);
      await client.ask('machine-set', { engine: 'qemu', accel: [{ type: 'tcg' }] });
      const declare = (fd: string): Promise<string> =>
        client.refusal('netdev_add', { type: 'socket', id: 'n0', fd });
      assert.match(await declare('missing'), /File descriptor named 'missing' has not been found/);
      assert.match(await declare('7'), /is the number '7'/);
      client.close();
    });
  });
}
