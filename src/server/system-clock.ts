// The real clock, for the folders that take time as a parameter.

import { performance } from 'node:perf_hooks';
import type { CancelTimer, Clock } from '../util/clock.ts';

export const systemClock: Clock = {
  realTimeUs: () => Math.round((performance.timeOrigin + performance.now()) * 1000),
  monotonicMs: () => performance.now(),
  after: (delayMs: number, callback: () => void): CancelTimer => {
    const timer = setTimeout(callback, delayMs).unref();
    return () => clearTimeout(timer);
  },
};
