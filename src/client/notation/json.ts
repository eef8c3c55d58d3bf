// JSON inside the command notation: where a value ends, and its value. The dialect is QEMU's (single quotes too); the
// parser of src/json judges it, this file only finds the end, so that a half typed value can be told from a wrong one.

import { MessageParser } from '../../json/message-parser.ts';
import type { JsonValue } from '../../json/value.ts';
import { NotationError } from './error.ts';

/** Where a value ends, or how many brackets are open at the end of the text. */
export type JsonExtent =
  | { readonly kind: 'closed'; readonly end: number }
  | { readonly kind: 'open'; readonly depth: number };

/**
 * The extent of the object, array or string that begins at `start`. With `depthBefore`, of the rest of one that began
 * in an earlier text with so many brackets; strings do not go on over lines.
 */
export function scanJson(text: string, start: number, depthBefore = 0): JsonExtent {
  let depth = depthBefore;
  let quote = '';
  for (let index = start; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (quote !== '') {
      if (character === '\\') index += 1;
      else if (character === '\n') throw new NotationError(index, `the string is not ended by ${quote}`);
      else if (character === quote) quote = '';
    } else if (character === '"' || character === "'") {
      quote = character;
    } else if (character === '{' || character === '[') {
      depth += 1;
    } else if (character === '}' || character === ']') {
      depth -= 1;
    }
    if (depth === 0 && quote === '') return { kind: 'closed', end: index + 1 };
  }
  if (quote !== '') throw new NotationError(text.length, `the string is not ended by ${quote}`);
  return { kind: 'open', depth };
}

/** The value between the two indexes. Throws a NotationError with QEMU's words. */
export function parseJsonText(text: string, start: number, end: number): JsonValue {
  const values: JsonValue[] = [];
  let problem: string | undefined;
  // The blank ends a number or a keyword.
  new MessageParser().feed(new TextEncoder().encode(`${text.slice(start, end)} `), {
    message: (message) => {
      values.push(message.value);
    },
    error: (desc) => {
      problem ??= desc;
    },
  });
  if (problem !== undefined) throw new NotationError(start, problem);
  const [value] = values;
  if (value === undefined || values.length > 1)
    throw new NotationError(start, 'one JSON value is wanted here');
  return value;
}
