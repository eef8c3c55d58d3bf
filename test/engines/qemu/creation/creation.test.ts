// From a configuration to a machine on real QEMU, and back.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { Declaration } from '../../../../src/machine/engine.ts';
import { QmpError } from '../../../../src/qmp/error.ts';
import { binaries, forward, rig, tcg, value } from '../../../kit/qemu/rig.ts';

const chardev: Declaration = {
  kind: 'chardev',
  id: 'ser0',
  arguments: { id: 'ser0', backend: { type: 'ringbuf', data: { size: 4096 } } },
};
const disk: Declaration = {
  kind: 'blockdev',
  id: 'disk0',
  arguments: { driver: 'raw', 'node-name': 'disk0', file: 'nullfile' },
};
const nullFile: Declaration = {
  kind: 'blockdev',
  id: 'nullfile',
  arguments: { driver: 'null-co', 'node-name': 'nullfile', size: 1048576, 'read-zeroes': true },
};
const thread: Declaration = { kind: 'object', id: 'io0', arguments: { 'qom-type': 'iothread', id: 'io0' } };
const netdev: Declaration = {
  kind: 'netdev',
  id: 'net0',
  arguments: { type: 'hubport', hubid: 0, id: 'net0' },
};
const blk: Declaration = {
  kind: 'device',
  id: 'vd0',
  arguments: { driver: 'virtio-blk-pci', id: 'vd0', drive: 'disk0', iothread: 'io0', bus: 'root1' },
};
const port: Declaration = {
  kind: 'device',
  id: 'root1',
  arguments: { driver: 'pcie-root-port', id: 'root1', bus: 'pcie.0', slot: 1 },
};
const nic: Declaration = {
  kind: 'device',
  id: 'nic0',
  arguments: { driver: 'virtio-net-pci', id: 'nic0', netdev: 'net0', mac: '52:54:00:12:34:56' },
};

for (const { label, path: binary } of binaries) {
  describe(label, () => {
    test('QEMU has nothing to complain about in how its monitors are made', async () => {
      await using r = rig(binary);
      const machine = await r.create({ ...tcg, machine: { type: 'none' }, 'human-monitor': ['ser0'] }, [
        chardev,
      ]);
      const used = (await value(machine, 'query-chardev')) as { label: string; 'frontend-open': boolean }[];
      assert.deepEqual(used.map(({ label, 'frontend-open': open }) => [label, open]).toSorted(), [
        ['qmpd', true],
        ['ser0', true],
      ]);
      const runs = readdirSync(path.join(r.directory, 'run'));
      const said = runs.map((run) => readFileSync(path.join(r.directory, 'run', run, 'stderr'), 'utf8'));
      assert.ok(said.length > 0);
      assert.equal(said.join(''), '');
    });

    for (const [way, options] of [
      ['memory.backend', { memory: { size: 67108864, backend: 'm0' } }],
      ['a machine property', { machine: { properties: { 'memory-backend': 'm0' } } }],
    ] as const) {
      test(`memory can come from a declared backend, named by ${way}`, async () => {
        await using r = rig(binary);
        const machine = await r.create({ ...tcg, ...options }, [
          {
            kind: 'object',
            id: 'm0',
            arguments: { 'qom-type': 'memory-backend-ram', id: 'm0', size: 67108864 },
          },
        ]);
        const [backend] = (await value(machine, 'query-memdev')) as { id: string; size: number }[];
        assert.deepEqual([backend?.id, backend?.size], ['m0', 67108864]);
      });
    }

    test('a q35 machine is made from declarations in any order, stopped, and goes when it is destroyed', async () => {
      await using r = rig(binary);
      const machine = await r.create(
        { ...tcg, machine: { type: 'q35' }, memory: { size: 67108864 }, name: 'a,b', serial: ['ser0'] },
        [nic, blk, port, disk, chardev, netdev, nullFile, thread],
      );
      assert.deepEqual(await value(machine, 'query-name'), { name: 'a,b' });
      assert.equal(((await value(machine, 'query-status')) as { status: string }).status, 'prelaunch');
      const resumed = r.host.next('RESUME');
      await value(machine, 'cont');
      await resumed;
      assert.deepEqual(r.host.runStates, ['running']);
      assert.equal((await forward(machine, 'device_del', { id: 'none' })).kind, 'error');
      const { pid } = machine.status();
      await machine.end();
      assert.equal(existsSync(`/proc/${pid}`), false);
      assert.deepEqual(await r.leftovers(), []);
    });

    test('an error of a declaration is told in the words of QEMU, and nothing is left behind', async () => {
      await using r = rig(binary);
      const bad: Declaration = { ...disk, arguments: { ...disk.arguments, file: 'missing' } };
      await assert.rejects(r.create(tcg, [bad]), (error: unknown) => {
        assert(error instanceof QmpError);
        assert.match(error.message, /blockdev 'disk0' cannot be made: Cannot find device='missing'/);
        return true;
      });
      assert.deepEqual(await r.leftovers(), []);
    });

    test('an error for which QEMU exits is told with its last words', async () => {
      await using r = rig(binary);
      const bad: Declaration = { ...nic, arguments: { driver: 'nonsense', id: 'nic0' } };
      await assert.rejects(r.create(tcg, [bad]), /nonsense.*is not a valid device model name/);
      await assert.rejects(r.create({ ...tcg, kernel: '/nonexistent/kernel' }), /exit status 1: .*kernel/);
      assert.deepEqual(await r.leftovers(), []);
    });

    test('a guest that is powered off ends the machine once, with its exit status', async () => {
      await using r = rig(binary);
      const machine = await r.create(tcg);
      const { pid } = machine.status();
      process.kill(pid ?? 0, 'SIGTERM');
      assert.equal((await r.host.end).status, 0);
      assert.deepEqual(
        r.host.events.map(({ name }) => name),
        ['SHUTDOWN'],
      );
      await assert.rejects(forward(machine, 'query-status'), /The machine is ending/);
      assert.deepEqual(await r.leftovers(), []);
    });

    test('a QEMU that is killed answers all who wait with how it ended', async () => {
      await using r = rig(binary);
      const machine = await r.create(tcg);
      const { pid } = machine.status();
      process.kill(pid ?? 0, 'SIGSTOP');
      const waiting = forward(machine, 'query-block');
      process.kill(pid ?? 0, 'SIGKILL');
      await assert.rejects(waiting, /query-block/);
      assert.equal((await r.host.end).status, -9);
    });
  });
}

test('a program that is missing, not executable or not QEMU is named', async () => {
  const machine = async (binary: string): Promise<unknown> => {
    await using r = rig(binary);
    const made = await r.create(tcg).catch((error: unknown) => error);
    assert.deepEqual(await r.leftovers(), []);
    return made;
  };
  assert.match(String(await machine('/nonexistent/qemu')), /'\/nonexistent\/qemu'.*No such file/);
  assert.match(String(await machine('/etc/passwd')), /'\/etc\/passwd'.*Permission denied/);
  assert.match(String(await machine('/usr')), /is a directory/);
  assert.match(String(await machine('/bin/false')), /'\/bin\/false'\) ended with exit status 1/);
});

test('a runtime directory that cannot be made is named', async () => {
  const file = '/proc/self/nothing';
  const [first] = binaries;
  await using r = rig(first?.path ?? '', { runtimeDirectory: file });
  await assert.rejects(r.create(tcg), /Cannot make a directory for QEMU in '\/proc\/self\/nothing'/);
});
