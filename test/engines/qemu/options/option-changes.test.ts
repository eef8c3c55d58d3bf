// Options of a machine that exists: applied and seen in a real QEMU, or kept with the reason why not. Everything goes
// through a whole server, as a client would.

import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connect } from '../../../../src/client/index.ts';
import { optionTable } from '../../../../src/engines/qemu/options/index.ts';
import type { MachineOptionName } from '../../../../src/schema/index.ts';
import { requestText } from '../../../kit/clients/line-client.ts';
import { RawClient } from '../../../kit/clients/raw-client.ts';
import { qemuBinaries } from '../../../kit/qemu/qemu-under-test.ts';
import { startTestServer, type TestServer } from '../../../kit/server/test-server.ts';
import { allEffects } from './all-effects.ts';
import { manyOptions } from './many-options.ts';

type Results = { option: string; result: string; reason?: string }[];

const mebibyte = 1_048_576;

/** Options that were changed, and seen to be; and those that were kept or refused, with the reason. */
const changed = new Set<string>();
const kept = new Set<string>();

/** Values of options that have no effect on a PC, or none that QEMU shows. */
const others = {
  engine: 'embedded',
  autostart: true,
  'graphics-mode': { width: 800, height: 600 },
  'old-param': true,
  'prom-env': [{ name: 'a', value: 'b' }],
  rotate: 90,
  semihosting: { enable: true },
  shim: '/shim',
  xen: { attach: true },
};

