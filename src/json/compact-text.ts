// A message's bytes made small for forwarding: no whitespace between tokens, strings in double quotes and ASCII.
// Numbers keep every digit that was sent, since nothing is parsed and printed again but the strings that must be.

import { latin1 } from './lex/latin1.ts';
import { role, roles } from './lex/lexer-table.ts';
import { stringLiteral } from './lex/string-literal.ts';
import { stringText } from './string-text.ts';
import { type ByteRange, skipString } from './value-range.ts';

const backslash = 0x5c;
const doubleQuote = 0x22;
const singleQuote = 0x27;

/** True for a literal that is ASCII and JSON as it stands: QEMU also takes 'this' and "it\'s". */
function isPortable(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] !== doubleQuote) return false;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte >= 0x7f) return false;
    if (byte === backslash && bytes[++at] === singleQuote) return false;
  }
  return true;
}

/** The bytes of `range`, one or more whole tokens, in their compact form. */
export function compactText(bytes: Uint8Array, range: ByteRange): string {
  let text = '';
  let copied = range.start;
  let at = range.start;
  while (at < range.end) {
    const meaning = roles[bytes[at] as number];
    if (meaning === role.space) {
      text += latin1(bytes, copied, at);
      while (at < range.end && roles[bytes[at] as number] === role.space) at++;
      copied = at;
    } else if (meaning === role.quote) {
      const end = skipString(bytes, at);
      if (!isPortable(bytes, at, end)) {
        text += latin1(bytes, copied, at) + stringText(stringLiteral(bytes, at, end));
        copied = end;
      }
      at = end;
    } else {
      at++;
    }
  }
  return text + latin1(bytes, copied, range.end);
}
