// Not sleeping while an answer is due: on a virtual machine a process that sleeps takes longer to wake than all our
// work on a command. While something is in flight, and for a short time after the last activity, the event loop runs
// without blocking (a chain of setImmediate); then it sleeps as usual.

export interface PollingOptions {
  /** After the last activity; 0 turns polling off. An answer to a small command takes 150 to 250 microseconds. */
  readonly limitUs: number;
}

export const pollingDefault: PollingOptions = { limitUs: 300 };

export class Polling {
  readonly #limitMs: number;
  readonly #due: () => boolean;
  #lastMs = 0;
  #running = false;

  /** `due` tells whether an answer is awaited. */
  constructor({ limitUs }: PollingOptions, due: () => boolean) {
    this.#limitMs = limitUs / 1000;
    this.#due = due;
  }

  /** Something was sent or has arrived. */
  active(): void {
    if (this.#limitMs === 0) return;
    this.#lastMs = performance.now();
    if (this.#running) return;
    this.#running = true;
    setImmediate(this.#poll);
  }

  readonly #poll = (): void => {
    if (this.#due() && performance.now() - this.#lastMs < this.#limitMs) setImmediate(this.#poll);
    else this.#running = false;
  };
}
