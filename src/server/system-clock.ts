// The real clock, for the folders that take time as a parameter.

import { performance } from 'node:perf_hooks';
import type { CancelTimer, Clock } from '../util/clock.ts';
import { contain, type Owner } from '../util/contain.ts';

/** Node's longest timer, 24 days. A longer delay would fire at once. */
const delayMsMax = 2 ** 31 - 1;

/** The system's clock has milliseconds only, and is cut: a smaller difference says nothing. */
const steppedMs = 2;

/**
 * The time of day in microseconds, from a clock that is fine and never set (`monotonicMs`) and one that is coarse and
 * may be (`wallMs`), whose setting it follows.
 */
export function timeOfDay(monotonicMs: () => number, wallMs: () => number): () => number {
  let offsetMs = wallMs() - monotonicMs();
  return () => {
    const now = monotonicMs();
    const difference = wallMs() - now;
    if (Math.abs(difference - offsetMs) >= steppedMs) offsetMs = difference;
    return Math.round((now + offsetMs) * 1000);
  };
}

/** A fault in what a timer calls goes to `log`, and nowhere else. */
export function systemClock(log: (message: string) => void): Clock {
  const owner: Owner = { name: 'a timer', log, end: () => undefined };
  return {
    realTimeUs: timeOfDay(() => performance.now(), Date.now),
    monotonicMs: () => performance.now(),
    after: (delayMs: number, callback: () => void): CancelTimer => {
      const work = (): void => contain('timer', owner, callback);
      const timer = setTimeout(work, Math.min(delayMs, delayMsMax)).unref();
      return () => clearTimeout(timer);
    },
  };
}
