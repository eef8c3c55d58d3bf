// Random block operations on a real QEMU while the truth of its block nodes is kept; QEMU is killed at any moment, also
// within jobs; a new one is made from what was kept alone, and graph, modes, sizes and every flushed cluster are compared.
// The same runs each time; QMPD_SEED=N begins with another one, QMPD_RUNS=N says how many there are.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { QmpCommandError } from '../../../../src/client/errors.ts';
import { type JsonObject, type JsonValue, jsonObject } from '../../../../src/json/value.ts';
import { afterPivot, afterSnapshot } from '../../../../src/machine/configuration/block/change.ts';
import type { BlockGraph } from '../../../../src/machine/configuration/block/graph.ts';
import { type BlockDeclarations, BlockTruth } from '../../../../src/machine/configuration/block/truth.ts';
import { clusterBytes, createImage, DisksOfQemu, soundOverlay } from './disks-of-qemu.ts';

const clusters = 32;
const binary = 'qemu-system-x86_64';

/** mulberry32: small, and the same everywhere. */
class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  chance(of: number): boolean {
    return this.next() < of;
  }

  choice<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

/** QEMU, and whoever keeps the truth, die here. */
class Death extends Error {}

interface Kept {
  readonly declarations: BlockDeclarations;
  readonly intent?: {
    readonly overlay: string;
    readonly backing: string;
    readonly declarations: BlockDeclarations;
  };
}

class Run {
  readonly random: Random;
  readonly directory: string;
  readonly log: string[] = [];
  readonly truth: BlockTruth = new BlockTruth();
  /** By device, what the guest has flushed into each cluster. */
  readonly data: Map<string, number[]> = new Map();
  readonly devices: Set<string> = new Set(['cd']);
  qemu: DisksOfQemu;
  kept: Kept | undefined;
  held = false;
  #count = 0;
  #backings: Map<string, string | undefined> = new Map();

  constructor(random: Random, directory: string, qemu: DisksOfQemu) {
    this.random = random;
    this.directory = directory;
    this.qemu = qemu;
  }

  name(prefix: string): string {
    this.#count += 1;
    return `${prefix}${this.#count}`;
  }

  file(prefix: string): string {
    return path.join(this.directory, `${this.name(prefix)}.qcow2`);
  }

  async ask(command: string, args: object): Promise<JsonValue> {
    this.log.push(`${command} ${JSON.stringify(args)}`);
    return await this.qemu.ask(command, args);
  }

  /** What happens before the answer or the event of a change is passed on. */
  async keep(): Promise<void> {
    const graph = await this.qemu.graph();
    await this.#flushMoved(graph);
    const jobs = await this.qemu.ask('query-block-jobs');
    const busy = Array.isArray(jobs) && jobs.length > 0;
    this.kept = { declarations: this.truth.declarations(graph, this.devices, busy) };
  }

  /** A stream, and a commit into a base that could be written, end without a flush. */
  async #flushMoved(graph: BlockGraph): Promise<void> {
    const backings = new Map([...graph.edges].map(([node, children]) => [node, children.get('backing')]));
    for (const [node, backing] of backings) {
      if (!this.#backings.has(node) || this.#backings.get(node) === backing) continue;
      for (const each of [node, backing]) {
        if (each === undefined) continue;
        await this.qemu.ask('human-monitor-command', { 'command-line': `qemu-io ${each} flush` });
      }
    }
    this.#backings = backings;
  }

  /** Options that QEMU does not show, or shows differently. */
  hidden(): Record<string, JsonValue> {
    const { random } = this;
    return {
      ...(random.chance(0.3) ? { discard: random.choice(['unmap', 'ignore']) } : {}),
      ...(random.chance(0.3) ? { 'detect-zeroes': random.choice(['on', 'off']) } : {}),
      ...(random.chance(0.3) ? { cache: jsonObject({ 'no-flush': random.chance(0.3) }) } : {}),
    };
  }

