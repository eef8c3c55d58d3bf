// A string as QEMU prints it (qobject/json-writer.c, quoted_str): ASCII only, escapes in upper-case hexadecimal,
// and U+FFFD for code points that are not characters (surrogates without partner, noncharacters).

import { isUnicodeCharacter } from './lex/modified-utf8.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must be escaped
const needsEscape: RegExp = /[\x00-\x1f"\\\x7f-\uffff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above; with the u flag a surrogate pair is one match
const escaped: RegExp = /[\x00-\x1f"\\\x7f-\u{10ffff}]/gu;

const short: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

function unitEscape(unit: number): string {
  return `\\u${unit.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** The escape of one character. */
function escapeOf(character: string): string {
  const known = short.get(character);
  if (known !== undefined) return known;
  const codePoint = character.codePointAt(0) ?? 0;
  if (!isUnicodeCharacter(codePoint)) return '\\uFFFD';
  if (codePoint <= 0xffff) return unitEscape(codePoint);
  return unitEscape(character.charCodeAt(0)) + unitEscape(character.charCodeAt(1));
}

/** The string with its quotes. */
export function stringText(value: string): string {
  return needsEscape.test(value) ? `"${value.replace(escaped, escapeOf)}"` : `"${value}"`;
}
