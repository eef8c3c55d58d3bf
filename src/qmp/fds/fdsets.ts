// fdsets: numbered groups of descriptors that a file name "/dev/fdset/N" stands for (QEMU: monitor/fds.c). The
// numbers are one space for the whole process, as in QEMU, so that a name means one thing; but each set belongs to
// the session that made it, only that session sees it, and it goes when the session goes.

import { parseJson } from '../../json/parse.ts';
import { isJsonObject, type JsonValue } from '../../json/value.ts';
import { assert } from '../../util/assert.ts';
import type { OwnedFd } from '../../util/owned-fd.ts';
import { QmpError } from '../error.ts';

export interface FdsetMember {
  readonly fd: OwnedFd;
  readonly opaque: string | undefined;
  readonly sinceMs: number;
}

export interface Fdset {
  readonly id: number | bigint;
  readonly owner: string;
  /** In the order in which they were added. */
  readonly members: FdsetMember[];
}

export class Fdsets {
  readonly #sets: Map<string, Fdset> = new Map();
  readonly #removed: (id: string) => void;
  readonly #held: (id: string, owner: string) => boolean;

  /** `removed` hears of each set that is gone, or not what it was: what others keep of it is to be renewed. `held`:
   * numbers that this owner is not given unasked. */
  constructor(
    removed: (id: string) => void = () => undefined,
    held: (id: string, owner: string) => boolean = () => false,
  ) {
    this.#removed = removed;
    this.#held = held;
  }

  /** In QEMU's order: the highest number first. */
  list(owner?: string): Fdset[] {
    return [...this.#sets.values()]
      .filter((set) => owner === undefined || set.owner === owner)
      .sort((a, b) => (a.id > b.id ? -1 : 1));
  }

  /** `add-fd`: to the set `id`, or to a new one with the lowest free number. */
  add(owner: string, member: FdsetMember, id: number | bigint | undefined): Fdset {
    if (id !== undefined && id < 0) {
      throw new QmpError("Parameter 'fdset-id' expects a non-negative value");
    }
    const number = id ?? this.#lowestFree(owner);
    const known = this.#sets.get(String(number));
    if (known !== undefined && known.owner !== owner) {
      throw new QmpError(`Parameter 'fdset-id' names fdset ${number}, which belongs to another session`);
    }
    const set = known ?? { id: number, owner, members: [] };
    set.members.push(member);
    this.#sets.set(String(number), set);
    return set;
  }

  /** `remove-fd`: the whole set, or one descriptor of it. Returns what the caller must close. */
  remove(owner: string, id: number | bigint, fd: number | bigint | undefined): OwnedFd[] {
    const missing = `fdset-id:${id}${fd === undefined ? '' : `, fd:${fd}`}`;
    const set = this.#sets.get(String(id));
    if (set === undefined || set.owner !== owner) throw notFound(missing);
    if (fd === undefined) {
      this.#delete(set);
      return set.members.map((member) => member.fd);
    }
    const index = set.members.findIndex((member) => BigInt(member.fd.fd) === BigInt(fd));
    const [member] = index < 0 ? [] : set.members.splice(index, 1);
    if (member === undefined) throw notFound(missing);
    if (set.members.length === 0) this.#delete(set);
    else this.#removed(String(set.id));
    return [member.fd];
  }

  /** Throws, in the words that QEMU has for a set that is not there, for those among the numbers of other sessions. */
  refuseForeign(owner: string, numbers: readonly string[]): void {
    for (const id of numbers) {
      const set = this.#sets.get(id);
      if (set !== undefined && set.owner !== owner)
        throw new QmpError(`Failed to find fdset /dev/fdset/${id}`);
    }
  }

  /** The descriptors of a set, by its number in decimal; empty without such a set. */
  descriptors(id: string): readonly number[] {
    return this.#sets.get(id)?.members.map((member) => member.fd.fd) ?? [];
  }

  removeOwner(owner: string): void {
    for (const set of this.list(owner)) {
      this.#delete(set);
      for (const member of set.members) member.fd.close();
    }
  }

  /** Descriptors in the sets of one owner. */
  countOf(owner: string): number {
    return this.list(owner).reduce((sum, { members }) => sum + members.length, 0);
  }

  /** For tests, after every step. */
  invariants(): void {
    const fds = new Set<OwnedFd>();
    for (const [key, { id, members }] of this.#sets) {
      assert(key === String(id), 'a set is found by its number');
      assert(members.length > 0, 'an empty set is gone');
      for (const { fd } of members) {
        assert(!fds.has(fd), 'a descriptor is in one set, once');
        fds.add(fd);
      }
    }
  }

  #delete(set: Fdset): void {
    this.#sets.delete(String(set.id));
    this.#removed(String(set.id));
  }

  #lowestFree(owner: string): number {
    let id = 0;
    while (this.#sets.has(String(id)) || this.#held(String(id), owner)) id += 1;
    return id;
  }
}

/** QEMU reads the number with strtol. */
const fdsetName = /\/dev\/fdset\/[\s+]*(\d+)/g;

/** The numbers of the fdsets that the arguments name ("/dev/fdset/N"), wherever they do, each once. */
export function fdsetNumbers(args: JsonValue | undefined): string[] {
  return [...new Set(texts(args).flatMap((text) => [...text.matchAll(fdsetName)].map(numberOf)))];
}

function numberOf([, digits = '']: readonly string[]): string {
  return String(BigInt(digits));
}

/** A file name may be JSON itself, after "json:". */
function texts(value: JsonValue | undefined): string[] {
  if (typeof value === 'string')
    return value.startsWith('json:') ? [value, ...texts(parseJson(value.slice(5)))] : [value];
  if (Array.isArray(value)) return value.flatMap(texts);
  return isJsonObject(value) ? Object.values(value).flatMap(texts) : [];
}

function notFound(what: string): QmpError {
  return new QmpError(`File descriptor named '${what}' not found`);
}
