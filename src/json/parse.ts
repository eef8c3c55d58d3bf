// One value from a text that is all there, for what does not come as a stream.

import { MessageParser } from './message-parser.ts';
import type { JsonValue } from './value.ts';

/** The first value in the text, in QEMU's dialect; undefined when there is none or it is wrong. */
export function parseJson(text: string | Uint8Array): JsonValue | undefined {
  let first: { readonly value: JsonValue | undefined } | undefined;
  const sink = {
    message: ({ value }: { readonly value: JsonValue }): false => {
      first ??= { value };
      return false;
    },
    error: (): false => {
      first ??= { value: undefined };
      return false;
    },
  };
  const parser = new MessageParser();
  parser.feed(typeof text === 'string' ? new TextEncoder().encode(text) : text, sink);
  // A number or a keyword ends with what follows it.
  if (first === undefined) parser.feed(lineEnd, sink);
  return first?.value;
}

const lineEnd = Uint8Array.of(0x0a);
