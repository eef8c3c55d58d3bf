// Which member QEMU names when several are unexpected: the first in iteration order of the GHashTable that its input
// visitor fills (qobject-input-visitor.c). This follows GLib's table (open addressing, g_str_hash, sizes that are
// powers of two with a prime as modulus) far enough to give the same answer.

import { memberOrder } from '../../json/member-order.ts';
import type { JsonObject } from '../../json/value.ts';

/** `primes[n]` is the modulus of a table of 2^n slots. */
const primes = [1, 2, 3, 7, 13, 31, 61, 127, 251, 509, 1021, 2039] as const;

/**
 * An object with more keys than this is not looked at so closely: keys can be made up that all fall into one slot,
 * and then the time grows with the square of their number.
 */
const keysMax = 1000;

const minShift = 3;
const maxShift = primes.length - 1;

function hashOf(bytes: Uint8Array): number {
  let hash = 5381;
  for (const byte of bytes) hash = (Math.imul(hash, 33) + (byte > 127 ? byte - 256 : byte)) >>> 0;
  // 0 and 1 mean "never used" and "removed" there.
  return Math.max(hash, 2);
}

type Slot = string | undefined | typeof removed;
const removed: unique symbol = Symbol('removed');

class KeyTable {
  #shift = minShift;
  #slots: Slot[] = new Array<Slot>(1 << minShift);
  #count = 0;
  #used = 0;
  readonly #hashes = new Map<string, number>();
  readonly #encoder = new TextEncoder();

  #home(key: string, shift: number): number {
    let hash = this.#hashes.get(key);
    if (hash === undefined) {
      hash = hashOf(this.#encoder.encode(key));
      this.#hashes.set(key, hash);
    }
    return (Math.imul(hash, 11) >>> 0) % (primes[shift] ?? 1);
  }

  add(key: string): void {
    const mask = this.#slots.length - 1;
    let index = this.#home(key, this.#shift);
    let tombstone: number | undefined;
    for (let step = 1; this.#slots[index] !== undefined; step += 1) {
      if (this.#slots[index] === key) return;
      if (this.#slots[index] === removed) tombstone ??= index;
      index = (index + step) & mask;
    }
    this.#slots[tombstone ?? index] = key;
    this.#count += 1;
    if (tombstone === undefined) this.#used += 1;
    this.#maybeResize();
  }

  remove(key: string): void {
    const mask = this.#slots.length - 1;
    let index = this.#home(key, this.#shift);
    for (let step = 1; this.#slots[index] !== key; step += 1) {
      if (this.#slots[index] === undefined) return;
      index = (index + step) & mask;
    }
    this.#slots[index] = removed;
    this.#count -= 1;
    this.#maybeResize();
  }

  first(): string | undefined {
    return this.#slots.find((slot): slot is string => typeof slot === 'string');
  }

  #maybeResize(): void {
    const size = this.#slots.length;
    const tooLarge = size > this.#count * 4 && size > 1 << minShift;
    if (tooLarge || size <= this.#used + Math.floor(this.#used / 16)) this.#resize();
  }

  /** Rehashes in place: each key pushes out the one in its new home that has not moved yet. */
  #resize(): void {
    const wanted = Math.floor(this.#count * 1.333);
    const shift = Math.min(maxShift, Math.max(minShift, 32 - Math.clz32(wanted)));
    const oldSize = this.#slots.length;
    const size = 1 << shift;
    const mask = size - 1;
    const slots: Slot[] = this.#slots;
    if (size > oldSize) slots.length = size;
    const settled = new Set<number>();
    for (let index = 0; index < oldSize; index += 1) {
      const slot = slots[index];
      if (settled.has(index)) continue;
      slots[index] = undefined;
      let moving = typeof slot === 'string' ? slot : undefined;
      while (moving !== undefined) {
        let home = this.#home(moving, shift);
        for (let step = 1; settled.has(home); step += 1) home = (home + step) & mask;
        settled.add(home);
        const evicted: Slot = slots[home];
        slots[home] = moving;
        moving = typeof evicted === 'string' ? evicted : undefined;
      }
    }
    slots.length = size;
    this.#shift = shift;
    this.#used = this.#count;
  }
}

/**
 * The member that QEMU calls unexpected. `taken` are the keys that the type knows, in the order in which they were
 * visited.
 */
export function unexpectedMember(object: JsonObject, taken: readonly string[]): string | undefined {
  const keys = memberOrder(object);
  if (keys.length > keysMax) {
    const known = new Set(taken);
    return keys.find((key) => !known.has(key));
  }
  const table = new KeyTable();
  for (const key of keys) table.add(key);
  for (const key of taken) table.remove(key);
  return table.first();
}
