// What a VNC client sees is the guest's screen, whether the server was declared or told its address later. Since QEMU 9.0
// a server that opens before the machine is made stays empty.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type QmpClient } from '../../../src/client/index.ts';
import { qemuBinaries } from '../../kit/qemu/qemu-under-test.ts';
import { startTestServer, type TestServer } from '../../kit/server/test-server.ts';

/** The size of a VNC server's screen, from RFB's beginning (RFC 6143, 7.1 to 7.3) without a password. */
async function vncSize(socketPath: string): Promise<string> {
  const socket = connectSocket(socketPath);
  let bytes = Buffer.alloc(0);
  const take = async (count: number): Promise<Buffer> => {
    while (bytes.length < count) bytes = Buffer.concat([bytes, (await once(socket, 'data'))[0]]);
    const taken = bytes.subarray(0, count);
    bytes = bytes.subarray(count);
    return taken;
  };
  try {
    await take(12);
    socket.write('RFB 003.008\n');
    await take((await take(1)).readUInt8());
    const noSecurity = Uint8Array.of(1);
    socket.write(noSecurity);
    await take(4);
    const shared = Uint8Array.of(1);
    socket.write(shared);
    const [width, height] = [(await take(2)).readUInt16BE(), (await take(2)).readUInt16BE()];
    return `${width} ${height}`;
  } finally {
    socket.destroy();
  }
}

/** Text mode of the firmware: QEMU's own empty screen has another size. */
const textMode = '720 400';

async function untilTextMode(client: QmpClient, { directory }: TestServer): Promise<void> {
  const filename = path.join(directory, 'screen.ppm');
  for (let tries = 0; tries < 500; tries += 1) {
    await client.executeAny('screendump', { filename });
    if (readFileSync(filename, 'latin1').split('\n')[1] === textMode) return;
    await delay(20);
  }
  assert.fail('the firmware set up no screen');
}

for (const binary of qemuBinaries) {
  describe(`QEMU ${binary.major}.${binary.minor}`, () => {
    test('a VNC server shows the screen of the guest', async () => {
      await using server = await startTestServer({ qemuBinary: binary.path });
      await using client = await connect(server.path);
      const vnc = path.join(server.directory, 'vnc');
      // What is declared besides has another way there, too.
      await client.executeAny('blockdev-add', { driver: 'null-co', 'node-name': 'n0', size: 65_536 });
      await client.executeAny('device_add', { driver: 'virtio-blk-pci', drive: 'n0' });
      await client.executeAny('netdev_add', { type: 'user', id: 'u0' });
      await client.executeAny('object-add', { 'qom-type': 'iothread', id: 'io0' });
      await client.execute('machine-set', {
        engine: 'qemu',
        accel: [{ type: 'tcg' }],
        vga: 'std',
        nic: [{ netdev: 'u0' }],
        vnc: { addr: { type: 'unix', path: vnc } },
      });
      await client.execute('x-exit-preconfig');
      assert.equal((await client.execute('query-status')).status, 'prelaunch');
      await client.execute('cont');
      await untilTextMode(client, server);
      assert.equal(await vncSize(vnc), textMode);
      await client.execute('machine-destroy');
      await client.executeAny('blockdev-add', { driver: 'file', 'node-name': 'n1', filename: '/no/image' });
      await assert.rejects(client.execute('x-exit-preconfig'), /no\/image/);
    });

    const skip = binary.major >= 9 && 'a VNC server that waits would not show the screen';
    test('so does one that was told its address later', { skip }, async () => {
      await using server = await startTestServer({ qemuBinary: binary.path });
      await using client = await connect(server.path);
      const addr = { type: 'unix', path: path.join(server.directory, 'vnc') } as const;
      await client.execute('machine-set', { engine: 'qemu', accel: [{ type: 'tcg' }], vga: 'std' });
      await client.execute('x-exit-preconfig');
      const [outcome] = await client.execute('machine-set', { vnc: { addr } });
      assert.equal(outcome?.result, 'applied');
      await client.execute('cont');
      await untilTextMode(client, server);
      assert.equal(await vncSize(addr.path), textMode);
    });
  });
}