  async image(file: string, more: Record<string, JsonValue> = {}): Promise<JsonObject> {
    const { random } = this;
    const inner = jsonObject({ driver: 'file', filename: file, ...this.hidden() });
    if (random.chance(0.4)) inner['node-name'] = this.name('f');
    const apart = inner['node-name'] !== undefined && random.chance(0.3);
    if (apart) await this.add(inner);
    const cache = random.chance(0.4) ? { 'l2-cache-size': random.choice([65_536, 131_072]) } : {};
    return jsonObject({
      driver: 'qcow2',
      'node-name': this.name('n'),
      ...this.hidden(),
      ...more,
      ...cache,
      file: apart ? (inner['node-name'] as string) : inner,
    });
  }

  async add(args: JsonObject): Promise<string> {
    await this.ask('blockdev-add', args);
    this.truth.added(await this.qemu.graph(), args);
    await this.keep();
    return String(args['node-name']);
  }

  async addDisk(): Promise<void> {
    let root = await this.add(await this.image(createImage(this.file('i'), clusters)));
    if (this.random.chance(0.2)) {
      const args = { driver: 'throttle', 'node-name': this.name('t'), 'throttle-group': 'group', file: root };
      root = await this.add(jsonObject(args));
    }
    const id = this.name('hd');
    await this.ask('device_add', { driver: 'scsi-hd', id, drive: root, bus: 'bus.0' });
    this.devices.add(id);
    this.data.set(id, new Array<number>(clusters).fill(0));
    await this.keep();
  }

  disk(): string {
    return this.random.choice([...this.data.keys()]);
  }

  /** The format node of a disk, below throttle filters. */
  root(graph: BlockGraph, id: string): string {
    const device = graph.devices.find((each) => each.id === id);
    let name = this.truth.below(graph, device?.root ?? '');
    while (graph.nodes.get(name)?.driver === 'throttle') name = graph.edges.get(name)?.get('file') ?? '';
    return name;
  }

  chain(graph: BlockGraph, top: string): string[] {
    const chain = [top];
    for (;;) {
      const backing = graph.edges.get(chain.at(-1)!)?.get('backing');
      if (backing === undefined) return chain;
      chain.push(this.truth.below(graph, backing));
    }
  }

  clustersOf(graph: BlockGraph, node: string): number {
    return Number(graph.nodes.get(node)?.virtualSize) / clusterBytes;
  }

  async write(): Promise<void> {
    for (let left = 1 + this.random.below(4); left > 0; left -= 1) {
      const id = this.disk();
      const data = this.data.get(id)!;
      const [cluster, pattern] = [this.random.below(data.length), 1 + this.random.below(254)];
      await this.qemu.io(id, `write -P ${pattern} ${cluster * clusterBytes} ${clusterBytes}`);
      data[cluster] = pattern;
    }
    for (const id of this.data.keys()) await this.qemu.io(id, 'flush');
  }

  mayDie(where: string, chance = 0.06): void {
    if (!this.random.chance(chance)) return;
    this.log.push(`killed: ${where}`);
    throw new Death();
  }
}

type Operation = (run: Run) => Promise<void>;

async function snapshot(run: Run): Promise<void> {
  const graph = await run.qemu.graph();
  const node = run.root(graph, run.disk());
  const [name, file] = [run.name('s'), run.file('o')];
  run.truth.inherited(node, name);
  const intended = new BlockTruth(run.truth.memory);
  intended.settle(node, true);
  const after = afterSnapshot(graph, intended, node, { name, driver: 'qcow2', file });
  const declarations = intended.declarations(after, run.devices, true);
  run.kept = {
    declarations: run.kept!.declarations,
    intent: { overlay: file, backing: graph.nodes.get(node)!.file, declarations },
  };
  const args = { 'snapshot-file': file, format: 'qcow2', 'node-name': node, 'snapshot-node-name': name };
  if (run.random.chance(0.15)) {
    // Nobody lives to hear the answer.
    void run.ask('blockdev-snapshot-sync', args).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, run.random.below(6)));
    throw new Death();
  }
  await run.ask('blockdev-snapshot-sync', args);
  if (run.random.chance(0.15)) {
    await run.write();
    throw new Death();
  }
  await run.keep();
}

