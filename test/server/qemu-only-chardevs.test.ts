// Backends that only QEMU has: it makes them itself, declared before its machine or added while that runs, and says in
// its own words what it cannot make here.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { qemuBinaries } from '../kit/chardevs/sides.ts';
import { RawClient } from '../kit/clients/raw-client.ts';
import { startTestServer } from '../kit/server/test-server.ts';

const made: readonly (readonly [type: string, data: object])[] = [
  ['vc', { cols: 80, rows: 24 }],
  ['msmouse', {}],
  ['wctablet', {}],
  ['qemu-vdagent', { clipboard: true }],
  ['testdev', {}],
];

/** Their modules may not be installed; braille needs a daemon, and SPICE a SPICE server. */
const refused: readonly (readonly [type: string, data: object, why: RegExp])[] = [
  ['braille', {}, /brlapi|not a valid char driver name|not supported/],
  ['spiceport', { fqdn: 'org.example' }, /spice not enabled|not a valid char driver name|not supported/],
];

for (const binary of qemuBinaries) {
  describe(`backends of ${binary} alone`, () => {
    test('are made with its machine, or while it runs', async () => {
      await using server = await startTestServer({ qemuBinary: binary });
      const client = await RawClient.negotiated(server.path);
      await client.ask('machine-set', { engine: 'qemu', machine: { type: 'none' }, defaults: false });
      for (const [type, data] of made) {
        await client.ask('chardev-add', { id: `before-${type}`, backend: { type, data } });
      }
      await client.ask('x-exit-preconfig');
      for (const [type, data] of made) {
        await client.ask('chardev-add', { id: `later-${type}`, backend: { type, data } });
      }
      const list: { label: string }[] = await client.ask('query-chardev');
      const labels = list.map(({ label }) => label);
      for (const [type] of made) {
        assert.ok(labels.includes(`before-${type}`) && labels.includes(`later-${type}`), type);
      }
    });

    for (const [type, data, why] of refused) {
      test(`${type}, which it cannot make here, is refused in its words`, async () => {
        await using server = await startTestServer({ qemuBinary: binary });
        const client = await RawClient.negotiated(server.path);
        await client.ask('machine-set', { engine: 'qemu', machine: { type: 'none' }, defaults: false });
        await client.ask('chardev-add', { id: 'c', backend: { type, data } });
        assert.match(await client.refusal('x-exit-preconfig'), why);
        await client.ask('chardev-remove', { id: 'c' });
        await client.ask('x-exit-preconfig');
        assert.match(await client.refusal('chardev-add', { id: 'c', backend: { type, data } }), why);
      });
    }
  });
}
