// The value of a string token, quotes included (QEMU: qobject/json-parser.c, parse_string). The lexer has only found
// its end; escapes and encoding are checked here, with QEMU's words.

import { CodeUnits } from './code-units.ts';
import { latin1 } from './latin1.ts';
import { decodeLossy, isUnicodeCharacter, sequenceAt } from './modified-utf8.ts';

const backslash = 0x5c;
const letterU = 0x75;

/** What stands after a backslash, and what it means. */
const escapes: ReadonlyMap<number, number> = new Map(
  Object.entries({
    '"': '"',
    "'": "'",
    '\\': '\\',
    '/': '/',
    b: '\b',
    f: '\f',
    n: '\n',
    r: '\r',
    t: '\t',
  }).map(([letter, meaning]) => [letter.charCodeAt(0), meaning.charCodeAt(0)]),
);

/** Thrown by `stringLiteral`; `message` is the part after "JSON parse error, ". */
export class StringLiteralError extends Error {}

/** Four hexadecimal digits at `at`, or -1. */
function hex4(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  for (let i = at; i < at + 4; i++) {
    const byte = i < end ? (bytes[i] as number) : 0;
    const letter = byte | 0x20;
    if (byte >= 0x30 && byte <= 0x39) value = value * 16 + byte - 0x30;
    else if (letter >= 0x61 && letter <= 0x66) value = value * 16 + letter - 0x57;
    else return -1;
  }
  return value;
}

/** Reads the `\uXXXX` (or the pair of them) at `at`; answers the position after it. */
function unicodeEscape(bytes: Uint8Array, at: number, end: number, units: CodeUnits): number {
  let codePoint = hex4(bytes, at + 2, end);
  let next = at + 6;
  const leading = codePoint >= 0xd800 && codePoint <= 0xdbff;
  if (leading && bytes[next] === backslash && bytes[next + 1] === letterU) {
    const trailing = hex4(bytes, next + 2, end);
    if (trailing >= 0xdc00 && trailing <= 0xdfff) {
      codePoint = 0x10000 + ((codePoint & 0x3ff) << 10) + (trailing & 0x3ff);
      next += 6;
    }
  }
  if (codePoint < 0 || !isUnicodeCharacter(codePoint)) {
    // The six bytes are shown as they are, even if the closing quote is among them.
    const shown = decodeLossy(bytes, at, Math.min(next, end));
    throw new StringLiteralError(`${shown} is not a valid Unicode character`);
  }
  units.add(codePoint);
  return next;
}

/** The text of the literal `bytes[start..end)`. Throws StringLiteralError. */
export function stringLiteral(bytes: Uint8Array, start: number, end: number): string {
  const special = firstSpecial(bytes, start + 1, end - 1);
  const head = latin1(bytes, start + 1, special);
  return special === end - 1 ? head : head + decode(bytes, special, end);
}

/** The first byte that does not stand for itself alone, or `end`. */
function firstSpecial(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== backslash && (bytes[at] as number) < 0x80) at++;
  return at;
}

function decode(bytes: Uint8Array, start: number, end: number): string {
  const units = new CodeUnits();
  let at = start;
  while (at < end - 1) {
    if (bytes[at] !== backslash) {
      const sequence = sequenceAt(bytes, at, end);
      if (sequence < 0) throw new StringLiteralError('invalid UTF-8 sequence in string');
      units.add(sequence >> 3);
      at += sequence & 7;
    } else if (bytes[at + 1] === letterU) {
      at = unicodeEscape(bytes, at, end, units);
    } else {
      const meaning = escapes.get(bytes[at + 1] as number);
      if (meaning === undefined) throw new StringLiteralError('invalid escape sequence in string');
      units.add(meaning);
      at += 2;
    }
  }
  return units.toString();
}
