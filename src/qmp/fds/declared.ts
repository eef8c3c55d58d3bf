// Descriptors that left their session for a declaration or one of our chardevs and wait there for the machine. They outlive
// the session, are listed with it as their owner, and count: all of them together as much as one session may hold.

import type { OwnedFd } from '../../util/owned-fd.ts';
import { QmpError } from '../error.ts';
import type { FdBudget, FdHolder } from './budget.ts';
import type { NamedFd } from './names.ts';

export class DeclaredFds implements FdHolder {
  readonly pay: undefined;
  readonly #budget: FdBudget;
  readonly #entries: Set<DeclaredFd> = new Set();

  constructor(budget: FdBudget) {
    this.#budget = budget;
  }

  get entries(): Iterable<DeclaredFd> {
    return this.#entries;
  }

  /**
   * The descriptor for whoever declared with it, who closes or releases it. `leave` takes it out of its session, once it
   * is clear that there is room. Throws a QmpError when there is none.
   */
  take(owner: string, leave: () => NamedFd): OwnedFd {
    if (!this.#budget.take(this, 1)) {
      const { perSession } = this.#budget.limits;
      throw new QmpError(
        `There are too many descriptors in declarations already (the limit is ${perSession})`,
      );
    }
    try {
      const declared = new DeclaredFd(owner, leave(), (gone) => this.#gone(gone));
      this.#entries.add(declared);
      return declared;
    } catch (thrown) {
      this.#budget.give(this, 1);
      throw thrown;
    }
  }

  #gone(declared: DeclaredFd): void {
    if (this.#entries.delete(declared)) this.#budget.give(this, 1);
  }
}

export class DeclaredFd implements OwnedFd {
  /** The session that sent it, which may be over. */
  readonly owner: string;
  readonly name: string;
  readonly sinceMs: number;
  readonly #fd: OwnedFd;
  readonly #gone: (declared: DeclaredFd) => void;

  constructor(owner: string, { name, fd, sinceMs }: NamedFd, gone: (declared: DeclaredFd) => void) {
    this.owner = owner;
    this.name = name;
    this.sinceMs = sinceMs;
    this.#fd = fd;
    this.#gone = gone;
  }

  get fd(): number {
    return this.#fd.fd;
  }

  close(): void {
    this.#gone(this);
    this.#fd.close();
  }

  release(): number {
    this.#gone(this);
    return this.#fd.release();
  }
}
