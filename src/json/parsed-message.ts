// One complete message as the parser hands it out, with a way to its bytes while the sink looks at it.

import { assert } from '../util/assert.ts';
import type { ByteBuffer } from './lex/byte-buffer.ts';
import { MessageSource } from './source.ts';
import type { JsonValue } from './value.ts';

/** Where a message's bytes are during the call of its sink. */
export interface MessageBytes {
  /** What came in earlier chunks, without whitespace. */
  readonly earlier: ByteBuffer | undefined;
  /** The chunk that completed the message, and the part of it that belongs to the message. */
  readonly chunk: Uint8Array;
  readonly from: number;
  readonly to: number;
}

export class ParsedMessage {
  readonly value: JsonValue;
  /** Absolute offsets in the stream: of the first byte, and after the last one. */
  readonly start: number;
  readonly end: number;
  #bytes: MessageBytes | undefined;

  constructor(value: JsonValue, start: number, end: number, bytes: MessageBytes) {
    this.value = value;
    this.start = start;
    this.end = end;
    this.#bytes = bytes;
  }

  /**
   * A copy of the message's bytes, for forwarding; only during `MessageSink.message`, what it returns may be kept.
   * Whitespace between tokens may be missing when the message came in several chunks.
   */
  source(): MessageSource {
    const bytes = this.#bytes;
    assert(bytes !== undefined, 'ParsedMessage.source called after its sink returned');
    const { earlier, chunk, from, to } = bytes;
    const copy = new Uint8Array((earlier?.length ?? 0) + to - from);
    if (earlier !== undefined) copy.set(earlier.bytes.subarray(0, earlier.length));
    copy.set(chunk.subarray(from, to), earlier?.length ?? 0);
    return new MessageSource(copy);
  }

  /** For the parser: the chunk is about to be reused. */
  detach(): void {
    this.#bytes = undefined;
  }
}
