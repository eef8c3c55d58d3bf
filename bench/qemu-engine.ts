// A machine behind qmpd beside the same one used directly.

import { performance } from 'node:perf_hooks';
import { atLeast, atMost, type Figure, inTurns, type Measure, secondsEach } from './figure.ts';
import { call, load, negotiate } from './load.ts';
import { type Peer, startAttached, startQemu, startQmpd } from './peers.ts';

const clients = 16;

const machine = ['-M', 'pc', '-accel', 'tcg', '-m', '64', '-S'] as const;
const options = {
  machine: { type: 'pc' },
  accel: [{ type: 'tcg' }],
  memory: { size: 64 * 1024 * 1024 },
};

async function createMachine(qmpd: Peer): Promise<void> {
  const connection = await negotiate(qmpd.socket);
  await call(connection, 'machine-set', options);
  await call(connection, 'x-exit-preconfig');
  connection.destroy();
}

function oneClient(peer: Peer, command: string, window: number, how = ''): Measure {
  return async () => {
    const result = await load(peer.socket, { connections: [command], window, seconds: secondsEach });
    const name = `${command}, ${window} in flight${how}`;
    return [
      { name: `${name}, p50`, unit: 'us', value: result.p50Us },
      { name: `${name}, p99`, unit: 'us', value: result.p99Us },
      { name, unit: 'a second', value: result.perSecond },
    ];
  };
}

const pollingName = `${clients} clients that poll two questions, against one direct client that does`;

/** One client takes turns with the two questions; of several, half ask the one and half the other. */
function polling(peer: Peer, count: number, how = ''): Measure {
  const questions = ['query-status', 'query-block'];
  const connections =
    count === 1 ? [questions.join()] : Array.from({ length: count }, (_, n) => questions[n % 2] ?? '');
  return async () => {
    const { perSecond } = await load(peer.socket, { connections, window: 1, seconds: secondsEach });
    return [{ name: `${pollingName}${how}`, unit: 'answers a second', value: perSecond }];
  };
}

const creationName = 'from x-exit-preconfig to running';

function createdByHand(binary: string): Measure {
  return async () => {
    const start = performance.now();
    await using peer = await startQemu(binary, machine, 0);
    const connection = await negotiate(peer.socket);
    await call(connection, 'cont');
    const elapsed = performance.now() - start;
    connection.destroy();
    return [{ name: creationName, unit: 'ms', value: elapsed }];
  };
}

function createdByQmpd(qmpd: Peer): Measure {
  return async () => {
    const connection = await negotiate(qmpd.socket);
    await call(connection, 'machine-destroy');
    const start = performance.now();
    await call(connection, 'x-exit-preconfig');
    await call(connection, 'cont');
    const elapsed = performance.now() - start;
    connection.destroy();
    return [{ name: creationName, unit: 'ms', value: elapsed }];
  };
}

/** The names of figures for a QEMU that was there before qmpd. */
const shared = ', shared by attach';

const goals = {
  'query-status, 1 in flight, p50': atMost(1.25),
  'query-status, 8 in flight, p50': atMost(1.25),
  'query-status, 64 in flight, p50': atMost(1.25),
  [pollingName]: atLeast(5),
  [`query-status, 1 in flight${shared}, p50`]: atMost(1.25),
  [pollingName + shared]: atLeast(5),
  'query-qmp-schema, 1 in flight': atLeast(30),
  [creationName]: atMost(1.3),
};

export async function qemuEngine(binary: string): Promise<Figure[]> {
  await using direct = await startQemu(binary, machine);
  await using qmpd = await startQmpd('--qemu', binary);
  await createMachine(qmpd);
  await load(qmpd.socket, { connections: ['query-status'], window: 1, seconds: 1 });
  const pairs: [Measure, Measure][] = [1, 8, 64].map((window) => [
    oneClient(direct, 'query-status', window),
    oneClient(qmpd, 'query-status', window),
  ]);
  pairs.push([polling(direct, 1), polling(qmpd, clients)]);
  pairs.push([oneClient(direct, 'query-qmp-schema', 1), oneClient(qmpd, 'query-qmp-schema', 1)]);
  pairs.push([createdByHand(binary), createdByQmpd(qmpd)]);
  await using another = await startQemu(binary, machine);
  await using attached = await startAttached(another);
  pairs.push([oneClient(direct, 'query-status', 1, shared), oneClient(attached, 'query-status', 1, shared)]);
  pairs.push([polling(direct, 1, shared), polling(attached, clients, shared)]);
  const figures: Figure[] = [];
  for (const [theirs, ours] of pairs) figures.push(...(await inTurns(theirs, ours, goals)));
  return figures;
}