for (const binary of qemuBinaries) {
  describe(`a machine in QEMU ${binary.major}.${binary.minor}`, () => {
    let server: TestServer;
    let client: RawClient;
    let requests = 0;

    /** Sets one option and tells what became of it. */
    const set = async (option: string, value: unknown): Promise<string> => {
      const [result] = (await client.ask('machine-set', { [option]: value })) as Results;
      assert.equal(result?.option, option);
      if (result.result === 'applied' || result.result === 'needs-reset') changed.add(option);
      return result.result;
    };
    /** For answers of QEMU's own, which need not be of qmpd's schema. */
    // biome-ignore lint/suspicious/noExplicitAny: tests look into what they expect
    const qemu = async (command: string, args?: object): Promise<any> => {
      requests += 1;
      const id = `q${requests}`;
      client.send(requestText(command, args, id));
      const lines = await client.until((all) => all.some((line) => line.includes(`"id": "${id}"`)));
      return JSON.parse(lines.find((line) => line.includes(`"id": "${id}"`)) ?? '').return;
    };
    const monitor = (line: string): Promise<string> =>
      client.ask('human-monitor-command', { 'command-line': line });
    const file = (name: string): string => path.join(server.directory, name);

    const limitedDrive = (bps: number): object => {
      return {
        id: 'd0',
        if: 'virtio',
        file: file('two.iso'),
        format: 'raw',
        'read-only': true,
        throttling: { bps },
      };
    };

    before(async () => {
      server = await startTestServer({ qemuBinary: binary.path });
      for (const name of ['one.iso', 'two.iso']) writeFileSync(file(name), Buffer.alloc(65_536));
      writeFileSync(file('floppy.img'), Buffer.alloc(1_474_560));
      client = await RawClient.connect(server.path);
      await client.negotiate();
      await client.ask('chardev-add', { id: 'g0', backend: { type: 'ringbuf', data: {} } });
      await client.ask('machine-set', {
        engine: 'qemu',
        machine: { type: 'pc' },
        accel: [{ type: 'tcg' }],
        memory: { size: 64 * mebibyte, slots: 2, 'max-size': 512 * mebibyte },
        smp: { cpus: 1, maxcpus: 3 },
        ...(binary.major >= 9 ? { vnc: {} } : {}),
        cdrom: null,
        fda: null,
        fdb: null,
        boot: { order: ['disk'] },
        gdb: 'g0',
        drive: [limitedDrive(1_000_000)],
      });
      await client.ask('x-exit-preconfig');
    });

    after(async () => {
      client.close();
      await server[Symbol.asyncDispose]();
    });

    test('memory grows by a memory device, and is not taken away', async () => {
      const memory = { slots: 2, 'max-size': 512 * mebibyte };
      assert.equal(await set('memory', { size: 192 * mebibyte, ...memory }), 'applied');
      const summary = await client.ask('query-memory-size-summary');
      assert.deepEqual(summary, { 'base-memory': 64 * mebibyte, 'plugged-memory': 128 * mebibyte });
      assert.equal(await set('memory', { size: 128 * mebibyte, ...memory }), 'needs-restart');
      assert.match(
        await client.refusal('machine-set', { memory: { size: 193 * mebibyte, ...memory } }),
        /multiples of 2 MiB/,
      );
      assert.equal(await set('memory', { size: 192 * mebibyte, ...memory }), 'applied');
    });

    test("CPUs are added up to 'maxcpus'", async () => {
      assert.equal(await set('smp', { cpus: 3, maxcpus: 3 }), 'applied');
      assert.equal((await client.ask('query-cpus-fast')).length, 3);
      assert.equal(await set('smp', { cpus: 4, maxcpus: 4 }), 'needs-restart');
      assert.equal(await set('smp', { cpus: 3, maxcpus: 3 }), 'applied');
    });

    test('media are changed by image, by block node, and taken out', async () => {
      const inserted = async (): Promise<string | undefined> => {
        const drives = await qemu('query-block');
        const drive = drives.find(({ device, qdev }: { device: string; qdev?: string }) =>
          `${device} ${qdev}`.includes('cd'),
        );
        return drive.inserted?.file;
      };
      assert.equal(await set('cdrom', { file: file('one.iso') }), 'applied');
      assert.equal(await inserted(), file('one.iso'));
      const node = { driver: 'raw', 'node-name': 'two', 'read-only': true };
      await client.ask('blockdev-add', { ...node, file: { driver: 'file', filename: file('two.iso') } });
      assert.equal(await set('cdrom', 'two'), 'applied');
      assert.equal(await inserted(), file('two.iso'));
      assert.equal(await set('cdrom', null), 'applied');
      assert.equal(await inserted(), undefined);
    });

    test('floppies are changed, too', async () => {
      for (const [option, device] of [
        ['fda', 'floppy0'],
        ['fdb', 'floppy1'],
      ] as const) {
        assert.equal(await set(option, { file: file('floppy.img') }), 'applied');
        const drives: { device: string; inserted?: { file: string } }[] = await qemu('query-block');
        assert.equal(drives.find((drive) => drive.device === device)?.inserted?.file, file('floppy.img'));
        assert.equal(await set(option, null), 'applied');
      }
    });

    test('network cards are plugged behind those of the board, and taken out at a reset', async () => {
      const mac = '52:54:00:12:34:77';
      await client.ask('netdev_add', { type: 'user', id: 'n1' });
      assert.equal(await set('nic', [{ model: 'virtio', netdev: 'n1', mac }]), 'applied');
      assert.match(
        await monitor('info network'),
        /qmpd-nic-0: .*model=virtio-net-pci,macaddr=52:54:00:12:34:77/,
      );
      assert.equal(await set('nic', [{ model: 'e1000', netdev: 'n1', mac }]), 'needs-restart');
      assert.equal(await set('nic', [{ model: 'virtio', netdev: 'n1', mac }]), 'applied');
      assert.equal(await set('nic', []), 'needs-reset');
    });

    test('limits of drives are changed', async () => {
      assert.equal(await set('drive', [limitedDrive(2_000_000)]), 'applied');
      const drives = await qemu('query-block');
      assert.equal(drives.find(({ device }: { device: string }) => device === 'd0').inserted.bps, 2_000_000);
      assert.equal(await set('drive', [{ ...limitedDrive(2_000_000), if: 'ide' }]), 'needs-restart');
      assert.equal(await set('drive', [limitedDrive(2_000_000)]), 'applied');
    });

    test('a VNC server is there, where to is told later, and it goes again', async () => {
      const addr = { type: 'unix', path: file('vnc') };
      assert.equal(await set('vnc', { addr }), 'applied');
      assert.match(JSON.stringify(await qemu('query-vnc-servers')), new RegExp(file('vnc')));
      assert.equal(await set('vnc', { addr, lossy: true }), 'needs-restart');
      assert.equal(await set('vnc', {}), 'applied');
      assert.deepEqual((await qemu('query-vnc-servers'))[0].server, []);
      assert.equal(await set('vnc', { addr }), 'applied');
    });

    test('the order of booting changes with the next reset, the rest with a restart', async () => {
      assert.equal(await set('boot', { order: ['network', 'cdrom'] }), 'needs-reset');
      await monitor('o /b 0x70 0x3d');
      assert.match(await monitor('i /b 0x71'), /0x34/);
      assert.equal(await set('boot', { order: ['network'], menu: true }), 'needs-restart');
    });

    test('log, trace points, lock profile and debugger are switched', async () => {
      assert.equal(await set('log', { items: ['unimp'], file: file('log') }), 'applied');
      assert.equal(await set('trace', { enable: ['memory_region_ops_write'] }), 'applied');
      const event = { name: 'memory_region_ops_write' };
      assert.equal((await qemu('trace-event-get-state', event))[0].state, 'enabled');
      assert.equal(await set('trace', { enable: [] }), 'applied');
      assert.equal((await qemu('trace-event-get-state', event))[0].state, 'disabled');
      assert.equal(await set('profile', { sync: true }), 'applied');
      assert.match(await monitor('sync-profile'), /is on/);
      assert.equal((await client.ask('machine-unset', { options: ['gdb'] }))[0].result, 'applied');
      changed.add('gdb');
    });

    test('TCG is told to stop after each instruction, and stays TCG', async () => {
      const properties = { 'one-insn-per-tb': true };
      assert.equal(await set('accel', [{ type: 'tcg', properties }]), 'applied');
      if (binary.major < 8) assert.equal((await qemu('query-status')).singlestep, true);
      assert.equal(await set('accel', [{ type: 'kvm' }]), 'needs-restart');
      assert.equal(await set('accel', [{ type: 'tcg' }]), 'applied');
    });

    test('when one option of several fails, the others are as before, or kept where they cannot be', async () => {
      const event = { name: 'memory_region_ops_read' };
      const memory = { size: 256 * mebibyte, slots: 2, 'max-size': 512 * mebibyte };
      const all = { memory, trace: { enable: [event.name] }, cdrom: { file: '/no/such/image' } };
      assert.match(await client.refusal('machine-set', all), /no\/such\/image/);
      assert.equal((await qemu('trace-event-get-state', event))[0].state, 'disabled');
      const plugged = (await client.ask('query-memory-size-summary'))['plugged-memory'];
      const [now] = await client.ask('query-machine-options', { options: ['memory'] });
      assert.equal(now.value.size, plugged + 64 * mebibyte);
      assert.equal(now.value.size, 256 * mebibyte);
      assert.equal(now.pending, undefined);
    });

    test('what happens at the end changes', async () => {
      assert.equal(await set('action', { reboot: 'shutdown', shutdown: 'pause' }), 'applied');
      await client.ask('cont');
      await client.ask('system_reset');
      await client.event('SHUTDOWN');
      while ((await qemu('query-status')).status !== 'shutdown') await client.ask('query-name');
    });

    test('every option that is fixed is kept for the next machine, and tells why', async () => {
      const fixed = new Map(
        optionTable.filter(({ change }) => !('plan' in change)).map((one) => [one.name, one]),
      );
      const samples = allEffects(server.directory)
        .filter(({ since = 0, until = 99 }) => binary.major >= since && binary.major <= until)
        .map(({ options }): [string, unknown] => Object.entries(options)[0] ?? ['', null]);
      for (const [name, value] of [...samples, ...Object.entries(others)]) {
        if (!fixed.has(name as MachineOptionName)) continue;
        const reply = await client.execute('machine-set', { [name]: value, 'dry-run': true });
        const [result] = (reply?.return ?? []) as Results;
        // What this QEMU could not be started with, or the present options do not leave room for, is refused.
        const reason = result === undefined ? reply?.error?.desc : result.reason;
        if (result !== undefined) assert.equal(result.result, 'needs-restart', name);
        assert(reason !== undefined && reason.length > 10, name);
        kept.add(name);
      }
      assert.deepEqual(
        [...fixed.keys()].filter((name) => !kept.has(name)),
        [],
      );
      assert.equal(await set('uuid', '12345678-1234-5678-9abc-def012345678'), 'needs-restart');
      const [uuid] = await client.ask('query-machine-options', { options: ['uuid'] });
      assert.deepEqual([uuid.value, uuid.pending], [undefined, '12345678-1234-5678-9abc-def012345678']);
      assert.equal((await client.ask('query-uuid')).UUID, '00000000-0000-0000-0000-000000000000');
    });

    test('every option that cannot change says why, and everyone is told of what changed', async () => {
      const infos = await client.ask('query-machine-options');
      assert.deepEqual(
        infos.map(({ name }: { name: string }) => name).sort(),
        optionTable.map(({ name }) => name).sort(),
      );
      for (const { name, change, reason, engines } of infos) {
        assert(change === 'live' || typeof reason === 'string', `${name} has a reason`);
        assert(engines.includes('qemu'), name);
      }
      assert(
        client.events.some(({ event, data }) => event === 'MACHINE_OPTION_CHANGED' && data?.option === 'smp'),
      );
    });
  });
}