async function snapshotOnNode(run: Run): Promise<void> {
  const graph = await run.qemu.graph();
  const node = run.root(graph, run.disk());
  const size = run.clustersOf(graph, node);
  const overlay = await run.add(await run.image(createImage(run.file('i'), size), { backing: null }));
  await run.ask('blockdev-snapshot', { node, overlay });
  await run.keep();
}

async function transaction(run: Run): Promise<void> {
  const graph = await run.qemu.graph();
  const nodes = [...new Set([...run.data.keys()].map((id) => run.root(graph, id)))];
  const made = nodes.map((node) => ({ node, name: run.name('s'), file: run.file('o') }));
  const actions: object[] = made.map(({ node, name, file }) => ({
    type: 'blockdev-snapshot-sync',
    data: { 'snapshot-file': file, format: 'qcow2', 'node-name': node, 'snapshot-node-name': name },
  }));
  if (run.random.chance(0.3)) actions.push({ type: 'abort', data: {} });
  for (const { node, name } of made) run.truth.inherited(node, name);
  await run.ask('transaction', { actions });
  await run.keep();
}

/** Up to "pending", where both images are the same and the guest's writes wait; false when the job came to nothing. */
async function untilPending(run: Run, job: string): Promise<boolean> {
  const ofJob = (data: JsonObject): boolean => (data.device ?? data.id) === job;
  const ends = ['BLOCK_JOB_READY', 'BLOCK_JOB_PENDING', 'BLOCK_JOB_COMPLETED', 'BLOCK_JOB_ERROR'];
  const first = await run.qemu.event(ends, ofJob);
  if (first !== 'BLOCK_JOB_READY') return first === 'BLOCK_JOB_PENDING';
  if (run.random.chance(0.5)) await run.write();
  if (run.random.chance(0.15)) {
    await run.ask('block-job-cancel', { device: job, force: true });
    await run.qemu.event(['BLOCK_JOB_CANCELLED'], ofJob);
    await run.keep();
    return false;
  }
  await run.ask('job-complete', { id: job });
  await run.qemu.event(['BLOCK_JOB_PENDING'], ofJob);
  return true;
}

async function pivot(run: Run, job: string, from: string, to: string, backing?: string): Promise<void> {
  const graph = await run.qemu.graph();
  run.truth.settle(to, false);
  const inner = graph.edges.get(to)?.get('file');
  if (inner !== undefined) run.truth.settle(inner, graph.nodes.get(inner)!.readOnly);
  const after = afterPivot(graph, run.truth, { from, to, backing });
  run.kept = { declarations: run.truth.declarations(after, run.devices, true) };
  run.mayDie(`pending ${job}`);
  await run.ask('job-finalize', { id: job });
  if (run.random.chance(0.3)) await run.write();
  run.mayDie(`finalized ${job}`);
  await run.qemu.event(['BLOCK_JOB_COMPLETED'], (data) => data.device === job);
  await run.keep();
}

async function mirror(run: Run): Promise<void> {
  const graph = await run.qemu.graph();
  const node = run.root(graph, run.disk());
  const chain = run.chain(graph, node);
  const job = run.name('j');
  const top = run.random.chance(0.5) && chain.length > 1;
  if (top && chain[1]!.startsWith('#')) return;
  const target = createImage(run.file('i'), run.clustersOf(graph, node));
  const spec = await run.image(target, { backing: top ? chain[1]! : null });
  const to = await run.add(spec);
  const sync = top ? 'top' : 'full';
  await run.ask('blockdev-mirror', { 'job-id': job, device: node, target: to, sync, 'auto-finalize': false });
  await run.keep();
  if (run.random.chance(0.2)) {
    run.held = true;
    return;
  }
  if (await untilPending(run, job)) await pivot(run, job, node, to);
}

