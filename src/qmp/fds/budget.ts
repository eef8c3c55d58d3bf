// How many descriptors clients may leave in this process: each holder and all together, counting unclaimed ones, named
// ones, those in fdsets and those of declarations. At its own limit the session that exceeds it is ended (its newest
// descriptors could only be dropped in silence). At the total the one that holds most pays: it is ended, whoever asks.

import { assert } from '../../util/assert.ts';

export interface FdLimits {
  readonly perSession: number;
  readonly total: number;
}

/** 253 is what one message can carry (SCM_MAX_FD); a session may hold a few such messages. */
export const defaultFdLimits: FdLimits = { perSession: 1024, total: 8192 };

/** A session, or what outlives sessions. */
export interface FdHolder {
  /** Gives back all that it holds, since others need it and it holds most. Undefined: it is never asked to. */
  readonly pay: (() => void) | undefined;
}

export class FdBudget {
  readonly limits: FdLimits;
  /** Only those that hold any. */
  readonly #holders: Map<FdHolder, number> = new Map();
  #held = 0;

  constructor(limits: FdLimits = defaultFdLimits) {
    this.limits = limits;
  }

  get held(): number {
    return this.#held;
  }

  heldBy(holder: FdHolder): number {
    return this.#holders.get(holder) ?? 0;
  }

  /** False when `count` more would exceed the holder's limit, or the total and nobody holds more; nothing is counted then. */
  take(holder: FdHolder, count: number): boolean {
    if (this.heldBy(holder) + count > this.limits.perSession) return false;
    if (!this.#makeRoom(holder, count)) return false;
    this.#set(holder, this.heldBy(holder) + count);
    return true;
  }

  give(holder: FdHolder, count: number): void {
    assert(count <= this.heldBy(holder), 'nobody gives back what it does not hold');
    this.#set(holder, this.heldBy(holder) - count);
  }

  #makeRoom(asking: FdHolder, count: number): boolean {
    while (this.#held + count > this.limits.total) {
      const [holder, held] = this.#greediest(asking);
      if (holder?.pay === undefined || held <= this.heldBy(asking) + count) return false;
      holder.pay();
      assert(this.heldBy(holder) === 0, 'who pays gives back everything');
    }
    return true;
  }

  /** Of those that can be asked to pay. */
  #greediest(asking: FdHolder): [holder: FdHolder | undefined, held: number] {
    let greediest: [FdHolder | undefined, number] = [undefined, 0];
    for (const [holder, held] of this.#holders) {
      if (holder !== asking && holder.pay !== undefined && held > greediest[1]) greediest = [holder, held];
    }
    return greediest;
  }

  #set(holder: FdHolder, held: number): void {
    this.#held += held - this.heldBy(holder);
    if (held === 0) this.#holders.delete(holder);
    else this.#holders.set(holder, held);
  }

  /** For tests, after every step. */
  invariants(): void {
    let sum = 0;
    for (const held of this.#holders.values()) {
      assert(held > 0 && held <= this.limits.perSession, 'each holder keeps to its limit');
      sum += held;
    }
    assert(sum === this.#held, 'the total is what all hold');
    assert(this.#held <= this.limits.total, 'all together keep to the limit');
  }
}
