// A clock that stands still until a test moves it.

import type { CancelTimer, Clock } from '../../src/util/clock.ts';

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

export class ManualClock implements Clock {
  /** Arbitrary, so that a test can tell it from the real time. */
  static readonly epochUs: number = 1_700_000_000_000_000;
  #nowMs = 0;
  #timers: Timer[] = [];

  realTimeUs(): number {
    return ManualClock.epochUs + this.#nowMs * 1000;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): CancelTimer {
    const timer = { dueMs: this.#nowMs + delayMs, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  get pendingTimers(): number {
    return this.#timers.length;
  }

  /** Lets that time pass; timers fire in the order in which they are due, each at its own time. */
  advance(ms: number): void {
    const until = this.#nowMs + ms;
    for (;;) {
      const [next] = [...this.#timers].sort((a, b) => a.dueMs - b.dueMs);
      if (next === undefined || next.dueMs > until) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#nowMs = next.dueMs;
      next.callback();
    }
    this.#nowMs = until;
  }
}