async function driveMirror(run: Run): Promise<void> {
  const graph = await run.qemu.graph();
  const node = run.root(graph, run.disk());
  const chain = run.chain(graph, node);
  const [job, to, target] = [run.name('j'), run.name('m'), run.file('dm')];
  const sync = run.random.choice(['full', 'top', 'none']);
  const args = { 'job-id': job, device: node, target, format: 'qcow2', sync, 'node-name': to };
  await run.ask('drive-mirror', { ...args, 'auto-finalize': false });
  run.truth.inherited(node, to);
  await run.keep();
  const backing = sync === 'none' ? node : sync === 'top' ? chain[1] : undefined;
  if (await untilPending(run, job)) await pivot(run, job, node, to, backing);
}

async function untilCompleted(run: Run, job: string): Promise<void> {
  if (run.random.chance(0.3)) await run.write();
  run.mayDie(`running ${job}`);
  await run.qemu.event(['BLOCK_JOB_COMPLETED', 'BLOCK_JOB_CANCELLED'], (data) => data.device === job);
  run.mayDie(`completed ${job}`);
  await run.keep();
}

async function commit(run: Run): Promise<void> {
  const graph = await run.qemu.graph();
  const node = run.root(graph, run.disk());
  const chain = run.chain(graph, node);
  if (chain.length < 2) return;
  const top = run.random.below(chain.length - 1);
  const base = chain[top + 1 + run.random.below(chain.length - top - 1)]!;
  const job = run.name('j');
  if (top > 0) {
    const args = { 'job-id': job, device: node, 'top-node': chain[top], 'base-node': base };
    await run.ask('block-commit', args);
    await untilCompleted(run, job);
    return;
  }
  await run.ask('block-commit', { 'job-id': job, device: node, 'base-node': base, 'auto-finalize': false });
  await run.keep();
  if (await untilPending(run, job)) await pivot(run, job, node, base);
}

async function stream(run: Run): Promise<void> {
  const graph = await run.qemu.graph();
  const chain = run.chain(graph, run.root(graph, run.disk()));
  if (chain.length < 2) return;
  const at = run.random.below(chain.length - 1);
  const lower = chain.slice(at + 2);
  const base = lower.length > 0 && run.random.chance(0.6) ? { 'base-node': run.random.choice(lower) } : {};
  const slow = run.random.chance(0.2) ? { speed: 65_536 } : {};
  const job = run.name('j');
  await run.ask('block-stream', { 'job-id': job, device: chain[at], ...base, ...slow });
  await run.keep();
  if ('speed' in slow) run.held = true;
  else await untilCompleted(run, job);
}

async function backup(run: Run): Promise<void> {
  const graph = await run.qemu.graph();
  const node = run.root(graph, run.disk());
  const to = await run.add(await run.image(createImage(run.file('i'), run.clustersOf(graph, node))));
  await run.ask('blockdev-backup', { 'job-id': run.name('j'), device: node, target: to, sync: 'none' });
  await run.keep();
  run.held = true;
}

async function reopen(run: Run): Promise<void> {
  const graph = await run.qemu.graph();
  const owned = run.truth.memory.owned.filter((name) => graph.nodes.get(name)?.driver === 'qcow2');
  if (owned.length === 0) return;
  const node = run.random.choice(owned);
  const children = graph.edges.get(node);
  const [file, backing] = [children?.get('file') ?? '', children?.get('backing')];
  if (file.startsWith('#') || backing?.startsWith('#') === true) return;
  const readOnly = graph.nodes.get(node)!.readOnly;
  const cache = run.random.chance(0.5) ? { 'l2-cache-size': 65_536 } : {};
  const args = { driver: 'qcow2', 'node-name': node, ...run.hidden(), ...cache, file, 'read-only': readOnly };
  const options = jsonObject({ ...args, backing: backing ?? null });
  await run.ask('blockdev-reopen', { options: [options] });
  run.truth.reopened(await run.qemu.graph(), options);
  await run.keep();
}

