// Everything of a session that holds descriptors: the queue of unclaimed ones, those that a running command has claimed,
// the names given by `getfd`, and the fdsets made by `add-fd` (QEMU: monitor/fds.c, where names belong to a monitor and
// outlive its client, and fdsets belong to nobody). Here all of it belongs to the session and is closed with it.

import { assert } from '../../util/assert.ts';
import type { OwnedFd } from '../../util/owned-fd.ts';
import { QmpError } from '../error.ts';
import type { FdBudget, FdHolder } from './budget.ts';
import { DeclaredFds } from './declared.ts';
import type { Fdsets } from './fdsets.ts';
import { checkName, FdNames } from './names.ts';
import { FdQueue } from './queue.ts';

export interface SessionFdsOptions {
  /** The session's id. */
  readonly owner: string;
  readonly budget: FdBudget;
  readonly fdsets: Fdsets;
  readonly declared?: DeclaredFds;
  /** Why no descriptor can arrive on this session's transport, where that is so. */
  readonly whyNone?: string | undefined;
}

export class SessionFds implements FdHolder {
  readonly queue: FdQueue = new FdQueue();
  readonly names: FdNames = new FdNames();
  readonly declared: DeclaredFds;
  readonly #budget: FdBudget;
  readonly #fdsets: Fdsets;
  readonly #owner: string;
  readonly #whyNone: string | undefined;
  /** By descriptor, where the message of the command begins that claimed it. */
  readonly #claimed: Map<OwnedFd, number> = new Map();
  #overdrawn: () => void = () => undefined;

  constructor({ owner, budget, fdsets, declared = new DeclaredFds(budget), whyNone }: SessionFdsOptions) {
    this.#owner = owner;
    this.#whyNone = whyNone;
    this.#budget = budget;
    this.#fdsets = fdsets;
    this.declared = declared;
  }

  /** Descriptors of the session of every kind. */
  get held(): number {
    return this.#budget.heldBy(this);
  }

  /** `end` ends the session, and with it all that it holds: others need descriptors, and it holds most. */
  onOverdrawn(end: () => void): void {
    this.#overdrawn = end;
  }

  pay(): void {
    this.#overdrawn();
  }

  /** Queues what came with the chunk of bytes; false (and all closed) when a limit does not allow it. */
  receive(fds: readonly OwnedFd[], start: number, end: number, nowMs: number): boolean {
    if (!this.#budget.take(this, fds.length)) {
      for (const fd of fds) fd.close();
      return false;
    }
    for (const fd of fds) this.queue.add({ fd, start, end, receivedMs: nowMs });
    return true;
  }

  /**
   * The descriptor for a command whose message occupies `start` to `end`. One that is neither named, stored nor
   * discarded is closed when the command ends.
   */
  claim(start: number, end: number): OwnedFd {
    const fd = this.queue.claim(start, end);
    if (fd !== undefined) {
      this.#claimed.set(fd, start);
      return fd;
    }
    const why = this.#whyNone === undefined ? '' : ` (${this.#whyNone})`;
    throw new QmpError(`No file descriptor supplied via SCM_RIGHTS${why}`);
  }

  /** `getfd`: names a claimed descriptor; one of the same name is closed. */
  name(name: string, fd: OwnedFd, nowMs: number): void {
    checkName(name);
    this.#claimed.delete(fd);
    const former = this.names.set({ name, fd, sinceMs: nowMs });
    if (former !== undefined) this.discard(former);
  }

  /** `setfd`: the same for a name that is there already; the descriptor stays claimed when it is not. */
  rename(name: string, fd: OwnedFd, nowMs: number): void {
    if (!this.names.has(name)) throw notFound(name);
    this.name(name, fd, nowMs);
  }

  /** `add-fd`: a claimed descriptor is in a set of the session now. */
  stored(fd: OwnedFd): void {
    this.#claimed.delete(fd);
  }

  /** `closefd`. */
  closeName(name: string): void {
    const { fd } = this.names.take(name, notFound(name).message);
    this.discard(fd);
  }

  /** Hands the named descriptor to a command that consumes it; it leaves the session. */
  consumeName(name: string): OwnedFd {
    const { fd } = this.names.take(name, `File descriptor named '${name}' has not been found`);
    this.#budget.give(this, 1);
    return fd;
  }

  /** The same for what the next machine is to have. Throws a QmpError when too many wait for it already. */
  declareName(name: string): OwnedFd {
    return this.declared.take(this.#owner, () => {
      const named = this.names.take(name, `File descriptor named '${name}' has not been found`);
      this.#budget.give(this, 1);
      return named;
    });
  }

  hasName(name: string): boolean {
    return this.names.has(name);
  }

  /** Closes a claimed descriptor that did not find a use, or one that a name or an fdset gave up. */
  discard(fd: OwnedFd): void {
    this.#claimed.delete(fd);
    fd.close();
    this.#budget.give(this, 1);
  }

  /** The command whose message begins at `start` has been answered: what it claimed and did not use is closed. */
  commandEnded(start: number): void {
    if (this.#claimed.size === 0) return;
    for (const [fd, message] of [...this.#claimed]) if (message === start) this.discard(fd);
  }

  /** Answers how many there were. */
  closeAll(): number {
    const { held } = this;
    this.queue.closeAll();
    for (const fd of this.#claimed.keys()) fd.close();
    this.#claimed.clear();
    this.names.closeAll();
    this.#fdsets.removeOwner(this.#owner);
    this.#budget.give(this, held);
    return held;
  }

  /** For tests, after every step. */
  invariants(): void {
    this.queue.invariants();
    this.names.invariants();
    this.#fdsets.invariants();
    this.#budget.invariants();
    const inSets = this.#fdsets.countOf(this.#owner);
    const sum = this.queue.length + this.#claimed.size + this.names.size + inSets;
    assert(sum === this.held, 'what a session holds is what it is charged for');
  }
}

function notFound(name: string): QmpError {
  return new QmpError(`File descriptor named '${name}' not found`);
}
