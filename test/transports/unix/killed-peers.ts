// Peers that die with descriptors in flight, at random points: nothing may be left over.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import type { Connection } from '../../../src/qmp/connection.ts';
import { native } from '../../../src/transports/unix/native.ts';
import { listenUnix } from '../../../src/transports/unix/unix.ts';
import { compilePeer } from '../../kit/transports/compiled-peer.ts';
import { temporaryDirectory } from '../../kit/transports/pairs.ts';
import { countFds, Recorder } from '../../kit/transports/recorder.ts';

/** Why it cannot be tried here, or false. */
export const skip: string | false = native === undefined ? 'needs the native addon' : false;
const atOnce = 4;

/** A linear congruential generator: enough to choose kill points that a printed seed brings back. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
}

type Treatment = 'close' | 'hold' | 'pause' | 'destroy';
const treatments: readonly Treatment[] = ['close', 'hold', 'pause', 'destroy'];

/** Serves one connection of a peer that sends for ever, and kills the peer once `killAfter` bytes have come. */
async function serveUntilKilled(
  connection: Connection,
  peer: ChildProcess,
  treatment: Treatment,
  killAfter: number,
): Promise<void> {
  const recorder = Recorder.start(connection, (self) => {
    self.keep = false;
    self.onData = (_chunk, fds) => {
      if (treatment === 'close') for (const fd of fds) fd.close();
      if (self.byteCount < killAfter || peer.killed) return;
      if (treatment === 'pause') connection.pause();
      peer.kill('SIGKILL');
      if (treatment === 'destroy') connection.destroy();
      connection.write('an answer that nobody reads');
    };
  });
  const reason = await recorder.untilClosed();
  recorder.closeFds();
  assert.equal(reason.kind, treatment === 'destroy' ? 'local' : 'peer-closed');
  assert.deepEqual(recorder.faults, []);
}

export async function killPeers(rounds: number, seed: number): Promise<void> {
  using directory = temporaryDirectory();
  const peerProgram = compilePeer(directory.path);
  const socket = path.join(directory.path, 's');
  const next = random(seed);
  const fdsBefore = countFds();
  const waiting = new Map<number, (connection: Connection) => void>();
  const early = new Map<number, Connection>();
  const listener = await listenUnix({ path: socket }, (connection) => {
    const pid = connection.peer.pid ?? 0;
    const take = waiting.get(pid);
    if (take === undefined) early.set(pid, connection);
    else take(connection);
  });

  const oneRound = async (round: number): Promise<void> => {
    const peer = spawn(peerProgram, [socket, String(seed + round)], { stdio: 'ignore' });
    const exited = new Promise((resolve) => peer.once('exit', resolve));
    const pid = peer.pid ?? 0;
    const connection =
      early.get(pid) ?? (await new Promise<Connection>((resolve) => waiting.set(pid, resolve)));
    early.delete(pid);
    await serveUntilKilled(connection, peer, treatments[next(4)] as Treatment, 1 + next(150_000));
    await exited;
  };
  let round = 0;
  const worker = async (): Promise<void> => {
    while (round < rounds) {
      round += 1;
      await oneRound(round);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  await listener.close();
  assert.equal(countFds(), fdsBefore);
}
