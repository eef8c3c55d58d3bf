// What sessions cost: keeping them, and telling all of them something.

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { negotiate } from './load.ts';
import type { Peer } from './peers.ts';

/** Growth of the peer's resident memory for each of `count` sessions that have negotiated and do nothing. */
export async function idleBytesPerSession(peer: Peer, count: number): Promise<number> {
  const warm = await openSessions(peer.socket, 50);
  const before = peer.residentBytes();
  const sockets = await openSessions(peer.socket, count);
  const grown = peer.residentBytes() - before;
  for (const socket of [...warm, ...sockets]) socket.destroy();
  return grown / count;
}

/** Milliseconds from an event's cause until the last of `count` sessions has it; the median of `rounds`. */
export async function eventToAllMs(peer: Peer, count: number, rounds: number): Promise<number> {
  const sockets = await openSessions(peer.socket, count);
  const sender = await negotiate(peer.socket);
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    const all = sockets.map((socket) => once(socket, 'data'));
    sender.write(`{"execute": "machine-set", "arguments": {"name": "round-${round}"}}\r\n`);
    await Promise.all(all);
    times.push(performance.now() - start);
  }
  for (const socket of [...sockets, sender]) socket.destroy();
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
}

async function openSessions(path: string, count: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let made = 0; made < count; made += 50) {
    const batch = Array.from({ length: Math.min(50, count - made) }, () => negotiate(path));
    sockets.push(...(await Promise.all(batch)));
  }
  // News of the other sessions' openings may still be on its way to the first ones.
  const last = sockets.at(-1);
  if (last !== undefined) {
    last.write('{"execute": "query-status"}\r\n');
    await once(last, 'data');
  }
  return sockets;
}
