// Users of chardevs that came before what they use: each wants one id, and is given the chardev once it can be opened.
// No I/O.

import { QmpError } from '../qmp/error.ts';
import { MissingError } from '../transports/layers/missing.ts';
import { messageOf } from '../util/local-error.ts';
import type { OpenChardev } from './open-chardev.ts';

export interface ChardevUser {
  /** For messages: "the monitor 'm0'". */
  readonly label: string;
  /** Of the chardev. */
  readonly id: string;
  /** It is open: the user attaches itself. Throws a QmpError when another frontend has it. */
  readonly arrived: (chardev: OpenChardev) => void;
}

interface Waiting {
  readonly user: ChardevUser;
  /** What opening it said last. */
  reason: string;
  /** All names are there, and it cannot be opened all the same: told once. */
  failed: boolean;
}

export class WaitingUsers {
  readonly #waiting: Set<Waiting> = new Set();

  /** The function ends the waiting; it does nothing when that is over. */
  add(user: ChardevUser, reason: string): () => void {
    const waiting = { user, reason, failed: false };
    this.#waiting.add(waiting);
    return () => void this.#waiting.delete(waiting);
  }

  /**
   * Opens for each, longest waiting first, what can be opened. `failed` hears of those that do not wait for a name any
   * more and cannot be served; when it throws they are taken to wait for the name as before.
   */
  async serve(
    open: (id: string) => Promise<OpenChardev>,
    failed: (user: ChardevUser, thrown: unknown) => void,
  ): Promise<void> {
    for (const waiting of [...this.#waiting]) {
      const { user } = waiting;
      try {
        const chardev = await open(user.id);
        // It may have been taken back meanwhile.
        if (!this.#waiting.has(waiting)) continue;
        user.arrived(chardev);
        this.#waiting.delete(waiting);
      } catch (thrown) {
        const missing = thrown instanceof MissingError;
        if (!missing && !waiting.failed) failed(user, thrown);
        waiting.failed = !missing;
        waiting.reason = messageOf(thrown);
      }
    }
  }

  /** Throws a QmpError that names the first who still waits, and for what. */
  refuse(): void {
    const [first] = this.#waiting;
    if (first !== undefined) throw new QmpError(`${first.user.label} has no chardev: ${first.reason}`);
  }
}
