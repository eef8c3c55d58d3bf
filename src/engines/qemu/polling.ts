// Not sleeping while an answer is due: on a virtual machine a process that sleeps takes longer to wake than all our
// work on a command. For a short time after something was sent to QEMU or came from it, the event loop runs without
// blocking (a chain of setImmediate), also when nothing is in flight: a client that got its answer often asks the next
// question at once. Then it sleeps as usual.
//
// Where processors are scarce that does harm: a process that uses up its share of one waits for its next turn, which
// takes longer than any waking. A turn that was lost shows as a gap between two rounds; polling then pauses, for
// longer each time.

import { performance } from 'node:perf_hooks';

export interface PollingOptions {
  /** After the last activity; 0 turns polling off. An answer to a small command takes 150 to 250 microseconds. */
  readonly limitUs: number;
}

export const pollingDefault: PollingOptions = { limitUs: 300 };

/** A round takes a few microseconds; with so many between two of them, somebody else had the processor. */
const lostTurnMs = 1.5;
const pauseMinMs = 100;
const pauseMaxMs = 10_000;
/** So much activity without a lost turn, and the next pause is a short one again. */
const calmActivity = 1_000;

export class Polling {
  readonly #limitMs: number;
  #lastActiveMs = 0;
  #lastRoundMs = 0;
  #notBeforeMs = 0;
  #pauseMs = pauseMinMs;
  #calmActivity = 0;
  #running = false;

  constructor({ limitUs }: PollingOptions) {
    this.#limitMs = limitUs / 1000;
  }

  /** Something was sent or has arrived. */
  active(): void {
    if (this.#limitMs === 0) return;
    this.#calm();
    const now = performance.now();
    this.#lastActiveMs = now;
    // What was done since the last round took its own time.
    this.#lastRoundMs = now;
    if (this.#running || now < this.#notBeforeMs) return;
    this.#running = true;
    setImmediate(this.#round);
  }

  readonly #round = (): void => {
    const now = performance.now();
    const gapMs = now - this.#lastRoundMs;
    this.#lastRoundMs = now;
    if (gapMs > lostTurnMs) {
      this.#pause(now);
    } else if (now - this.#lastActiveMs < this.#limitMs) {
      setImmediate(this.#round);
      return;
    }
    this.#running = false;
  };

  #pause(now: number): void {
    this.#notBeforeMs = now + this.#pauseMs;
    this.#pauseMs = Math.min(this.#pauseMs * 2, pauseMaxMs);
    this.#calmActivity = 0;
  }

  #calm(): void {
    this.#calmActivity += 1;
    if (this.#calmActivity >= calmActivity) this.#pauseMs = pauseMinMs;
  }
}
