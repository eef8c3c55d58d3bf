// The value of a number token: int64, else uint64, else double (QEMU: qobject/json-parser.c, parse_literal).
// The lexer has already checked the form, which is a subset of JavaScript's own number literals.

import { fitsInt64, fitsUint64, jsonInteger } from '../integer.ts';
import { Double, type JsonValue } from '../value.ts';
import { latin1 } from './latin1.ts';

/** Digits that always fit a safe integer: 10^15 < 2^53. */
const safeDigitsMax = 15;
/** Digits of 2^64-1. Longer numbers (JSON has no leading zeros) are doubles; BigInt's cost is not linear. */
const uint64DigitsMax = 20;

const minus = 0x2d;
const zero = 0x30;

/** The value of the integer literal `bytes[start..end)`. */
export function integerLiteral(bytes: Uint8Array, start: number, end: number): JsonValue {
  const negative = bytes[start] === minus;
  const digits = end - start - (negative ? 1 : 0);
  if (digits <= safeDigitsMax) {
    let value = 0;
    for (let at = end - digits; at < end; at++) value = value * 10 + ((bytes[at] as number) - zero);
    // QEMU's integer has no negative zero.
    return negative && value !== 0 ? -value : value;
  }
  if (digits > uint64DigitsMax) return doubleLiteral(latin1(bytes, start, end));
  const value = BigInt(latin1(bytes, start, end));
  if (fitsInt64(value) || fitsUint64(value)) return jsonInteger(value);
  return doubleLiteral(latin1(bytes, start, end));
}

/** The value of a literal that is a double whatever it looks like: `1.0`, `1e3`, `1e400` (infinity, as in QEMU). */
export function doubleLiteral(text: string): number | Double {
  const value = Number(text);
  return Number.isFinite(value) && !Number.isInteger(value) ? value : new Double(value);
}
