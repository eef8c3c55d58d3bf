// QEMU's modified UTF-8 (util/unicode.c): UTF-8 in which U+0000 is C0 80, and noncharacters are invalid like
// surrogates and overlong forms. Also what its output makes of invalid bytes: one U+FFFD for each bad sequence,
// where the length of a bad sequence is QEMU's, not that of the Encoding Standard.

import { CodeUnits } from './code-units.ts';

const replacement = 0xfffd;
/** Least code point for each length of 2 to 6 bytes; a smaller one is overlong. */
const leastOfLength: readonly number[] = [0x80, 0x800, 0x10000, 0x200000, 0x4000000];

/** Neither a surrogate nor one of Unicode's 66 noncharacters. */
export function isUnicodeCharacter(codePoint: number): boolean {
  if (codePoint > 0x10ffff || (codePoint & 0xfffe) === 0xfffe) return false;
  if (codePoint >= 0xfdd0 && codePoint <= 0xfdef) return false;
  return codePoint < 0xd800 || codePoint > 0xdfff;
}

/**
 * The sequence at `at` (which is below `end`): `codePoint * 8 + length` when it is valid, `-length` when it is not.
 * One number, so that a loop over megabytes allocates nothing.
 */
export function sequenceAt(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at] as number;
  if (first < 0x80) return first * 8 + 1;
  // A stray continuation byte, or one of the two bytes that UTF-8 never has.
  if (first < 0xc0 || first >= 0xfe) return -1;
  const length = Math.clz32(~(first << 24));
  let codePoint = first & (0x7f >> length);
  for (let i = 1; i < length; i++) {
    const next = at + i < end ? (bytes[at + i] as number) : 0;
    if ((next & 0xc0) !== 0x80) return -i;
    codePoint = codePoint * 64 + (next & 0x3f);
  }
  const overlong = codePoint < (leastOfLength[length - 2] as number) && !(codePoint === 0 && length === 2);
  return overlong || !isUnicodeCharacter(codePoint) ? -length : codePoint * 8 + length;
}

/** The text of any bytes whatever, as QEMU's output would show it. */
export function decodeLossy(bytes: Uint8Array, start: number, end: number): string {
  const units = new CodeUnits();
  for (let at = start; at < end; ) {
    const sequence = sequenceAt(bytes, at, end);
    units.add(sequence < 0 ? replacement : sequence >> 3);
    at += sequence < 0 ? -sequence : sequence & 7;
  }
  return units.toString();
}