describe('the configuration of a machine that does not exist yet', () => {
  const [binary] = qemuBinaries;
  const skip = binary === undefined;

  test('what QEMU could not be started with is refused at once, and nothing is set', { skip }, async () => {
    await using server = await startTestServer({ qemuBinary: binary?.path ?? '' });
    const client = await RawClient.negotiated(server.path);
    const refusal = (options: object): Promise<string> => client.refusal('machine-set', options);
    await client.ask('machine-set', { engine: 'qemu' });
    assert.match(await refusal({ name: 'vm', hda: null }), /a hard disk cannot be empty/);
    assert.match(
      await refusal({ cpu: { model: 'max', properties: { 'model-id': 'a,b' } } }),
      /cannot take a comma/,
    );
    assert.match(await refusal({ machine: { type: 'q35', properties: 'hpet=off' } }), /expected: object/);
    assert.match(await refusal({ hdc: 'a', cdrom: 'b' }), /the same place/);
    assert.match(await refusal({ hda: 'node', machine: { type: 'virt' } }), /needs its drives as devices/);
    assert.match(await refusal({ engine: 'embedded', vnc: {} }), /'vnc' needs the engine 'qemu'/);
    assert.equal((await client.ask('query-name')).name, undefined);
    client.close();
  });

  test('a machine starts by itself if it is told to, and waits for a migration if it is', {
    skip,
  }, async () => {
    await using server = await startTestServer({ qemuBinary: binary?.path ?? '' });
    const client = await RawClient.negotiated(server.path);
    const tcg = [{ type: 'tcg' }];
    await client.ask('machine-set', {
      engine: 'qemu',
      accel: tcg,
      autostart: true,
      memory: { size: 16_777_216 },
    });
    await client.ask('x-exit-preconfig');
    await client.event('RESUME');
    client.close();
    await using shared = await connect(server.path);
    await shared.executeAny('machine-destroy');
    await shared.execute('machine-unset', { options: ['autostart'] });
    await shared.execute('machine-set', { incoming: 'defer' });
    await shared.execute('x-exit-preconfig');
    const uri = `unix:${server.directory}/migration`;
    assert.equal((await shared.execute('machine-set', { incoming: uri }))[0]?.result, 'applied');
    assert(existsSync(`${server.directory}/migration`));
    changed.add('incoming');
    await shared.execute('chardev-add', { id: 'q0', backend: { type: 'ringbuf', data: {} } });
    assert.equal((await shared.execute('machine-set', { qtest: { chardev: 'q0' } }))[0]?.result, 'applied');
    assert.equal((await shared.execute('machine-unset', { options: ['qtest'] }))[0]?.result, 'needs-restart');
    changed.add('qtest');
  });
});

