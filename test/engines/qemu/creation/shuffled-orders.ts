// A machine is what was declared, in whatever order that was done: shuffled orders of the same declarations give the
// object tree that QEMU itself makes from a command line in its own order. The tests are in the files of this name.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from '../../../../src/client/index.ts';
import { deviceTree } from '../../../kit/qemu/device-tree.ts';
import type { InstalledQemu } from '../../../kit/qemu/installed.ts';
import { generator } from '../../../kit/seeded-random.ts';
import { startTestServer } from '../../../kit/server/test-server.ts';
import { commandLine, type DeclaringCommand, declarations, type Variant } from './declared-machine.ts';

const machinesAtOnce = 2;

const allVariants: readonly Variant[] = [
  { defaults: false, globals: false },
  { defaults: true, globals: true },
  { defaults: true, globals: false },
  { defaults: false, globals: true },
];

function shuffled(declared: readonly DeclaringCommand[], seed: number): DeclaringCommand[] {
  const pick = generator(seed);
  const left = [...declared];
  const order = declared.flatMap(() => left.splice(pick(left.length), 1));
  // A monitor speaks on its chardev from its making on.
  const monitor = order.findIndex(({ args }) => args['qom-type'] === 'monitor-qmp');
  const chardev = order.findIndex(({ args }) => args.id === 'monitor');
  if (monitor < chardev) order.splice(chardev, 0, ...order.splice(monitor, 1));
  return order;
}

/** Lines without what only one of two has, the monitor's own chardev; buses number devices as they come to them. */
function comparable(tree: ReadonlyMap<string, string>, directory: string): string[] {
  return [...tree]
    .map(
      ([key, value]) => `${key.replace(/ child\[\d+\]$/, ' child[]')} ${value.replaceAll(directory, 'DIR')}`,
    )
    .filter((line) => !/^\/chardevs[ /](qmpd|compat_monitor0)/.test(line));
}

function difference(tree: readonly string[], expected: readonly string[]): string[] {
  const [here, there] = [new Set(tree), new Set(expected)];
  return [
    ...tree.filter((line) => !there.has(line)).map((line) => `too much: ${line}`),
    ...expected.filter((line) => !here.has(line)).map((line) => `missing: ${line}`),
  ];
}

/** The tree of a QEMU that was started by hand; its preconfig state numbers the consoles of the screen differently. */
async function expectedTree(binary: string, variant: Variant): Promise<string[]> {
  const directory = await mkdtemp(path.join(tmpdir(), 'qmpd-test-'));
  const socket = path.join(directory, 'qmp.sock');
  const monitor = ['-preconfig', '-qmp', `unix:${socket},server=on,wait=off`];
  const qemu = spawn(binary, [...commandLine(variant, directory), ...monitor], { stdio: 'ignore' });
  const ended = once(qemu, 'exit');
  try {
    while (!existsSync(socket)) {
      assert.equal(qemu.exitCode, null);
      await delay(10);
    }
    await using client = await connect({ address: socket, oob: false });
    await client.executeAny('x-exit-preconfig');
    return comparable(await deviceTree(client), directory);
  } finally {
    qemu.kill('SIGKILL');
    await ended;
    await rm(directory, { recursive: true });
  }
}

async function declaredTree(binary: string, variant: Variant, seed: number): Promise<string[]> {
  await using server = await startTestServer({ qemuBinary: binary });
  await using client = await connect({ address: server.path, oob: false });
  for (const { command, args } of shuffled(declarations(variant, server.directory), seed)) {
    await client.executeAny(command, args);
  }
  await client.executeAny('x-exit-preconfig');
  return comparable(await deviceTree(client), server.directory);
}

/** So many orders, each of its own seed from the first one on; each variant of the machine has its turn. */
export function testOrders({ label, path: binary }: InstalledQemu, firstSeed: number, count: number): void {
  describe(`a machine of ${label}, with and without defaults and globals, declared in shuffled orders`, () => {
    const variants = allVariants.slice(0, count);
    const expected = new Map<Variant, string[]>();
    test('QEMU itself makes a tree for each, and no two are the same', async (context) => {
      for (const variant of variants) expected.set(variant, await expectedTree(binary, variant));
      const trees = [...expected.values()];
      for (const [n, tree] of trees.entries()) {
        for (const other of trees.slice(n + 1)) assert.notDeepEqual(difference(tree, other), []);
      }
      context.diagnostic(
        `QMPD_SEED=${firstSeed}; properties: ${trees.map(({ length }) => length).join(', ')}`,
      );
    });
    const orders = Array.from({ length: count }, (_, order) => firstSeed + order);
    test(`${orders.length} orders give the same trees`, async () => {
      const lane = async (): Promise<void> => {
        for (let seed = orders.shift(); seed !== undefined; seed = orders.shift()) {
          const variant = variants[seed % variants.length];
          assert.ok(variant);
          const tree = await declaredTree(binary, variant, seed);
          const found = difference(tree, expected.get(variant) ?? []);
          assert.deepEqual(found, [], `QMPD_SEED=${seed} ${JSON.stringify(variant)}`);
        }
      };
      await Promise.all(Array.from({ length: machinesAtOnce }, lane));
    });
  });
}
