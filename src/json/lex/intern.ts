// Short strings that come again and again (member names, command names, ids' letters) without making them anew: a
// small table from bytes to the string made of them the last time. Purely an optimisation; it never grows.

import { latin1 } from './latin1.ts';

/** A power of two: the table is indexed by the low bits of the hash. */
const slots = 1024;
/** Longer strings are rarely repeated, and are dearer to compare than to make. */
export const internedBytesMax = 40;

const table: string[] = new Array<string>(slots).fill('');

/** The hash that `intern` wants, continued by one byte; begins with 0. */
export function hashByte(hash: number, byte: number): number {
  return (Math.imul(hash, 31) + byte) | 0;
}

/** The ASCII string of `bytes[start..end)`, which has at most `internedBytesMax` bytes and the hash `hash`. */
export function intern(bytes: Uint8Array, start: number, end: number, hash: number): string {
  const slot = (hash ^ (hash >>> 10)) & (slots - 1);
  const known = table[slot] as string;
  if (equals(known, bytes, start, end)) return known;
  const made = latin1(bytes, start, end);
  table[slot] = made;
  return made;
}

function equals(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (text.length !== length) return false;
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}
