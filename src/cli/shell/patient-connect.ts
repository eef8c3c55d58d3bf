// Connecting to a server that has perhaps only just been started (`qmpd & qmpd shell`): nobody there yet is tried again
// for a while. Not for a server that is there and does not answer: that is connect's own limit.

import { setTimeout as delay } from 'node:timers/promises';
import { type ConnectOptions, connect, type QmpClient } from '../../client/index.ts';

/** A server that was started in the line before is there sooner, also on a busy machine. */
export const waitDefaultMs = 5_000;
const retryMs = 50;

/** What connecting says when the socket is not there yet, or is an older server's and nobody listens on it any more. */
const nobodyYet: ReadonlySet<unknown> = new Set(['ENOENT', 'ECONNREFUSED']);

/** The error is that of the last try. */
export async function connectPatiently(options: ConnectOptions, waitMs: number): Promise<QmpClient> {
  const end = performance.now() + waitMs;
  for (;;) {
    try {
      return await connect(options);
    } catch (thrown) {
      if (!nobodyYet.has(reasonOf(thrown)) || performance.now() >= end) throw thrown;
    }
    await delay(retryMs);
  }
}

function reasonOf(thrown: unknown): unknown {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}
