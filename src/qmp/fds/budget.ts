// How many descriptors clients may leave in this process: per session and in total, counting unclaimed ones, named
// ones and those in fdsets. At the limit the session that exceeds it is ended (its newest descriptors could only be
// dropped in silence); other sessions notice nothing.

export interface FdLimits {
  readonly perSession: number;
  readonly total: number;
}

/** 253 is what one message can carry (SCM_MAX_FD); a session may hold a few such messages. */
export const defaultFdLimits: FdLimits = { perSession: 1024, total: 8192 };

export class FdBudget {
  readonly limits: FdLimits;
  #held = 0;

  constructor(limits: FdLimits = defaultFdLimits) {
    this.limits = limits;
  }

  get held(): number {
    return this.#held;
  }

  /** False when `count` more would exceed a limit, given what the session holds already; nothing is counted then. */
  take(count: number, heldBySession: number): boolean {
    if (heldBySession + count > this.limits.perSession || this.#held + count > this.limits.total)
      return false;
    this.#held += count;
    return true;
  }

  give(count: number): void {
    this.#held -= count;
  }
}
