// Values of a device's properties: what device_add takes while there is no machine is what it takes of the machine that
// runs, in each release, with the same words; and what was taken makes a machine.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RawClient } from '../../kit/clients/raw-client.ts';
import { qemuBinaries } from '../../kit/qemu/qemu-under-test.ts';
import { startTestServer } from '../../kit/server/test-server.ts';

const values: readonly object[] = [
  { mrg_rxbuf: true, vectors: 3 },
  { mrg_rxbuf: 'on' },
  { mrg_rxbuf: 'maybe' },
  { mrg_rxbuf: 1 },
  { vectors: '3' },
  { vectors: '0x3' },
  { vectors: true },
  { addr: '0x7.0' },
  { mac: '52:54:00:00:00:07' },
  { rx_queue_size: '512' },
];

for (const binary of qemuBinaries) {
  describe(`QEMU ${binary.major}.${binary.minor}`, () => {
    test('text and other types are taken where QEMU takes them', async () => {
      await using server = await startTestServer({ qemuBinary: binary.path });
      const client = await RawClient.negotiated(server.path);
      await client.ask('machine-set', { accel: [{ type: 'tcg' }], machine: { type: 'pc' } });
      const declared = [];
      for (const [index, properties] of values.entries()) {
        const id = `declared${index}`;
        const reply = await client.execute('device_add', { driver: 'virtio-net-pci', id, ...properties });
        declared.push(reply);
        if (reply?.error === undefined) {
          await client.ask('x-exit-preconfig');
          await client.ask('machine-destroy');
          await client.ask('device_del', { id });
        }
      }
      await client.ask('x-exit-preconfig');
      const live = [];
      for (const [index, properties] of values.entries()) {
        live.push(
          await client.execute('device_add', { driver: 'virtio-net-pci', id: `d${index}`, ...properties }),
        );
      }
      assert.deepEqual(declared, live);
    });
  });
}
