// One consumer's view of the events of a connection: an async iterator over a bounded queue of its own.

import { EventQueue, type EventQueueOptions } from '../qmp/client/events.ts';

/**
 * Events for one consumer, from the moment it was made. `for await` over it, or call `next`; leaving the loop, `return`
 * or `await using` unsubscribes. It ends when the client is closed, and throws ERR_QMPD_DISCONNECTED when the server
 * goes away, after what was queued has been taken. See EventQueueOptions for a consumer that is too slow.
 */
export class EventStream<Event> implements AsyncIterableIterator<Event, undefined>, AsyncDisposable {
  readonly #queue: EventQueue<Event>;
  readonly #unsubscribe: () => void;

  /** Made by `QmpClient.events`. */
  constructor(options: EventQueueOptions, subscribe: (queue: EventQueue<Event>) => () => void) {
    this.#queue = new EventQueue(options);
    this.#unsubscribe = subscribe(this.#queue);
  }

  /** Events that were dropped because the queue was full (only with overflow 'drop-oldest'). */
  get lost(): number {
    return this.#queue.lost;
  }

  next(): Promise<IteratorResult<Event, undefined>> {
    return this.#queue.next();
  }

  return(): Promise<IteratorResult<Event, undefined>> {
    this.#unsubscribe();
    this.#queue.discard();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
