// The same random sequence of commands, given to a QEMU directly and to one behind the engine: every answer is the
// same, byte for byte.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { print } from '../../../src/json/print.ts';
import type { JsonObject } from '../../../src/json/value.ts';
import type { ForwardReply } from '../../../src/machine/instance.ts';
import { forward, rig, tcg } from '../../kit/qemu/rig.ts';
import { generator } from '../../kit/seeded-random.ts';

type Command = readonly [name: string, args?: JsonObject];
type Execute = (command: Command) => Promise<string>;

/** Few names, so that commands meet what others made. */
function commands(pick: (below: number) => number): Command {
  const name = ['a', 'b', 'c'][pick(3)] ?? 'a';
  const other = ['a', 'b', 'c'][pick(3)] ?? 'a';
  const all: Command[] = [
    ['query-status'],
    ['query-named-block-nodes'],
    ['query-block'],
    ['query-memdev'],
    ['query-iothreads'],
    ['query-memory-size-summary'],
    ['query-uuid'],
    ['query-cpus-fast'],
    ['query-hotpluggable-cpus'],
    ['query-jobs'],
    ['query-block-jobs'],
    ['no-such-command', { [name]: 1 }],
    ['query-status', { [name]: 'ä€😀' }],
    ['blockdev-add', { driver: 'null-co', 'node-name': name, size: 65536 + pick(9) * 512 }],
    ['blockdev-add', { driver: 'raw', 'node-name': name, file: other }],
    ['blockdev-add', { driver: 'null-co', 'node-name': `${name} ${other}` }],
    ['blockdev-add', { driver: 'null-co', 'node-name': name, size: '1' }],
    ['blockdev-del', { 'node-name': name }],
    ['block_resize', { 'node-name': name, size: pick(5) - 1 }],
    ['block-dirty-bitmap-add', { node: name, name: other }],
    ['block-dirty-bitmap-remove', { node: name, name: other }],
    ['object-add', { 'qom-type': 'throttle-group', id: name, limits: { 'iops-total': pick(3) } }],
    ['object-add', { 'qom-type': 'secret', id: name, data: other }],
    ['object-add', { 'qom-type': 'iothread', id: name }],
    ['object-del', { id: name }],
    ['qom-list', { path: '/objects' }],
    ['qom-get', { path: `/objects/${name}`, property: 'type' }],
    ['qom-set', { path: `/objects/${name}`, property: 'type', value: 1 }],
    ['chardev-add', { id: name, backend: { type: 'ringbuf', data: { size: 64 } } }],
    ['chardev-add', { id: name, backend: { type: 'mux', data: { chardev: other } } }],
    ['ringbuf-write', { device: name, data: other.repeat(pick(40)) }],
    ['ringbuf-read', { device: name, size: 64 }],
    ['chardev-remove', { id: name }],
    ['netdev_add', { type: 'hubport', hubid: pick(3), id: name }],
    ['netdev_del', { id: name }],
    ['set_link', { name, up: false }],
    ['device_add', { driver: 'virtio-rng-pci', id: name }],
    ['device_add', { driver: 'virtio-net-pci', id: name, netdev: other }],
    ['device_add', { driver: 'virtio-blk-pci', id: name, drive: other }],
    ['device_add', { driver: other }],
    ['device_del', { id: name }],
    ['stop'],
    ['human-monitor-command', { 'command-line': `info ${name}` }],
    ['migrate-set-parameters', { 'downtime-limit': pick(4000) - 1000 }],
    ['transaction', { actions: [{ type: 'abort', data: {} }] }],
  ];
  return all[pick(all.length)] ?? ['query-status'];
}

function directly(binary: string): { execute: Execute; end: () => void } {
  const machine = ['-M', 'pc', '-accel', 'tcg', '-m', '64', '-display', 'none', '-nodefaults', '-S'];
  const qemu = spawn(binary, [...machine, '-no-user-config', '-qmp', 'stdio'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let text = '';
  let waiting: (line: string) => void = () => undefined;
  qemu.stdout.on('data', (chunk) => {
    const lines = (text + String(chunk)).split('\r\n');
    text = lines.pop() ?? '';
    for (const line of lines) if (/"id": "d"/.test(line)) waiting(line);
  });
  const send = ([execute, args]: Command): Promise<string> =>
    new Promise((resolve) => {
      waiting = resolve;
      qemu.stdin.write(`${print({ execute, ...(args && { arguments: args }), id: 'd' })}\n`);
    });
  const ready = send(['qmp_capabilities']);
  return {
    execute: async (command) => {
      await ready;
      return (await send(command))
        .replace(/^\{"return": (.*), "id": "d"\}$/s, 'return $1')
        .replace(/^\{"id": "d", "error": (.*)\}$/s, 'error $1');
    },
    end: () => qemu.kill('SIGKILL'),
  };
}

/** What differs between two processes. */
function masked(text: string): string {
  return text.replace(/"thread-id": \d+/g, '"thread-id": 0');
}

/** As many commands as there are steps, of the order that the seed gives. */
export async function compareAnswers(binary: string, seed: number, steps: number): Promise<void> {
  await using r = rig(binary);
  const machine = await r.create({ ...tcg, machine: { type: 'pc' }, memory: { size: 67108864 } });
  const direct = directly(binary);
  const pick = generator(seed);
  try {
    for (let step = 0; step < steps; step += 1) {
      const command = commands(pick);
      const expected = masked(await direct.execute(command));
      const reply: ForwardReply = await forward(machine, ...command);
      assert.equal(
        masked(`${reply.kind} ${String(reply.text)}`),
        expected,
        `step ${step}: ${print([...command.slice(0, 1)] as string[])}`,
      );
    }
  } finally {
    direct.end();
  }
}
