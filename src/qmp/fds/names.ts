// The names that one session gave to descriptors by `getfd` (QEMU: monitor/fds.c, where they belong to the monitor and
// outlive its client).

import { assert } from '../../util/assert.ts';
import type { OwnedFd } from '../../util/owned-fd.ts';
import { QmpError } from '../error.ts';

export interface NamedFd {
  readonly name: string;
  readonly fd: OwnedFd;
  readonly sinceMs: number;
}

export class FdNames implements Iterable<NamedFd> {
  readonly #names: Map<string, NamedFd> = new Map();

  get size(): number {
    return this.#names.size;
  }

  [Symbol.iterator](): Iterator<NamedFd> {
    return this.#names.values();
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** Answers the descriptor that had the name, which the caller closes. Throws a QmpError, in QEMU's words, for a digit. */
  set(named: NamedFd): OwnedFd | undefined {
    checkName(named.name);
    const former = this.#names.get(named.name);
    this.#names.delete(named.name);
    this.#names.set(named.name, named);
    return former?.fd;
  }

  /** Forgets the name; throws a QmpError with the text `missing` when there is none. */
  take(name: string, missing: string): NamedFd {
    const named = this.#names.get(name);
    if (named === undefined) throw new QmpError(missing);
    this.#names.delete(name);
    return named;
  }

  closeAll(): void {
    for (const { fd } of this.#names.values()) fd.close();
    this.#names.clear();
  }

  /** For tests, after every step. */
  invariants(): void {
    const fds = new Set<OwnedFd>();
    for (const [key, { name, fd }] of this.#names) {
      assert(key === name && !/^[0-9]/.test(name), 'a descriptor is found by its name');
      assert(!fds.has(fd), 'a descriptor has one name');
      fds.add(fd);
    }
  }
}

/** A number means a descriptor that the process was born with, so no name begins with a digit. */
export function checkName(name: string): void {
  if (/^[0-9]/.test(name)) throw new QmpError("Parameter 'fdname' expects a name not starting with a digit");
}
