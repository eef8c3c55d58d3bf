// What is added to a machine while it runs, and taken out of it, is so in the next machine, too.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { connect, type QmpClient } from '../../src/client/index.ts';
import { qemuBinaries } from '../kit/qemu/qemu-under-test.ts';
import { startTestServer } from '../kit/server/test-server.ts';

async function declared(client: QmpClient): Promise<string[]> {
  const commands = await client.execute('query-machine-config');
  return commands
    .filter(({ execute }) => execute !== 'machine-set')
    .map(({ execute, arguments: args }) => {
      const { id, 'node-name': node } = args as { id?: string; 'node-name'?: string };
      return `${execute} ${id ?? node}`;
    });
}

for (const binary of qemuBinaries) {
  describe(`a machine in QEMU ${binary.major}.${binary.minor}`, () => {
    test('what is added while it runs is there again after a restart, and what is removed is not', async () => {
      await using server = await startTestServer({ qemuBinary: binary.path });
      await using client = await connect(server.path);
      const run = (command: string, args?: object): ReturnType<typeof client.executeAny> =>
        client.executeAny(command, args);
      await run('machine-set', { engine: 'qemu', accel: [{ type: 'tcg' }], machine: { type: 'pc' } });
      await run('netdev_add', { type: 'user', id: 'n0' });
      await run('device_add', { driver: 'e1000', id: 'nic0', netdev: 'n0' });
      await run('x-exit-preconfig');
      await run('netdev_add', { type: 'user', id: 'n1' });
      await run('device_add', { driver: 'e1000', id: 'nic1', netdev: 'n1' });
      await run('blockdev-add', { driver: 'null-co', 'node-name': 'disk', size: 65_536 });
      await run('object-add', { 'qom-type': 'iothread', id: 'io0' });
      await run('object-add', { 'qom-type': 'iothread', id: 'io1' });
      await run('object-del', { id: 'io0' });
      await run('chardev-add', { id: 'c0', backend: { type: 'null', data: {} } });
      await run('chardev-change', { id: 'c0', backend: { type: 'ringbuf', data: {} } });
      // A guest that does not answer gives its devices back at a reset.
      await run('device_del', { id: 'nic0' });
      const gone = client.eventsAny({ names: ['DEVICE_DELETED'] });
      await run('system_reset');
      await run('cont');
      await gone.next();
      await run('netdev_del', { id: 'n0' });
      const left = [
        'blockdev-add disk',
        'chardev-add c0',
        'device_add nic1',
        'netdev_add n1',
        'object-add io1',
      ];
      assert.deepEqual((await declared(client)).sort(), left);
      await run('machine-restart');
      const network = String(await run('human-monitor-command', { 'command-line': 'info network' }));
      assert.match(network, /^nic1: .*model=e1000/m);
      assert.doesNotMatch(network, /nic0/);
      assert.match(JSON.stringify(await run('query-chardev')), /ringbuf/);
      assert.equal(((await run('query-iothreads')) as unknown[]).length, 1);
      assert.equal(((await run('query-named-block-nodes')) as unknown[]).length, 1);
    });

    test('what QEMU refuses, or could not be given again, is not', async () => {
      await using server = await startTestServer({ qemuBinary: binary.path });
      await using client = await connect(server.path);
      await client.execute('machine-set', { engine: 'qemu', accel: [{ type: 'tcg' }] });
      await client.execute('x-exit-preconfig');
      await assert.rejects(client.executeAny('device_add', { driver: 'no-such', id: 'd0' }));
      await assert.rejects(client.executeAny('object-add', { 'qom-type': 'iothread', id: '0' }));
      await assert.rejects(client.executeAny('netdev_add', { type: 'tap', id: 'n0', fd: 'no-such' }));
      assert.deepEqual(await declared(client), []);
    });
  });
}