async function resize(run: Run): Promise<void> {
  const id = run.disk();
  const graph = await run.qemu.graph();
  const root = graph.devices.find((device) => device.id === id)?.root;
  const data = run.data.get(id)!;
  await run.ask('block_resize', { 'node-name': root, size: (data.length + 1) * clusterBytes });
  data.push(0);
  await run.keep();
}

async function medium(run: Run): Promise<void> {
  const inserted = (await run.qemu.graph()).devices.find(({ id }) => id === 'cd')?.root !== undefined;
  const open = { id: 'cd', force: true };
  if (run.random.chance(0.3)) {
    const filename = createImage(run.file('i'), clusters);
    const args = { id: 'cd', filename, format: 'qcow2', 'read-only-mode': 'read-only' };
    await run.ask('blockdev-change-medium', args);
    await run.keep();
    return;
  }
  const next = inserted && run.random.chance(0.5) ? undefined : createImage(run.file('i'), clusters);
  await run.ask('blockdev-open-tray', open);
  if (inserted) await run.ask('blockdev-remove-medium', { id: 'cd' });
  if (next !== undefined) {
    const node = await run.add(await run.image(next, { 'read-only': true }));
    await run.ask('blockdev-insert-medium', { id: 'cd', 'node-name': node });
    await run.ask('blockdev-close-tray', { id: 'cd' });
  }
  await run.keep();
}

async function removeDisk(run: Run): Promise<void> {
  if (run.data.size < 2) return;
  const id = run.disk();
  await run.ask('device_del', { id });
  await run.qemu.event(['DEVICE_DELETED'], (data) => data.device === id);
  run.data.delete(id);
  run.devices.delete(id);
  await run.keep();
}

async function removeNode(run: Run): Promise<void> {
  const node = run.random.choice(run.truth.memory.owned);
  await run.ask('blockdev-del', { 'node-name': node });
  run.truth.removed(node);
  await run.keep();
}

async function addNode(run: Run): Promise<void> {
  const file = createImage(run.file('i'), clusters);
  await run.add(await run.image(file, { 'read-only': run.random.chance(0.5) }));
}

const operations: readonly Operation[] = [
  (run) => run.write(),
  (run) => run.write(),
  async (run) => void (run.data.size < 4 && (await run.addDisk())),
  ...[snapshot, snapshot, snapshotOnNode, transaction, mirror, driveMirror, commit, commit, stream, backup],
  ...[reopen, resize, medium, removeDisk, removeNode, addNode],
];

/** What is compared: everything below the devices and the owned nodes, as it is without jobs. */
function picture(graph: BlockGraph, truth: BlockTruth, devices: ReadonlySet<string>): unknown {
  const { aliases, owned, readOnly } = truth.memory;
  const node = (name: string): unknown => {
    const at = truth.below(graph, name);
    const found = graph.nodes.get(at)!;
    const children = graph.edges.get(at) ?? new Map<string, string>();
    return {
      name: aliases.get(at) ?? (at.startsWith('#') ? '#' : at),
      driver: found.driver,
      file: children.size === 0 ? found.file : '',
      readOnly: readOnly.get(at) ?? found.readOnly,
      cache: found.cache,
      detectZeroes: found.detectZeroes,
      size: found.driver === 'file' ? undefined : found.virtualSize,
      children: Object.fromEntries([...children].sort().map(([key, child]) => [key, node(child)])),
    };
  };
  const roots = graph.devices.filter(({ id }) => devices.has(id));
  return {
    devices: Object.fromEntries(roots.map(({ id, root }) => [id, root === undefined ? null : node(root)])),
    owned: Object.fromEntries([...owned].sort().map((name) => [name, node(name)])),
  };
}

