// QEMU's limits on one JSON message (qobject/json-streamer.c, qobject/json-lexer.c). At each of them the message is
// dropped, its sender gets an error, and parsing goes on with the next byte.

export interface JsonLimits {
  /** Sum of the bytes of a message's tokens, and of a single token; whitespace is free. */
  readonly tokenBytesMax: number;
  readonly tokensMax: number;
  /** Brackets and braces open at the same time. */
  readonly nestingMax: number;
}

export const qemuLimits: JsonLimits = { tokenBytesMax: 64 * 2 ** 20, tokensMax: 2 ** 21, nestingMax: 1024 };
