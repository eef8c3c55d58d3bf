// Everything of a session that holds descriptors: the queue of unclaimed ones, the names given by `getfd`, and the
// fdsets made by `add-fd` (QEMU: monitor/fds.c, where names belong to a monitor and outlive its client, and fdsets
// belong to nobody). Here all of it belongs to the session and is closed with it.

import type { OwnedFd } from '../../util/owned-fd.ts';
import { QmpError } from '../error.ts';
import type { FdBudget } from './budget.ts';
import type { Fdsets } from './fdsets.ts';
import { FdQueue } from './queue.ts';

export interface NamedFd {
  readonly name: string;
  readonly fd: OwnedFd;
  readonly sinceMs: number;
}

export class SessionFds {
  readonly queue: FdQueue = new FdQueue();
  readonly #names: Map<string, NamedFd> = new Map();
  readonly #budget: FdBudget;
  readonly #fdsets: Fdsets;
  readonly #owner: string;
  readonly #whyNone: string | undefined;
  #held = 0;

  /** `whyNone`: why no descriptor can arrive on this session's transport, where that is so. */
  constructor(owner: string, budget: FdBudget, fdsets: Fdsets, whyNone?: string) {
    this.#owner = owner;
    this.#whyNone = whyNone;
    this.#budget = budget;
    this.#fdsets = fdsets;
  }

  /** Descriptors of the session of every kind. */
  get held(): number {
    return this.#held;
  }

  get names(): Iterable<NamedFd> {
    return this.#names.values();
  }

  /** Queues what came with the chunk of bytes; false (and all closed) when a limit does not allow it. */
  receive(fds: readonly OwnedFd[], start: number, end: number, nowMs: number): boolean {
    if (!this.#budget.take(fds.length, this.#held)) {
      for (const fd of fds) fd.close();
      return false;
    }
    this.#held += fds.length;
    for (const fd of fds) this.queue.add({ fd, start, end, receivedMs: nowMs });
    return true;
  }

  /** The descriptor for a command whose message occupies `start` to `end`. */
  claim(start: number, end: number): OwnedFd {
    const fd = this.queue.claim(start, end);
    if (fd !== undefined) return fd;
    const why = this.#whyNone === undefined ? '' : ` (${this.#whyNone})`;
    throw new QmpError(`No file descriptor supplied via SCM_RIGHTS${why}`);
  }

  /** `getfd`: names a claimed descriptor; one of the same name is closed. */
  name(name: string, fd: OwnedFd, nowMs: number): void {
    if (/^[0-9]/.test(name)) {
      this.discard(fd);
      throw new QmpError("Parameter 'fdname' expects a name not starting with a digit");
    }
    const former = this.#names.get(name);
    if (former !== undefined) this.discard(former.fd);
    this.#names.delete(name);
    this.#names.set(name, { name, fd, sinceMs: nowMs });
  }

  /** `closefd`. */
  closeName(name: string): void {
    this.discard(this.#take(name, `File descriptor named '${name}' not found`));
  }

  /** Hands the named descriptor to a command that consumes it; it leaves the session. */
  consumeName(name: string): OwnedFd {
    const fd = this.#take(name, `File descriptor named '${name}' has not been found`);
    this.release();
    return fd;
  }

  hasName(name: string): boolean {
    return this.#names.has(name);
  }

  /** Closes a claimed descriptor that did not find a use, or one that an fdset gave up. */
  discard(fd: OwnedFd): void {
    fd.close();
    this.release();
  }

  /** A claimed descriptor has left the session for an owner elsewhere. */
  release(): void {
    this.#held -= 1;
    this.#budget.give(1);
  }

  #take(name: string, missing: string): OwnedFd {
    const entry = this.#names.get(name);
    if (entry === undefined) throw new QmpError(missing);
    this.#names.delete(name);
    return entry.fd;
  }

  closeAll(): void {
    this.queue.closeAll();
    for (const { fd } of this.#names.values()) fd.close();
    this.#names.clear();
    this.#fdsets.removeOwner(this.#owner);
    this.#budget.give(this.#held);
    this.#held = 0;
  }
}
