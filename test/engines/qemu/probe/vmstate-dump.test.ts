// `query-vmstate-description` over a whole server, against what QEMU's own -dump-vmstate writes.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { connect } from '../../../../src/client/index.ts';
import { qemuBinaries } from '../../../kit/qemu/qemu-under-test.ts';
import { startTestServer } from '../../../kit/server/test-server.ts';

for (const binary of qemuBinaries) {
  describe(`-dump-vmstate of QEMU ${binary.major}.${binary.minor}`, () => {
    test('is answered as QEMU writes it, with or without a machine', async () => {
      await using server = await startTestServer({ qemuBinary: binary.path });
      await using client = await connect(server.path);
      const machineType = { 'machine-type': 'pc' };
      const { description } = await client.execute('query-vmstate-description', machineType);
      const file = path.join(server.directory, 'dump');
      const bare = ['-nodefaults', '-no-user-config', '-display', 'none'];
      spawnSync(binary.path, ['-machine', 'pc', ...bare, '-dump-vmstate', file]);
      assert.deepEqual(JSON.parse(JSON.stringify(description)), JSON.parse(readFileSync(file, 'utf8')));
      await client.execute('machine-set', { engine: 'qemu', accel: [{ type: 'tcg' }] });
      await client.execute('x-exit-preconfig');
      const q35 = await client.execute('query-vmstate-description', { 'machine-type': 'q35' });
      assert.match(JSON.stringify(q35), /"vmschkmachine":\{"Name":"pc-q35-[\d.]+"\}/);
    });

    test('is refused in its own words for a machine type that it does not have', async () => {
      await using server = await startTestServer({ qemuBinary: binary.path });
      await using client = await connect(server.path);
      for (const type of ['nonsense', 'pc,accel=kvm']) {
        await assert.rejects(
          client.execute('query-vmstate-description', { 'machine-type': type }),
          /unsupported machine type/,
        );
      }
      await client.execute('machine-set', { engine: 'embedded' });
      await assert.rejects(client.execute('query-vmstate-description'), /Only the engine 'qemu'/);
    });
  });
}
