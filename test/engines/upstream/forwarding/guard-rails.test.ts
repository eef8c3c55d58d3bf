// Each input of the guard rails does harm to the real QEMU, and is refused by the engine before it gets there.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { describe, test } from 'node:test';
import { traitsOf } from '../../../../src/commands/traits.ts';
import { guardTypeQuestion } from '../../../../src/engines/upstream/forwarding/guard-rails.ts';
import { print } from '../../../../src/json/print.ts';
import type { JsonObject } from '../../../../src/json/value.ts';
import type { Declaration } from '../../../../src/machine/engine.ts';
import { RawClient } from '../../../kit/clients/raw-client.ts';
import { type InstalledQemu, isAmong, type Releases } from '../../../kit/qemu/installed.ts';
import { binaries, forward, rig, tcg, value } from '../../../kit/qemu/rig.ts';
import { startTestServer } from '../../../kit/server/test-server.ts';

interface Harm {
  readonly command: string;
  readonly args: JsonObject;
  readonly refusal: RegExp;
  /** Versions that are not harmed. */
  readonly harmless?: Releases;
  /** What has to be done first. */
  readonly before?: readonly (readonly [command: string, args: JsonObject])[];
  /** What triggers the harm that was done. */
  readonly trigger?: string;
}

const backend = (type: string, data: JsonObject, id = 'c'): JsonObject => ({ id, backend: { type, data } });

const openQtest = [
  ['chardev-add', { id: 'qt', backend: { type: 'ringbuf', data: { size: 64 } } }],
  ['object-add', { 'qom-type': 'qtest', id: 'q', chardev: 'qt' }],
] as const;

const socketAddress = { transport: 'socket', type: 'unix', path: '/nonexistent/cpr' };

const textConsole = [
  ['chardev-add', backend('vc', {}, 'text')],
  ['device_add', { driver: 'virtio-keyboard-pci', id: 'hub' }],
] as const;

/** The same input by way of the human monitor. */
function human(line: string, refusal: RegExp, more: Partial<Harm> = {}): Harm {
  return { command: 'human-monitor-command', args: { 'command-line': line }, refusal, ...more };
}