async function oneRun(seed: number, directory: string): Promise<{ operations: number; exact: boolean }> {
  const random = new Random(seed);
  const run = new Run(random, directory, await DisksOfQemu.start(binary, directory));
  let exact = true;
  try {
    try {
      await run.ask('object-add', { 'qom-type': 'throttle-group', id: 'group' });
      await run.ask('device_add', { driver: 'scsi-cd', id: 'cd', bus: 'bus.0' });
      for (let left = 1 + random.below(3); left > 0; left -= 1) await run.addDisk();
      for (let left = 5 + random.below(35); left > 0; left -= 1) {
        await random
          .choice(operations)(run)
          .catch(async (thrown: unknown) => {
            if (!(thrown instanceof QmpCommandError)) throw thrown;
            run.log.push(`refused: ${thrown.message}`);
            await run.keep();
          });
      }
    } catch (thrown) {
      if (!(thrown instanceof Death)) throw thrown;
      exact = false;
    }
    const wanted = exact ? picture(await run.qemu.graph(), run.truth, run.devices) : undefined;
    await run.qemu.kill();
    const { kept } = run;
    assert.ok(kept !== undefined);
    const intent = kept.intent;
    const switched = intent !== undefined && soundOverlay(intent.overlay) === intent.backing;
    await makeAnew(run, switched ? intent.declarations : kept.declarations);
    const compared = new BlockTruth({ ...run.truth.memory, aliases: new Map() });
    if (wanted !== undefined)
      assert.deepEqual(named(picture(await run.qemu.graph(), compared, run.devices)), named(wanted));
    for (const [id, patterns] of run.data) {
      for (const [cluster, pattern] of patterns.entries())
        await run.qemu.io(id, `read -P ${pattern} ${cluster * clusterBytes} ${clusterBytes}`);
    }
    return { operations: run.log.length, exact };
  } catch (thrown) {
    const what = thrown instanceof Error ? thrown.message : String(thrown);
    throw new Error(`QMPD_SEED=${seed}: ${what}\n${run.log.slice(-25).join('\n')}`, { cause: thrown });
  } finally {
    await run.qemu.kill();
  }
}

async function makeAnew(run: Run, { nodes, late, roots }: BlockDeclarations): Promise<void> {
  run.qemu = await DisksOfQemu.start(binary, run.directory);
  await run.qemu.ask('object-add', { 'qom-type': 'throttle-group', id: 'group' });
  for (const node of nodes) await run.qemu.ask('blockdev-add', node);
  for (const [id, root] of roots) {
    const drive = root === null ? {} : { drive: root };
    await run.qemu.ask('device_add', {
      driver: id === 'cd' ? 'scsi-cd' : 'scsi-hd',
      id,
      bus: 'bus.0',
      ...drive,
    });
  }
  for (const node of late) await run.qemu.ask('blockdev-add', node);
}

/** Nested nodes are named by QEMU, differently each time. */
function named(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, each) => (key === 'name' && String(each).startsWith('#') ? '#' : each)),
  );
}

function missing(): string | false {
  for (const program of [binary, 'qemu-img']) {
    try {
      execFileSync(program, ['--version'], { stdio: 'ignore' });
    } catch {
      return `${program} is not installed`;
    }
  }
  return false;
}

test('a machine made from the kept block nodes is the one that died', {
  skip: missing(),
  timeout: 1_800_000,
}, async (context) => {
  const first = Number(process.env.QMPD_SEED ?? 1);
  const runs = Number(process.env.QMPD_RUNS ?? 3);
  let operationsDone = 0;
  for (let seed = first; seed < first + runs; seed += 1) {
    const directory = mkdtempSync(path.join(tmpdir(), 'qmpd-blocks-'));
    try {
      operationsDone += (await oneRun(seed, directory)).operations;
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
  context.diagnostic(`QMPD_SEED=${first} QMPD_RUNS=${runs}: ${operationsDone} operations`);
});
