// Runs a parser over bytes and collects all that it tells its sink.

import type { JsonDialect } from '../../src/json/lex/dialect.ts';
import type { JsonLimits } from '../../src/json/lex/limits.ts';
import { MessageParser } from '../../src/json/message-parser.ts';
import type { JsonValue } from '../../src/json/value.ts';

export type Outcome =
  | { readonly value: JsonValue; readonly start: number; readonly end: number; readonly compact: string }
  | { readonly desc: string; readonly start: number; readonly end: number };

export interface ParserOptions {
  readonly limits?: JsonLimits;
  readonly dialect?: JsonDialect;
}

export function asBytes(input: string | Uint8Array): Uint8Array {
  return typeof input === 'string' ? Buffer.from(input) : input;
}

/** The outcomes of `input` fed in chunks of the given sizes; what they leave over is the last chunk. */
export function outcomes(
  input: string | Uint8Array,
  chunkSizes: Iterable<number> = [],
  options: ParserOptions = {},
): Outcome[] {
  const bytes = asBytes(input);
  const parser = new MessageParser(options);
  const collected: Outcome[] = [];
  const feed = (chunk: Uint8Array): void => {
    // The chunk is overwritten behind the parser's back, as a transport does with its buffer.
    const borrowed = Uint8Array.from(chunk);
    parser.feed(borrowed, {
      message(message) {
        const compact = message.source().compact([]) ?? '';
        collected.push({ value: message.value, start: message.start, end: message.end, compact });
      },
      error(desc, start, end) {
        collected.push({ desc, start, end });
      },
    });
    borrowed.fill(0x23);
  };
  let at = 0;
  for (const size of chunkSizes) {
    feed(bytes.subarray(at, at + size));
    at += size;
    if (at >= bytes.length) return collected;
  }
  feed(bytes.subarray(at));
  return collected;
}

/** Only the error texts. */
export function errors(input: string | Uint8Array, options?: ParserOptions): string[] {
  return outcomes(input, [], options).flatMap((outcome) => ('desc' in outcome ? [outcome.desc] : []));
}

/** The value of an input that is one message, or the text of its error. */
export function parse(input: string | Uint8Array): JsonValue | Error {
  // A number needs a byte after it.
  const [first, ...more] = outcomes(Buffer.concat([asBytes(input), Buffer.from('\n')]));
  if (first === undefined || more.length > 0) throw new Error(`not one outcome: ${input}`);
  return 'desc' in first ? new Error(first.desc) : first.value;
}
