// Where a value lies in the bytes of a message that has already been parsed. Since the form is known to be good,
// finding a place only means skipping strings and counting brackets.

import { role, roles } from './lex/lexer-table.ts';
import { stringLiteral } from './lex/string-literal.ts';

/** Names of members and indices of list elements, from the outside inwards: `['arguments', 'addr', 'str']`. */
export type MemberPath = readonly (string | number)[];

export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

const backslash = 0x5c;
const comma = 0x2c;
const openBrace = 0x7b;
const openBracket = 0x5b;

function isOpening(byte: number | undefined): boolean {
  return byte === openBrace || byte === openBracket;
}

function isClosing(byte: number | undefined): boolean {
  return byte === 0x7d || byte === 0x5d;
}

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && roles[bytes[at] as number] === role.space) at++;
  return at;
}

/** The position after the string that begins at `from`. */
export function skipString(bytes: Uint8Array, from: number): number {
  const quote = bytes[from];
  let at = from + 1;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at + 1;
}

/** The position after the value that begins at `from`. */
function skipValue(bytes: Uint8Array, from: number): number {
  let depth = 0;
  let at = from;
  do {
    const byte = bytes[at] as number;
    const meaning = roles[byte];
    if (meaning === role.quote) {
      at = skipString(bytes, at);
    } else if (meaning === role.other) {
      while (at < bytes.length && roles[bytes[at] as number] === role.other) at++;
    } else {
      if (isOpening(byte)) depth++;
      else if (isClosing(byte)) depth--;
      at++;
    }
  } while (depth > 0 && at < bytes.length);
  return at;
}

/** Steps from one element or member of the container at `from` to the next until `wanted` says yes. */
function findInside(
  bytes: Uint8Array,
  from: number,
  wanted: (start: number, end: number, index: number) => boolean,
): number | undefined {
  let at = skipSpace(bytes, from + 1);
  for (let index = 0; at < bytes.length && !isClosing(bytes[at]); index++) {
    const end = skipValue(bytes, at);
    const found = wanted(at, end, index);
    if (bytes[from] === openBracket) {
      if (found) return at;
      at = skipSpace(bytes, end);
    } else {
      // Behind the name there are the colon and the value.
      const value = skipSpace(bytes, skipSpace(bytes, end) + 1);
      if (found) return value;
      at = skipSpace(bytes, skipValue(bytes, value));
    }
    if (bytes[at] === comma) at = skipSpace(bytes, at + 1);
  }
  return undefined;
}

function findStep(bytes: Uint8Array, from: number, step: string | number): number | undefined {
  const wantedKind = typeof step === 'number' ? openBracket : openBrace;
  if (bytes[from] !== wantedKind) return undefined;
  return findInside(bytes, from, (start, end, index) =>
    typeof step === 'number' ? index === step : stringLiteral(bytes, start, end) === step,
  );
}

/** The bytes of the value at `path`, or undefined when the message has none there. */
export function valueRange(bytes: Uint8Array, path: MemberPath): ByteRange | undefined {
  let start: number | undefined = skipSpace(bytes, 0);
  for (const step of path) {
    start = findStep(bytes, start, step);
    if (start === undefined) return undefined;
  }
  return { start, end: skipValue(bytes, start) };
}
