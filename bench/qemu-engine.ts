// `npm run build && node dist/bench/qemu-engine.js [--json] [BINARY...]`: a machine behind qmpd against the same one
// used directly, for each QEMU binary, in one run and in turns. Ratios only: the machines this runs on are shared.

import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { type LoadResult, load, negotiate } from './load.ts';
import { type Peer, startQemu, startQmpd } from './peers.ts';

interface Ratio {
  readonly name: string;
  readonly direct: number;
  readonly qmpd: number;
  /** Median of the ratios of each round. */
  readonly ratio: number;
}

const rounds = 7;
const secondsEach = 0.5;
const clients = 16;

const machine = ['-M', 'pc', '-accel', 'tcg', '-m', '64', '-S'] as const;
const options = {
  machine: { type: 'pc' },
  accel: [{ type: 'tcg' }],
  memory: { size: 64 * 1024 * 1024 },
};

/** Sends one command and waits for its answer. */
async function call(socket: Socket, command: string, args?: object): Promise<void> {
  socket.write(`${JSON.stringify({ execute: command, ...(args && { arguments: args }), id: 'call' })}\n`);
  let text = '';
  while (!/"id": "call"[^\n]*\n/.test(text)) text += String((await once(socket, 'data'))[0]);
  if (text.includes('"error"')) throw new Error(`${command}: ${text}`);
}

async function createMachine(qmpd: Peer): Promise<void> {
  const socket = await negotiate(qmpd.socket);
  await call(socket, 'machine-set', options);
  await call(socket, 'x-exit-preconfig');
  socket.destroy();
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

type Measure = () => Promise<Readonly<Record<string, number>>>;

/** Each figure of both sides, measured in turns. */
async function inTurns(direct: Measure, qmpd: Measure): Promise<Ratio[]> {
  const pairs: [Readonly<Record<string, number>>, Readonly<Record<string, number>>][] = [];
  for (let round = 0; round < rounds; round += 1) pairs.push([await direct(), await qmpd()]);
  return Object.keys(pairs[0]?.[0] ?? {}).map((name) => {
    const figures = pairs.map(([first, second]) => [first[name] ?? 0, second[name] ?? 0] as const);
    return {
      name,
      direct: median(figures.map(([first]) => first)),
      qmpd: median(figures.map(([, second]) => second)),
      ratio: median(figures.map(([first, second]) => second / first)),
    };
  });
}

function oneClient(peer: Peer, command: string, window: number): Measure {
  return async () => {
    const { p50Us, p99Us, perSecond }: LoadResult = await load(peer.socket, command, window, secondsEach);
    const name = `${command}, ${window} in flight:`;
    return { [`${name} p50 us`]: p50Us, [`${name} p99 us`]: p99Us, [`${name} a second`]: perSecond };
  };
}

/** Clients that all poll the same two queries, against one direct client that polls one. */
function polling(peer: Peer, count: number): Measure {
  return async () => {
    const commands = Array.from({ length: count }, (_, n) => (n % 2 === 0 ? 'query-status' : 'query-block'));
    const results = await Promise.all(commands.map((command) => load(peer.socket, command, 1, secondsEach)));
    const total = results.reduce((sum, { perSecond }) => sum + perSecond, 0);
    return { [`${clients} polling clients against one direct: answers a second`]: total };
  };
}

const creationName = 'from x-exit-preconfig to running, ms';

function createdByHand(binary: string): Measure {
  return async () => {
    const start = performance.now();
    await using peer = await startQemu(binary, machine, 0);
    const socket = await negotiate(peer.socket);
    await call(socket, 'cont');
    const elapsed = performance.now() - start;
    socket.destroy();
    return { [creationName]: elapsed };
  };
}

function createdByQmpd(qmpd: Peer): Measure {
  return async () => {
    const socket = await negotiate(qmpd.socket);
    await call(socket, 'machine-destroy');
    const start = performance.now();
    await call(socket, 'x-exit-preconfig');
    await call(socket, 'cont');
    const elapsed = performance.now() - start;
    socket.destroy();
    return { [creationName]: elapsed };
  };
}

async function measured(binary: string): Promise<Ratio[]> {
  await using direct = await startQemu(binary, machine);
  await using qmpd = await startQmpd('--qemu', binary);
  await createMachine(qmpd);
  await load(qmpd.socket, 'query-status', 1, 1);
  const ratios: Ratio[] = [];
  for (const window of [1, 8, 64]) {
    const status = 'query-status';
    ratios.push(...(await inTurns(oneClient(direct, status, window), oneClient(qmpd, status, window))));
  }
  ratios.push(...(await inTurns(polling(direct, 1), polling(qmpd, clients))));
  const schema = 'query-qmp-schema';
  ratios.push(...(await inTurns(oneClient(direct, schema, 1), oneClient(qmpd, schema, 1))));
  ratios.push(...(await inTurns(createdByHand(binary), createdByQmpd(qmpd))));
  return ratios;
}

const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const known = ['/usr/bin/qemu-system-x86_64', '/opt/qemu-10/qemu-system-x86_64'].filter((one) =>
  existsSync(one),
);
const results: Record<string, Ratio[]> = {};
for (const binary of named.length > 0 ? named : known) results[binary] = await measured(binary);

if (process.argv.includes('--json')) console.log(JSON.stringify(results, null, 2));
else {
  for (const [binary, ratios] of Object.entries(results)) {
    console.log(binary);
    for (const { name, direct, qmpd, ratio } of ratios) {
      const figures = `direct ${direct.toFixed(0)}, qmpd ${qmpd.toFixed(0)}`;
      console.log(`  ${name}: ${figures}: ${ratio.toFixed(2)} times`);
    }
  }
}
