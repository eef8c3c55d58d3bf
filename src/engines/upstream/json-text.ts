// JSON text on its way between clients and QEMU: read where something must be known, as short as possible where it is
// sent, since QEMU takes 2 to 3 microseconds for each byte that it reads.

import { latin1Bytes } from '../../json/lex/latin1.ts';
import { parseJson } from '../../json/parse.ts';
import { MessageSource, type Replacement } from '../../json/source.ts';
import { isJsonObject, type JsonObject } from '../../json/value.ts';

/** An answer's value, where an object is promised; empty when it is none. */
export function parseObject(text: string | Uint8Array): JsonObject {
  const value = parseJson(text);
  return isJsonObject(value) ? value : {};
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: everything outside ASCII is meant
const needsWork = /[\t\r\n ']|[^\x00-\x7f]/;

/**
 * The client's text of a value (each byte one character), without what QEMU need not read and with some values
 * replaced.
 */
export function shortened(text: string, replacements: readonly Replacement[] = []): string {
  if (replacements.length === 0 && !needsWork.test(text)) return text;
  return new MessageSource(latin1Bytes(text)).compact([], replacements) ?? text;
}
