// What qmpd answers itself, without a machine, beside what a QEMU without a machine answers; and what sessions cost.

import { descriptorsPerSecond } from './descriptors.ts';
import { atLeast, atMost, type Figure, inTurns, type Measure, ownFigure, secondsEach } from './figure.ts';
import { connectionsPerSecond, load } from './load.ts';
import { type Peer, startQemu, startQmpd } from './peers.ts';
import { eventToAllMs, idleBytesPerSession } from './sessions.ts';

function answers(peer: Peer, command: string, window: number): Measure {
  return async () => {
    const result = await load(peer.socket, { connections: [command], window, seconds: secondsEach });
    const name = `${command}, ${window} in flight`;
    return [
      { name, unit: 'a second', value: result.perSecond },
      { name: `${name}, p50`, unit: 'us', value: result.p50Us },
      { name: `${name}, p99`, unit: 'us', value: result.p99Us },
    ];
  };
}

function rate(name: string, measure: () => Promise<number>): Measure {
  return async () => [{ name, unit: 'a second', value: await measure() }];
}

export async function ownCommands(binary: string): Promise<Figure[]> {
  await using qmpd = await startQmpd('--qemu', binary);
  await using qemu = await startQemu(binary);
  const goals = {
    'query-status, 1 in flight': atLeast(1.8),
    'query-status, 64 in flight': atLeast(40),
    'query-qmp-schema, 1 in flight': atLeast(30),
    'query-qmp-schema, 64 in flight': atLeast(30),
  };
  // Both have compiled and cached what they will.
  await load(qmpd.socket, { connections: ['query-status'], window: 64, seconds: 1 });
  const figures: Figure[] = [];
  for (const command of ['query-status', 'query-qmp-schema']) {
    for (const window of [1, 64]) {
      figures.push(...(await inTurns(answers(qemu, command, window), answers(qmpd, command, window), goals)));
    }
  }
  const connections = (peer: Peer): Measure =>
    rate('connections made, greeted and closed', () => connectionsPerSecond(peer.socket, secondsEach));
  const descriptors = (peer: Peer): Measure =>
    rate('getfd with closefd', async () => (await descriptorsPerSecond(peer.socket, secondsEach)) ?? 0);
  figures.push(...(await inTurns(connections(qemu), connections(qmpd))));
  figures.push(...(await inTurns(descriptors(qemu), descriptors(qmpd))));
  return [...figures, ...(await costOfSessions(binary))];
}

/** Of a qmpd that has done nothing yet: one that has worked holds memory that sessions then take. */
async function costOfSessions(binary: string): Promise<Figure[]> {
  await using qmpd = await startQmpd('--qemu', binary);
  const idleKiB = (await idleBytesPerSession(qmpd, 1000)) / 1024;
  const eventMs = await eventToAllMs(qmpd, 1000, 11);
  return [
    ownFigure('memory of an idle session, of 1,000', 'KiB', idleKiB, atMost(20)),
    ownFigure('one event to 1,000 sessions, until the last one has it', 'ms', eventMs),
  ];
}
