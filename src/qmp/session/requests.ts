// The requests of one session that are not answered yet: in-band ones wait in order and run one at a time, out-of-band
// ones run at once. Only counts and keeps; what a request does is the session's business. (QEMU: monitor/qmp.c,
// qmp_requests.)

import { assert } from '../../util/assert.ts';
import type { Incoming } from './request.ts';

export class Requests {
  readonly #waitingMax: number;
  readonly #waiting: Incoming[] = [];
  #running = false;
  #outOfBand = 0;

  /** `waitingMax`: see SessionLimits.requestsMax. */
  constructor(waitingMax: number) {
    this.#waitingMax = waitingMax;
  }

  /** In-band requests that have not been answered, the running one included. */
  get inBand(): number {
    return this.#waiting.length + (this.#running ? 1 : 0);
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Nothing is to be answered any more. */
  get none(): boolean {
    return this.inBand === 0 && this.#outOfBand === 0;
  }

  /**
   * Whether reading stops: QEMU reads nothing more while an in-band request waits or runs, or, with oob, while as many
   * as the limit wait. Here the limit is also one for out-of-band requests that are on their way.
   */
  stopsReading(oob: boolean): boolean {
    if (oob) return this.#waiting.length >= this.#waitingMax || this.#outOfBand >= this.#waitingMax;
    return this.inBand > 0;
  }

  add(incoming: Incoming): void {
    this.#waiting.push(incoming);
  }

  /** The next in-band request that may run, taken out of the queue; undefined while one runs. */
  next(): Incoming | undefined {
    return this.#running ? undefined : this.#waiting.shift();
  }

  began(kind: 'in-band' | 'out-of-band'): void {
    if (kind === 'out-of-band') {
      this.#outOfBand += 1;
      return;
    }
    assert(!this.#running, 'in-band requests run one at a time');
    this.#running = true;
  }

  answered(kind: 'in-band' | 'out-of-band'): void {
    if (kind === 'in-band') this.#running = false;
    else this.#outOfBand -= 1;
  }

  /** For tests, after every step. */
  invariants(): void {
    assert(this.#outOfBand >= 0, 'no more out-of-band requests are answered than began');
  }
}