const harms: readonly Harm[] = [
  {
    command: 'qom-set',
    args: { path: '//machine/', property: 'smp', value: { cpus: 2 } },
    refusal: /'smp' cannot be changed after creation; machine-set keeps it/,
    trigger: 'query-hotpluggable-cpus',
  },
  {
    command: 'qom-set',
    args: { path: 'machine', property: 'smp', value: { cpus: 2 } },
    refusal: /'smp' cannot be changed/,
    trigger: 'query-hotpluggable-cpus',
  },
  {
    command: 'chardev-add',
    args: backend('socket', { addr: { type: 'inet', data: { host: '127.0.0.1', port: '0' } }, wait: true }),
    refusal: /'wait' would stop the whole machine/,
  },
  human('chardev-add socket,id=w,host=127.0.0.1,port=0,server=on', /say wait=off/),
  human('chardev-add "socket,id=w,host=127.0.0.1,port=0,server"', /say wait=off/),
  human('chardev-add vc,id=w,width=-1,height=-1', /'width' is out of range/),
  human('object_add memory-backend-ram,id=m,size=18446744073709551615', /'size' is out of range/),
  human('netdev_add tap,id=n,queues=0,script=no', /'queues' must be at least 1/, {
    harmless: { from: [11, 1] },
  }),
  human('device_add pci-testdev,membar=3', /power of two/),
  human('drive_add 0 if=none,driver=null-co,size=-1', /'size' is out of range: -1/),
  human("qom-set /machine smp {'cpus':2}", /cannot be changed after creation/, {
    trigger: 'query-hotpluggable-cpus',
  }),
  human('calc_dirty_rate -r 1', /needs the accelerator kvm/, { harmless: { from: [10, 0] } }),
  human('object_del q', /is a qtest/, { before: openQtest }),
  human('netdev_add tap,id=n,fd=0', /is the number '0'/),
  {
    command: 'object-add',
    args: { 'qom-type': 'memory-backend-ram', id: 'm', size: -1 },
    refusal: /'size' is out of range: -1/,
  },
  { command: 'blockdev-add', args: { driver: 'null-co', 'node-name': 'n', size: -1 }, refusal: /'size'/ },
  { command: 'chardev-add', args: backend('ringbuf', { size: 4611686018427387904n }), refusal: /'size'/ },
  { command: 'chardev-add', args: backend('vc', { width: -1, height: -1 }), refusal: /'width'/ },
  { command: 'chardev-add', args: backend('vc', { cols: 100000000, rows: 100000000 }), refusal: /'cols'/ },
  {
    command: 'netdev_add',
    args: { type: 'tap', id: 'n', queues: 0, script: 'no' },
    refusal: /'queues' must be at least 1/,
    harmless: { from: [11, 1] },
  },
  { command: 'device_add', args: { driver: 'pci-testdev', membar: 3 }, refusal: /power of two/ },
  {
    command: 'device_add',
    args: { driver: 'pci-testdev', membar: '0x3' },
    refusal: /power of two/,
    harmless: { from: [10, 0] },
  },
  {
    command: 'memsave',
    args: { val: 0, size: -1, filename: '/dev/null' },
    refusal: /'size'/,
    harmless: { from: [10, 0] },
  },
  { command: 'pmemsave', args: { val: 0, size: -1, filename: '/dev/null' }, refusal: /'size'/ },
  { command: 'blockdev-reopen', args: { options: [] }, refusal: /at least one node/ },
  {
    command: 'calc-dirty-rate',
    args: { 'calc-time': 1, mode: 'dirty-ring' },
    refusal: /'dirty-ring' needs the accelerator kvm/,
    harmless: { from: [10, 0] },
  },
  { command: 'object-del', args: { id: 'q' }, refusal: /'q' is a qtest/, before: openQtest },
  {
    command: 'transaction',
    args: { actions: [{ type: 'block-dirty-bitmap-enable', data: { node: 'n', name: 'b' } }] },
    refusal: /Node 'n' has no dirty bitmap 'b'/,
  },
  {
    command: 'migrate',
    args: { channels: [{ 'channel-type': 'cpr', addr: socketAddress }] },
    refusal: /'channels' must have one of type 'main'/,
    harmless: { before: [8, 2] },
  },
  {
    command: 'screendump',
    args: { filename: '/dev/null', device: 'hub' },
    refusal: /'device' cannot be given while there is a text console/,
    harmless: { before: [8, 0] },
    before: textConsole,
  },
  human('screendump /dev/null hub', /while there is a text console/, {
    harmless: { before: [8, 0] },
    before: textConsole,
  }),
  {
    command: 'input-send-event',
    args: { device: 'hub', events: [{ type: 'btn', data: { down: true, button: 'left' } }] },
    refusal: /while there is a text console/,
    harmless: { before: [8, 0] },
    before: textConsole,
  },
  {
    command: 'xen-load-devices-state',
    args: { filename: '/etc/passwd' },
    refusal: /'\/etc\/passwd' is not a migration stream/,
  },
  {
    command: 'object-add',
    args: { 'qom-type': 'acpi-generic-initiator', id: 'g', 'pci-dev': 'x', node: 1000 },
    refusal: /'node' is out of range: 1000/,
    harmless: { before: [8, 0] },
  },
  {
    command: 'object-add',
    args: { 'qom-type': 'cryptodev-backend-builtin', id: 'y', queues: 65 },
    refusal: /'queues' is out of range: 65/,
  },
  human('object_add cryptodev-backend-builtin,id=y,queues=65', /'queues' is out of range/),
];

function isHarmless(releases: Releases | undefined, qemu: InstalledQemu): boolean {
  return releases !== undefined && isAmong(releases, qemu);
}

/** Debian's 10.0.2 aborts on a VNC server that shows a text console, its 10.0.13 does not. */
const vncAborts = { from: [10, 0], before: [10, 1] } as const;

/** How long a QEMU may take to answer a question before it counts as wedged: more than a busy machine needs to start it. */
const wedgedMs = 10_000;
/** So many at once, since one that is wedged only waits. */
const qemusAtOnce = 8;
/** The same for one that is to answer or to end: others may want the processors. */
const answerLimitMs = 60_000;

