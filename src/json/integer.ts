// The two integer ranges of QAPI. A JSON integer is int64 when it fits, else uint64, else it becomes a double
// (QEMU: qobject/json-parser.c, parse_literal). Not a number parser: see number-literal.ts.

import type { JsonInteger, JsonValue } from './value.ts';

const int64Min: bigint = -(2n ** 63n);
const int64Max: bigint = 2n ** 63n - 1n;
const uint64Max: bigint = 2n ** 64n - 1n;

/** True for the two representations of an integer; a Double is none, also when its value is integral. */
export function isJsonInteger(value: JsonValue | undefined): value is JsonInteger {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
}

export function fitsInt64(value: JsonInteger): boolean {
  return typeof value === 'bigint' ? value >= int64Min && value <= int64Max : Number.isSafeInteger(value);
}

export function fitsUint64(value: JsonInteger): boolean {
  if (typeof value === 'bigint') return value >= 0n && value <= uint64Max;
  return Number.isSafeInteger(value) && value >= 0;
}

/** The one representation that JsonInteger asks for: `number` when it is safe, `bigint` beyond. */
export function jsonInteger(value: bigint): JsonInteger {
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}
