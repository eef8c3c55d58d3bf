// Declarations that come while QEMU is being started: what it is given is fixed by then, so that taking them would be
// an answer that is not true.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { it } from 'node:test';
import { RawClient } from '../kit/clients/raw-client.ts';
import { installedQemu, startTestServer } from '../kit/server/test-server.ts';

const installed = (process.env.PATH ?? '')
  .split(':')
  .some((folder) => existsSync(`${folder}/${installedQemu}`));

const declarations: readonly (readonly [string, object])[] = [
  ['blockdev-add', { driver: 'null-co', 'node-name': 'n' }],
  ['blockdev-del', { 'node-name': 'n' }],
  ['object-add', { 'qom-type': 'rng-builtin', id: 'r' }],
  ['object-del', { id: 'r' }],
  ['device_add', { driver: 'virtio-rng-pci', id: 'd' }],
  ['device_del', { id: 'd' }],
  ['netdev_add', { type: 'user', id: 'u' }],
  ['netdev_del', { id: 'u' }],
  ['chardev-add', { id: 'c', backend: { type: 'null', data: {} } }],
  ['chardev-remove', { id: 'c' }],
];

it('declarations are refused while QEMU is being started, and taken before and after', {
  skip: installed ? false : 'needs QEMU',
}, async () => {
  await using server = await startTestServer({ qemuBinary: installedQemu });
  const client = await RawClient.negotiated(server.path);
  const other = await RawClient.negotiated(server.path);
  await client.ask('machine-set', { engine: 'qemu', accel: [{ type: 'tcg' }] });
  const created = client.execute('x-exit-preconfig');
  while ((await other.event('PHASE_CHANGED')).data?.to !== 'creating');
  const replies = await Promise.all(declarations.map(([name, args]) => other.execute(name, args)));
  for (const reply of replies) {
    assert.equal(reply?.error?.desc, 'The machine is being created: try again when that is over');
  }
  assert.deepEqual(await created, { return: {} });
  const [name, args] = declarations[0] ?? assert.fail();
  await other.ask(name, args);
});
