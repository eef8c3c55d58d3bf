// The real clock, for the folders that take time as a parameter.

import { performance } from 'node:perf_hooks';
import type { CancelTimer, Clock } from '../util/clock.ts';

/** The most that Node's timers take, 24 days; they take what is more for nothing at all. */
const delayMsMax = 2 ** 31 - 1;

export const systemClock: Clock = {
  realTimeUs: () => Math.round((performance.timeOrigin + performance.now()) * 1000),
  monotonicMs: () => performance.now(),
  after: (delayMs: number, callback: () => void): CancelTimer => {
    const timer = setTimeout(callback, Math.min(delayMs, delayMsMax)).unref();
    return () => clearTimeout(timer);
  },
};
