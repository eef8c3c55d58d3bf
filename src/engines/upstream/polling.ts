// Not sleeping while an answer is due: on a virtual machine a process that sleeps takes longer to wake than all our
// work on a command. For a short time after something was sent to QEMU or came from it, the event loop runs without
// blocking, also when nothing is in flight: a client that got its answer often asks the next question at once. Then it
// sleeps as usual. The loop is kept awake by the native addon (native/awake.h); without it, qmpd does not poll.
//
// Where processors are scarce that does harm: a process that uses up its share of one waits for its next turn, which
// takes longer than any waking. When the processor was taken away from us meanwhile, polling pauses, for longer each
// time.

import { performance } from 'node:perf_hooks';
import { native } from '../../transports/unix/native.ts';

export interface PollingOptions {
  /** After the last activity; 0 turns polling off. An answer to a small command takes 150 to 250 microseconds. */
  readonly limitUs: number;
}

export const pollingDefault: PollingOptions = { limitUs: 300 };

/** As a user sets it; undefined: as usual. */
export function pollingOf(limitUs: number | undefined): PollingOptions {
  return limitUs === undefined ? pollingDefault : { limitUs };
}

/**
 * Others may have the processor for so long without harm. Mostly it is QEMU itself, or the client, for less than this:
 * at 300 us polling paused for them, and the median was 1.15 times a direct connection's instead of 0.99. Programs that
 * have nothing to do with us take it for a time slice of about 3 ms.
 */
const lostTurnUs = 1_000;
const pauseMinMs = 100;
const pauseMaxMs = 10_000;
/** So much activity without a lost turn, and the next pause is a short one again. */
const calmActivity = 1_000;

export class Polling {
  readonly #limitUs: number;
  #notBeforeMs = 0;
  #pauseMs = pauseMinMs;
  #calmActivity = 0;

  constructor({ limitUs }: PollingOptions) {
    this.#limitUs = limitUs;
  }

  /** Something was sent or has arrived. */
  active(): void {
    if (this.#limitUs === 0 || native === undefined) return;
    if (this.#notBeforeMs > 0 && performance.now() < this.#notBeforeMs) return;
    this.#notBeforeMs = 0;
    if (native.stayAwake(this.#limitUs) > lostTurnUs) this.#pause();
    else this.#calm();
  }

  #pause(): void {
    this.#notBeforeMs = performance.now() + this.#pauseMs;
    this.#pauseMs = Math.min(this.#pauseMs * 2, pauseMaxMs);
    this.#calmActivity = 0;
  }

  #calm(): void {
    this.#calmActivity += 1;
    if (this.#calmActivity >= calmActivity) this.#pauseMs = pauseMinMs;
  }
}
