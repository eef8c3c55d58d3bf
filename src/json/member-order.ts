// The order in which QEMU walks the members of an object: that of its hash table (qobject/qdict.c), 512 buckets in
// ascending order, the member inserted last first within a bucket. It shows in printed output and in which
// unexpected member an error names.

import type { JsonObject } from './value.ts';

const buckets = 512;

/** Known buckets of keys. Keys come from the wire, so the table is emptied when it is full. */
const known: Map<string, number> = new Map();
const knownKeysMax = 4096;
const knownKeyLengthMax = 128;

/** A key's bytes in modified UTF-8, in which U+0000 is two bytes. */
function utf8(key: string): number[] {
  const bytes: number[] = [];
  for (const character of key) {
    const codePoint = character.codePointAt(0) as number;
    if (codePoint > 0 && codePoint < 0x80) {
      bytes.push(codePoint);
    } else if (codePoint < 0x800) {
      bytes.push(0xc0 | (codePoint >> 6), 0x80 | (codePoint & 0x3f));
    } else {
      if (codePoint < 0x10000) bytes.push(0xe0 | (codePoint >> 12));
      else bytes.push(0xf0 | (codePoint >> 18), 0x80 | ((codePoint >> 12) & 0x3f));
      bytes.push(0x80 | ((codePoint >> 6) & 0x3f), 0x80 | (codePoint & 0x3f));
    }
  }
  return bytes;
}

/** tdb_hash of the key, modulo the number of buckets. */
function computeBucket(key: string): number {
  const bytes = utf8(key);
  let value = Math.imul(0x238f13af, bytes.length);
  for (const [i, byte] of bytes.entries()) value = (value + (byte << ((i * 5) % 24))) | 0;
  const hash = (Math.imul(1103515243, value) + 12345) >>> 0;
  return hash % buckets;
}

/** The bucket of a member's name in QEMU's objects: 0 to 511. */
export function memberBucket(key: string): number {
  const found = known.get(key);
  if (found !== undefined) return found;
  const bucket = computeBucket(key);
  if (key.length <= knownKeyLengthMax) {
    if (known.size >= knownKeysMax) known.clear();
    known.set(key, bucket);
  }
  return bucket;
}

/**
 * The names of an object's members as QEMU would walk them. Names that are small decimal numbers count as inserted
 * before all others, because JavaScript's objects keep them so.
 */
export function memberOrder(object: JsonObject): string[] {
  const keys = Object.keys(object);
  if (keys.length < 2) return keys;
  return keys.reverse().sort((a, b) => memberBucket(a) - memberBucket(b));
}