/** What becomes of a QEMU that is given the input directly: "fine", or how it came to harm. */
function direct(
  binary: string,
  { command, args, before = [], trigger }: Omit<Harm, 'refusal'>,
  more: readonly string[] = [],
  limitMs = answerLimitMs,
): Promise<string> {
  const machine = ['-M', 'pc', '-accel', 'tcg', '-m', '64', '-display', 'none', '-nodefaults', '-S'];
  const qemu = spawn(binary, [...machine, ...more, '-qmp', 'stdio'], { stdio: ['pipe', 'pipe', 'ignore'] });
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('wedged'), limitMs);
    let output = '';
    qemu.stdin.on('error', () => undefined);
    qemu.stdout.on('data', (chunk) => {
      output += String(chunk);
      if (output.includes('"id": "end"')) resolve('fine');
    });
    qemu.once('exit', (status, signal) => resolve(`ended: ${signal ?? status}`));
    const send = (name: string, members: JsonObject): boolean =>
      qemu.stdin.write(`${print({ execute: name, ...members })}\n`);
    send('qmp_capabilities', {});
    for (const [name, members] of before) send(name, { arguments: members });
    send(command, { arguments: args });
    if (trigger !== undefined) send(trigger, {});
    send('query-block', { id: 'end' });
    qemu.once('close', () => clearTimeout(timer));
  }).then((outcome) => {
    qemu.kill('SIGKILL');
    return String(outcome);
  });
}

