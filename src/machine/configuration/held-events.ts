// Events of a machine in the order in which they came; but those that tell of a change on which clients rely (they delete
// files when a job is completed) wait until it is written down, and what came after them waits with them. However many
// come meanwhile wait for one writing together.

import type { MachineEvent } from '../../qmp/events/event.ts';

export interface HeldEventsParts {
  /** Whether the event waits. */
  holds(event: MachineEvent): boolean;
  /** Writes down what there is now. Never rejects. */
  settle(): Promise<void>;
  tell(event: MachineEvent): void;
}

export class HeldEvents {
  readonly #parts: HeldEventsParts;
  #waiting: { readonly event: MachineEvent; readonly holds: boolean }[] = [];
  /** Those who wait for the events that had come when they asked. */
  #listeners: { left: number; readonly resolve: () => void }[] = [];
  #releasing = false;

  constructor(parts: HeldEventsParts) {
    this.#parts = parts;
  }

  /** Resolves when all that has come so far has been told, whatever comes after it; undefined when it has. */
  get told(): Promise<void> | undefined {
    const left = this.#waiting.length;
    return left === 0 ? undefined : new Promise((resolve) => this.#listeners.push({ left, resolve }));
  }

  event(event: MachineEvent): void {
    const holds = this.#parts.holds(event);
    if (this.#waiting.length === 0 && !holds) {
      this.#parts.tell(event);
      return;
    }
    this.#waiting.push({ event, holds });
    if (!this.#releasing) void this.#release();
  }

  async #release(): Promise<void> {
    this.#releasing = true;
    try {
      while (this.#waiting.length > 0) {
        // What comes in the same turn goes together.
        await Promise.resolve();
        let ready = this.#waiting.length;
        await this.#parts.settle();
        for (; ready > 0; ready -= 1) this.#tellNext();
        while (this.#waiting[0]?.holds === false) this.#tellNext();
      }
    } finally {
      this.#releasing = false;
    }
  }

  #tellNext(): void {
    const [next] = this.#waiting;
    try {
      if (next !== undefined) this.#parts.tell(next.event);
    } finally {
      this.#waiting.shift();
      for (const listener of this.#listeners) listener.left -= 1;
      const done = this.#listeners.filter(({ left }) => left === 0);
      this.#listeners = this.#listeners.filter(({ left }) => left > 0);
      for (const { resolve } of done) resolve();
    }
  }
}
