// The events that one consumer has not taken yet. Every consumer has a queue of its own, so a slow one neither delays
// the others nor holds up the answers to commands: it only fills its own queue, up to a limit.
//
// At the limit one of two things happens, by the consumer's choice:
//   'fail'         the queue takes nothing more; the consumer still gets what is queued, then an error. For programs
//                  that follow a machine's state from its events: they learn that they missed something.
//   'drop-oldest'  the oldest event makes room and is counted in `lost`. For displays.

import { LocalError } from '../../util/local-error.ts';

/** Events that one consumer may leave waiting, unless it asks for another limit. */
export const queuedEventsMax = 4096;

export type OverflowPolicy = 'fail' | 'drop-oldest';

export interface EventQueueOptions {
  readonly queuedMax?: number;
  readonly overflow?: OverflowPolicy;
}

type Ending = { readonly kind: 'end' } | { readonly kind: 'error'; readonly error: Error };

interface Taker<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: Error): void;
}

/** First in, first out; `next` waits when it is empty. */
export class EventQueue<T> {
  /** Events dropped so far; only 'drop-oldest' ever drops. */
  lost = 0;
  readonly #queuedMax: number;
  readonly #overflow: OverflowPolicy;
  // Taken from `#head`, so that taking one is not a move of all the others; compacted when half of it is taken.
  #items: T[] = [];
  #head = 0;
  readonly #takers: Taker<T>[] = [];
  #ending: Ending | undefined;

  constructor(options: EventQueueOptions = {}) {
    this.#queuedMax = options.queuedMax ?? queuedEventsMax;
    this.#overflow = options.overflow ?? 'fail';
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  /** False when the queue has ended and wants no more. */
  push(item: T): boolean {
    if (this.#ending !== undefined) return false;
    const taker = this.#takers.shift();
    if (taker !== undefined) {
      taker.resolve({ done: false, value: item });
      return true;
    }
    if (this.length >= this.#queuedMax) {
      if (this.#overflow === 'fail') {
        this.end(overflowError(this.#queuedMax));
        return false;
      }
      this.#take();
      this.lost += 1;
    }
    this.#items.push(item);
    return true;
  }

  /** Nothing more comes. What is queued can still be taken; then the error is thrown, or the iteration ends. */
  end(error?: Error): void {
    if (this.#ending !== undefined) return;
    this.#ending = error === undefined ? { kind: 'end' } : { kind: 'error', error };
    for (const taker of this.#takers.splice(0)) this.#settle(taker);
  }

  /** Drops what is queued and ends: the consumer has gone. */
  discard(): void {
    this.#items = [];
    this.#head = 0;
    this.#ending = { kind: 'end' };
    for (const taker of this.#takers.splice(0)) this.#settle(taker);
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve, reject) => {
      const taker: Taker<T> = { resolve, reject };
      if (this.length > 0 || this.#ending !== undefined) this.#settle(taker);
      else this.#takers.push(taker);
    });
  }

  #settle(taker: Taker<T>): void {
    if (this.length > 0) {
      taker.resolve({ done: false, value: this.#take() });
    } else if (this.#ending?.kind === 'error') {
      const { error } = this.#ending;
      // Thrown once, as a generator would.
      this.#ending = { kind: 'end' };
      taker.reject(error);
    } else {
      taker.resolve({ done: true, value: undefined });
    }
  }

  #take(): T {
    const item = this.#items[this.#head] as T;
    this.#head += 1;
    if (this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}

function overflowError(queuedMax: number): LocalError {
  return new LocalError(
    'ERR_QMPD_EVENTS_LOST',
    `more than ${queuedMax} events were waiting to be taken: later ones are lost to this consumer`,
  );
}