for (const binary of qemuBinaries) {
  test(`a machine with many options at once is made in QEMU ${binary.major}.${binary.minor}`, async () => {
    await using server = await startTestServer({ qemuBinary: binary.path });
    await using client = await connect(server.path);
    const { options, declarations } = manyOptions(server.directory);
    // What options name is declared after them.
    await client.executeAny('machine-set', options);
    for (const [command, args] of declarations) await client.executeAny(command, args);
    await client.execute('x-exit-preconfig');
    const tree = String(await client.executeAny('human-monitor-command', { 'command-line': 'info qtree' }));
    for (const seen of [
      'dev: e1000e',
      'dev: hda-output',
      'serial = "GLOBAL"',
      'dev: VGA',
      'dev: ide-cd',
      'netdev = "n0"',
    ]) {
      assert(tree.includes(seen), `${seen} in ${tree}`);
    }
    assert.equal((await client.execute('query-name')).name, 'many, options');
  });
}

test('every option was changed and seen, or kept with the reason', {
  skip: qemuBinaries.length === 0,
}, () => {
  const both = [...changed].filter((name) => kept.has(name));
  assert.deepEqual(both, []);
  const names = optionTable.map(({ name }) => name).filter((name) => !changed.has(name) && !kept.has(name));
  assert.deepEqual(names, []);
});

after(() => {
  const all = optionTable.length;
  const list = [...changed].sort().join(' ');
  console.log(
    `options of a machine that exists: ${changed.size} of ${all} changed and seen (${list}), ${kept.size} kept with the reason`,
  );
});
