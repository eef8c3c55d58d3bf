// Dropping the whitespace between tokens, which never separates anything in a message that is well formed.

import { role, roles } from './lexer-table.ts';

const backslash = 0x5c;

/**
 * Copies `source[start..end)`, which begins between tokens, to `target` from `at` on, without the whitespace outside
 * strings; answers the position after the copy. A string that is not finished at `end` is copied as far as it goes.
 */
export function copyWithoutSpace(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
): number {
  let quote = 0;
  let to = at;
  for (let from = start; from < end; from++) {
    const byte = source[from] as number;
    if (quote === 0) {
      const meaning = roles[byte] as number;
      if (meaning === role.space) continue;
      if (meaning === role.quote) quote = byte;
    } else if (byte === backslash) {
      target[to++] = byte;
      from++;
      if (from === end) break;
    } else if (byte === quote) {
      quote = 0;
    }
    target[to++] = source[from] as number;
  }
  return to;
}
