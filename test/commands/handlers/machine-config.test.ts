import assert from 'node:assert/strict';
import test from 'node:test';
import { connect } from '../../../src/client/index.ts';
import { installedQemu, startTestServer } from '../../kit/server/test-server.ts';

interface SetMemory {
  readonly arguments: { readonly memory: { readonly size: number } };
}

/** As plain objects, which deepEqual compares by members alone. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

test('the configuration comes as commands: options, declarations in their order, actions, and monitors last', async () => {
  await using running = await startTestServer({ qemuBinary: installedQemu });
  await using client = await connect(running.path);
  assert.deepEqual(plain(await client.execute('query-machine-config')), []);
  const made = [
    { execute: 'object-add', arguments: { 'qom-type': 'authz-simple', id: 'auth0', identity: 'x' } },
    { execute: 'machine-set', arguments: { name: 'vm1', serial: ['s0'], memory: { size: 67_108_864 } } },
    { execute: 'chardev-add', arguments: { id: 's0', backend: { type: 'null', data: {} } } },
    { execute: 'object-add', arguments: { 'qom-type': 'rng-random', id: 'rng0' } },
    { execute: 'device_add', arguments: { driver: 'virtio-rng-pci', rng: 'rng0' } },
    { execute: 'set-action', arguments: { reboot: 'shutdown' } },
    { execute: 'object-add', arguments: { 'qom-type': 'monitor-qmp', id: 'm0', chardev: 'c0' } },
  ];
  const chardev = { execute: 'chardev-add', arguments: { id: 'c0', backend: { type: 'null', data: {} } } };
  for (const { execute, arguments: args } of [chardev, ...[...made].reverse()]) {
    await client.executeAny(execute, args as never);
  }
  const config = plain(await client.execute('query-machine-config')) as typeof made;
  assert.deepEqual(
    config.map(({ execute, arguments: args }) => [execute, 'id' in args ? args.id : undefined]),
    [
      ['object-add', 'auth0'],
      ['machine-set', undefined],
      ['chardev-add', 'c0'],
      ['device_add', undefined],
      ['object-add', 'rng0'],
      ['chardev-add', 's0'],
      ['set-action', undefined],
      ['object-add', 'm0'],
    ],
  );
  assert.deepEqual(config[1], made[1]);
});

test('without its pending changes the configuration is what the machine was made with', async () => {
  await using running = await startTestServer({ qemuBinary: installedQemu });
  await using client = await connect(running.path);
  await client.execute('machine-set', { engine: 'embedded', memory: { size: 33_554_432 } });
  await client.execute('x-exit-preconfig');
  await client.execute('machine-set', { memory: { size: 67_108_864 } });
  const sizes: unknown[] = [];
  for (const pending of [true, false]) {
    const [set] = plain(await client.execute('query-machine-config', { pending })) as SetMemory[];
    sizes.push(set?.arguments.memory.size);
  }
  assert.deepEqual(sizes, [67_108_864, 33_554_432]);
});