for (const qemu of binaries) {
  const { label, path: binary } = qemu;
  describe(label, () => {
    test('each input of the table would do harm', async () => {
      const left = [...harms];
      const lane = async (): Promise<void> => {
        for (let harm = left.shift(); harm !== undefined; harm = left.shift()) {
          const harmless = isHarmless(harm.harmless, qemu);
          const outcome = await direct(binary, harm, [], harmless ? answerLimitMs : wedgedMs);
          const expected = harmless ? /^fine$/ : /^(wedged|ended)/;
          assert.match(outcome, expected, `${harm.command} ${print(harm.args)}`);
        }
      };
      await Promise.all(Array.from({ length: qemusAtOnce }, lane));
    });

    test('none of them reaches QEMU, which lives on', async () => {
      await using r = rig(binary);
      const machine = await r.create(tcg);
      for (const { command, args, refusal, harmless, before = [] } of harms) {
        if (isHarmless(harmless, qemu)) continue;
        // The second time they are there already, which is as good.
        for (const [name, members] of before) await forward(machine, name, members);
        const outcome = forward(machine, command, args);
        await assert.rejects(outcome, refusal, print(args));
      }
      assert.equal((await forward(machine, 'query-hotpluggable-cpus')).kind, 'return');
    });

    test('what is fine beside it passes', async () => {
      await using r = rig(binary);
      const machine = await r.create({ ...tcg, vga: 'std' }, []);
      const node = { driver: 'null-co', 'node-name': 'n', size: 1_048_576 };
      await value(machine, 'blockdev-add', node);
      await value(machine, 'block-dirty-bitmap-add', { node: 'n', name: 'b', disabled: true });
      const enable = { type: 'block-dirty-bitmap-enable', data: { node: 'n', name: 'b' } };
      await value(machine, 'transaction', { actions: [enable] });
      const add = { type: 'block-dirty-bitmap-add', data: { node: 'n', name: 'c', disabled: true } };
      const enableAdded = { type: 'block-dirty-bitmap-enable', data: { node: 'n', name: 'c' } };
      await value(machine, 'transaction', { actions: [add, enableAdded] });
      await value(machine, 'object-add', { 'qom-type': 'cryptodev-backend-builtin', id: 'y', queues: 1 });
      await assert.rejects(
        value(machine, 'xen-load-devices-state', { filename: '/nonexistent/state' }),
        /nonexistent|open/i,
      );
      await value(machine, 'screendump', { filename: path.join(r.directory, 'screen') });
    });

    test('a harm that is done only sometimes is kept away as well', async () => {
      await using r = rig(binary);
      const machine = await r.create(tcg);
      // In a thread of its own, which mostly comes to the fault before QEMU ends.
      const bitmap = forward(machine, 'calc-dirty-rate', { 'calc-time': 1, mode: 'dirty-bitmap' });
      await assert.rejects(bitmap, /'dirty-bitmap' needs the accelerator kvm/);
    });

    test('a VNC server that shows a text console is not asked for', async () => {
      await using r = rig(binary);
      const socket = path.join(r.directory, 'vnc');
      const question = { command: 'query-vnc-servers', args: {} };
      const outcome = await direct(binary, question, ['-vnc', `unix:${socket}`, '-chardev', 'vc,id=t']);
      // The same release with later fixes answers.
      assert.match(outcome, isAmong(vncAborts, qemu) ? /^(ended|fine)/ : /^fine$/);

      const text: Declaration = { kind: 'chardev', id: 't', arguments: backend('vc', {}, 't') };
      const vnc = { ...tcg, vga: 'std', vnc: { addr: { type: 'unix', path: socket } } };
      const machine = await r.create(vnc, [text]);
      const answer = forward(machine, 'query-vnc-servers');
      if (isAmong(vncAborts, qemu)) await assert.rejects(answer, /shows the text console/);
      else assert.equal((await answer).kind, 'return');
      assert.equal((await forward(machine, 'query-vnc')).kind, 'return');
    });

    test('a VNC server of a machine with default ports shows the screen', async () => {
      await using r = rig(binary);
      const addr = { type: 'unix', path: path.join(r.directory, 'vnc') };
      const machine = await r.create({ ...tcg, defaults: true, vnc: { addr } });
      const [server] = (await value(machine, 'query-vnc-servers')) as { id: string }[];
      assert.equal(server?.id, 'default');
    });

    test('questions about types that would end it are not put to a QEMU that is only shared', async () => {
      const fatal = [
        ['device-list-properties', 'virtio-gpu-gl-pci', { before: [8, 0] }],
        ['device-list-properties', 'virtio-vga-gl', { before: [8, 0] }],
        ['qom-list-properties', 'microvm-machine', { before: [8, 0] }],
        ['qom-list-properties', 'x-remote-object', {}],
      ] as const;
      const release = { major: qemu.major, minor: qemu.minor, micro: 0 };
      for (const [command, typename, affected] of fatal) {
        if (!isAmong(affected, qemu)) {
          guardTypeQuestion(traitsOf(command), { typename }, release);
          continue;
        }
        // With the modules of a complete installation nothing happens.
        const outcome = await direct(binary, { command, args: { typename } });
        assert.match(outcome, command === 'qom-list-properties' ? /^ended/ : /^(ended|fine)/);
        assert.throws(() => guardTypeQuestion(traitsOf(command), { typename }, release), /can end by it/);
      }
    });

    test('questions about types whose module is missing are not put to the machine', async () => {
      await using r = rig(binary);
      const machine = await r.create(tcg);
      await forward(machine, 'device-list-properties', { typename: 'virtio-gpu-gl-pci' }).catch(
        () => undefined,
      );
      assert.equal((await forward(machine, 'query-block')).kind, 'return');
    });
  });
}

test('a number is not accepted as a descriptor for a guest to come in by, before creation or after', async () => {
  const [first] = binaries;
  if (first === undefined) return;
  await using server = await startTestServer({ qemuBinary: first.path });
  const client = await RawClient.negotiated(server.path);
  const byNumber = { incoming: 'fd:3' };
  assert.match(
    await client.refusal('machine-set', byNumber),
    /'incoming': '3' would be the number of a descriptor/,
  );
  await client.ask('machine-set', { ...tcg, incoming: 'defer' });
  await client.ask('x-exit-preconfig');
  const answer = JSON.stringify(await client.execute('machine-set', byNumber));
  assert.match(answer, /'3' would be the number of a descriptor/);
  assert.match(await client.refusal('migrate-incoming', { uri: 'fd:3' }), /is the number '3'/);
});
