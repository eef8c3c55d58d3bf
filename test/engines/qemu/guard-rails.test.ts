// Each input of the guard rails does harm to the real QEMU, and is refused by the engine before it gets there.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { describe, test } from 'node:test';
import { print } from '../../../src/json/print.ts';
import type { JsonObject } from '../../../src/json/value.ts';
import { binaries, forward, rig, tcg } from './rig.ts';

interface Harm {
  readonly command: string;
  readonly args: JsonObject;
  readonly refusal: RegExp;
  /** Versions that are not harmed. */
  readonly harmless?: string;
  /** What triggers the harm that was done. */
  readonly trigger?: string;
}

const backend = (type: string, data: JsonObject): JsonObject => ({ id: 'c', backend: { type, data } });

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
  {
    command: 'human-monitor-command',
    args: { 'command-line': 'chardev-add socket,id=w,host=127.0.0.1,port=0,server=on' },
    refusal: /say wait=off/,
  },
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
  },
  { command: 'device_add', args: { driver: 'pci-testdev', membar: 3 }, refusal: /power of two/ },
  { command: 'pmemsave', args: { val: 0, size: -1, filename: '/dev/null' }, refusal: /'size'/ },
  { command: 'blockdev-reopen', args: { options: [] }, refusal: /at least one node/ },
  {
    command: 'calc-dirty-rate',
    args: { 'calc-time': 1, mode: 'dirty-ring' },
    refusal: /dirty-ring/,
    harmless: 'QEMU 10',
  },
];

/** How long a QEMU may take to answer a question before it counts as wedged. */
const wedgedMs = 1_500;

/** What becomes of a QEMU that is given the input directly: "fine", or how it came to harm. */
function direct(binary: string, { command, args, trigger }: Harm): Promise<string> {
  const machine = ['-M', 'pc', '-accel', 'tcg', '-m', '64', '-display', 'none', '-nodefaults', '-S'];
  const qemu = spawn(binary, [...machine, '-qmp', 'stdio'], { stdio: ['pipe', 'pipe', 'ignore'] });
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('wedged'), wedgedMs);
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
    send(command, { arguments: args });
    if (trigger !== undefined) send(trigger, {});
    send('query-block', { id: 'end' });
    qemu.once('close', () => clearTimeout(timer));
  }).then((outcome) => {
    qemu.kill('SIGKILL');
    return String(outcome);
  });
}

for (const { label, path: binary } of binaries) {
  describe(label, () => {
    test('each input of the table would do harm', async () => {
      for (const harm of harms) {
        const outcome = await direct(binary, harm);
        const expected = harm.harmless === label ? /^fine$/ : /^(wedged|ended)/;
        assert.match(outcome, expected, `${harm.command} ${print(harm.args)}`);
      }
    });

    test('none of them reaches QEMU, which lives on', async () => {
      await using r = rig(binary);
      const machine = await r.create(tcg);
      for (const { command, args, refusal, harmless } of harms) {
        if (harmless === label) continue;
        const outcome = forward(machine, command, args);
        await assert.rejects(outcome, refusal, command);
      }
      assert.equal((await forward(machine, 'query-hotpluggable-cpus')).kind, 'return');
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
