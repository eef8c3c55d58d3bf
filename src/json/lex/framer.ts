// Finds the messages in one chunk after another: lexing, counting brackets, limits, recovery (QEMU:
// qobject/json-lexer.c, qobject/json-streamer.c). Between two chunks it keeps what a message needs: its bytes without
// whitespace (for ParsedMessage.source) and the token that is not finished. Stopping and resuming is the business of
// message-parser.ts.

import { ParsedMessage } from '../parsed-message.ts';
import { ByteBuffer } from './byte-buffer.ts';
import type { JsonDialect } from './dialect.ts';
import { hashByte, intern, internedBytesMax } from './intern.ts';
import { latin1 } from './latin1.ts';
import { ending, plain, resync, role, roles, state, transitions } from './lexer-table.ts';
import type { JsonLimits } from './limits.ts';
import { decodeLossy } from './modified-utf8.ts';
import { doubleLiteral, integerLiteral } from './number-literal.ts';
import { PlaceCounter } from './place.ts';
import { StringLiteralError, stringLiteral } from './string-literal.ts';
import { ValueBuilder } from './value-builder.ts';
import { copyWithoutSpace } from './whitespace.ts';

/**
 * Where messages go. Answering `false` stops the parser after this message until `resume`. A sink does not call the
 * parser and does not throw: a chunk during which it did is lost.
 */
export interface MessageSink {
  // biome-ignore lint/suspicious/noConfusingVoidType: a sink that never stops answers nothing
  message(message: ParsedMessage): boolean | void;
  /** `desc` is QEMU's text, of class GenericError; the bytes from `start` to `end` are gone. */
  // biome-ignore lint/suspicious/noConfusingVoidType: as above
  error(desc: string, start: number, end: number): boolean | void;
}

const doubleQuote = 0x22;
/** QEMU makes the part after "JSON parse error, " in a buffer of 1024 bytes; only an invalid keyword is that long. */
const parseErrorBytesMax = 1023;
const noBytes: Uint8Array = new Uint8Array(0);
const noSink: MessageSink = { message: () => false, error: () => false };

export class Framer {
  readonly #limits: JsonLimits;
  readonly #dialect: JsonDialect;
  readonly #builder: ValueBuilder;
  /** Only in a dialect that tells places. */
  readonly #places: PlaceCounter | undefined;

  /** Of the lexer. */
  #state: number = state.start;
  /** Position of the current token in `#bytes`; negative when it began in an earlier chunk. */
  #tokenStart = 0;

  /** Offset in the stream of the message's first byte; -1 between messages. */
  #start = -1;
  #braces = 0;
  #brackets = 0;
  #tokens = 0;
  #tokenBytes = 0;
  /** The message's error has been answered: what is left of the message is skipped in silence. */
  #skipping = false;

  /** The message's bytes of earlier chunks; an unfinished token is at their end. */
  #kept: ByteBuffer | undefined;
  /** Where the message's bytes of this chunk begin that are not in `#kept`. */
  #segment = 0;

  #bytes: Uint8Array = noBytes;
  #from = 0;
  #base = 0;
  #sink: MessageSink = noSink;
  #stop = false;

  constructor(limits: JsonLimits, dialect: JsonDialect) {
    this.#limits = limits;
    this.#dialect = dialect;
    this.#builder = new ValueBuilder(dialect);
    if (dialect.places) this.#places = new PlaceCounter();
  }

  /** True when the sink said stop during the last `read`. */
  get stopped(): boolean {
    return this.#stop;
  }

  /** Bytes kept of an unfinished message. */
  get keptBytes(): number {
    return this.#kept?.length ?? 0;
  }

  /**
   * Reads `bytes` from `from` on; `base` is the stream's offset of `bytes[0]`. Answers the position that it came to:
   * the end, unless the sink said stop.
   */
  read(bytes: Uint8Array, from: number, base: number, sink: MessageSink): number {
    this.#tokenStart += from;
    this.#segment = from;
    this.#bytes = bytes;
    this.#from = from;
    this.#base = base;
    this.#sink = sink;
    this.#stop = false;
    try {
      const at = this.#readTokens(from);
      this.#keepUnfinished(at);
      return at;
    } finally {
      this.#bytes = noBytes;
      this.#sink = noSink;
    }
  }

  #readTokens(from: number): number {
    const bytes = this.#bytes;
    let at = from;
    while (at < bytes.length && !this.#stop) {
      if (this.#state === state.recovery) {
        at = this.#recover(at);
      } else if (this.#state !== state.start) {
        at = this.#scan(at);
      } else {
        const byte = bytes[at] as number;
        const meaning = roles[byte];
        if (meaning === role.space) at++;
        else if (meaning === role.structure) this.#structure(byte, at++);
        else if (meaning === role.quote) at = this.#string(byte, at);
        else at = this.#otherToken(at);
      }
    }
    return at;
  }

  /** Skips what follows a stray byte, up to a promising place. */
  #recover(from: number): number {
    const bytes = this.#bytes;
    let at = from;
    while (at < bytes.length && resync[bytes[at] as number] === 0) at++;
    if (at < bytes.length) {
      this.#state = state.start;
      this.#places?.lookedAhead(this.#base + at);
    }
    return at;
  }

  #structure(byte: number, at: number): void {
    this.#beginToken(at);
    const builder = this.#builder;
    switch (byte) {
      case 0x7b:
        this.#braces++;
        builder.openObject();
        break;
      case 0x7d:
        this.#braces--;
        builder.closeObject();
        break;
      case 0x5b:
        this.#brackets++;
        builder.openList();
        break;
      case 0x5d:
        this.#brackets--;
        builder.closeList();
        break;
      case 0x2c:
        builder.comma();
        break;
      default:
        builder.colon();
    }
    this.#count(1, at + 1);
  }

  /** The short plain string that most strings are, in one go; else hands over to the table. */
  #string(quote: number, at: number): number {
    this.#beginToken(at);
    const bytes = this.#bytes;
    const end = Math.min(bytes.length, at + 2 + internedBytesMax, at + 1 + this.#limits.tokenBytesMax);
    let hash = 0;
    let i = at + 1;
    for (; i < end; i++) {
      const byte = bytes[i] as number;
      if (plain[byte] === 0) break;
      hash = hashByte(hash, byte);
    }
    if (i < end && bytes[i] === quote) {
      if (this.#builder.admitsString()) this.#builder.add(intern(bytes, at + 1, i, hash));
      this.#count(i + 1 - at, i + 1);
      return i + 1;
    }
    this.#state = quote === doubleQuote ? state.doubleQuoted : state.singleQuoted;
    return this.#scan(i);
  }

  #otherToken(at: number): number {
    this.#beginToken(at);
    return this.#scan(at);
  }

  #beginToken(at: number): void {
    this.#tokenStart = at;
    if (this.#start >= 0) return;
    this.#start = this.#base + at;
    this.#segment = at;
  }

  /** Follows the table until the token ends, grows too long, or the chunk ends. Answers the position after it. */
  #scan(from: number): number {
    const bytes = this.#bytes;
    const { tokenBytesMax } = this.#limits;
    const end = Math.min(bytes.length, this.#tokenStart + tokenBytesMax + 1);
    let now = this.#state;
    let at = from;
    while (at < end) {
      const next = transitions[now * 256 + (bytes[at] as number)] as number;
      if (next >= ending.error) return this.#endToken(next, next >= ending.integer ? at : at + 1);
      now = next;
      at++;
    }
    this.#state = now;
    if (at - this.#tokenStart > tokenBytesMax) {
      // Like QEMU, treat what there is as a token of no kind: an error at once, whatever the message.
      this.#state = state.start;
      this.#builder.reject();
      this.#count(at - this.#tokenStart, at);
    }
    return at;
  }

  #endToken(kind: number, after: number): number {
    const length = after - this.#tokenStart;
    this.#state = kind === ending.error ? state.recovery : state.start;
    if (kind >= ending.integer) this.#places?.lookedAhead(this.#base + after);
    let text = this.#bytes;
    let end = after;
    if (this.#tokenStart < this.#from && this.#kept !== undefined) {
      this.#kept.append(text, this.#from, after);
      this.#segment = after;
      text = this.#kept.bytes;
      end = this.#kept.length;
    }
    if (kind === ending.error) {
      this.#stray(text, end - length, end, after);
    } else {
      const builder = this.#builder;
      const fits = kind === ending.string ? builder.admitsString() : builder.admitsValue();
      if (fits) this.#literal(kind, text, end - length, end);
      this.#count(length, after);
    }
    return after;
  }

  #literal(kind: number, text: Uint8Array, start: number, end: number): void {
    const builder = this.#builder;
    if (kind === ending.integer) {
      builder.add(integerLiteral(text, start, end));
    } else if (kind === ending.double) {
      builder.add(doubleLiteral(latin1(text, start, end)));
    } else if (kind === ending.string) {
      try {
        builder.add(stringLiteral(text, start, end));
      } catch (error) {
        if (!(error instanceof StringLiteralError)) throw error;
        builder.failure = error.message;
      }
    } else {
      this.#keyword(latin1(text, start, Math.min(end, start + parseErrorBytesMax)));
    }
  }

  #keyword(word: string): void {
    if (word === 'true' || word === 'false') this.#builder.add(word === 'true');
    else if (word === 'null') this.#builder.add(null);
    else this.#builder.failure = `invalid keyword '${word}'`.slice(0, parseErrorBytesMax);
  }

  /** A token is complete and the builder has seen it: the message may be complete, too, or too large. */
  #count(length: number, after: number): void {
    this.#tokens++;
    this.#tokenBytes += length;
    const whole = this.#braces < 0 || this.#brackets < 0 || (this.#braces === 0 && this.#brackets === 0);
    if (!whole && !this.#skipping) this.#checkLimits(after);
    const { failure } = this.#builder;
    if (failure === undefined) {
      if (whole) this.#message(after);
    } else if (this.#skipping) {
      if (whole) this.forget();
    } else if (whole) {
      this.#error(this.#parseError(failure), after);
    } else if (this.#dialect.answersBehind === 'token') {
      this.#errorWithin(this.#parseError(failure), after);
    }
  }

  #checkLimits(after: number): void {
    const { tokenBytesMax, tokensMax, nestingMax } = this.#limits;
    if (this.#tokenBytes > tokenBytesMax) this.#limit('JSON token size limit exceeded', after);
    else if (this.#tokens > tokensMax) this.#limit('JSON token count limit exceeded', after);
    else if (this.#braces + this.#brackets > nestingMax) {
      this.#limit('JSON nesting depth limit exceeded', after);
    }
  }

  #limit(desc: string, after: number): void {
    if (this.#dialect.answersBehind === 'message') {
      this.#error(desc, after);
      return;
    }
    this.#builder.reject();
    this.#errorWithin(desc, after);
  }

  /** With the place of the token that has just ended, where the dialect tells it. */
  #parseError(text: string): string {
    const places = this.#places;
    if (places === undefined) return `JSON parse error, ${text}`;
    const began = this.#tokenStart;
    const place = began < this.#from ? places.kept : places.of(this.#bytes, began, this.#base);
    return `${place}: JSON parse error, ${text}`;
  }

  #message(after: number): void {
    const bytes = { earlier: this.#kept, chunk: this.#bytes, from: this.#segment, to: after };
    const message = new ParsedMessage(this.#builder.value, this.#start, this.#base + after, bytes);
    this.forget();
    this.#stop = this.#sink.message(message) === false;
    message.detach();
  }

  /** The bytes of an unfinished token and the one that cannot belong to it; QEMU's text ends at a NUL. */
  #stray(text: Uint8Array, start: number, end: number, after: number): void {
    const shown = decodeLossy(text, start, text[end - 1] === 0 ? end - 1 : end);
    if (this.#skipping) this.forget();
    else this.#error(this.#parseError(`stray '${shown}'`), after);
  }

  /** Answers an error while its message goes on. */
  #errorWithin(desc: string, after: number): void {
    this.#skipping = true;
    this.#stop = this.#sink.error(desc, this.#start, this.#base + after) === false;
  }

  #error(desc: string, after: number): void {
    const start = this.#start;
    this.forget();
    this.#stop = this.#sink.error(desc, start, this.#base + after) === false;
  }

  /** Drops the message that is being read, but not the lexer's recovery. */
  forget(): void {
    this.#builder.reset();
    this.#start = -1;
    this.#braces = 0;
    this.#brackets = 0;
    this.#tokens = 0;
    this.#tokenBytes = 0;
    this.#skipping = false;
    this.#kept = undefined;
  }

  /** At the end of a chunk, or where the sink said stop: saves what the rest of the message will need. */
  #keepUnfinished(at: number): void {
    const bytes = this.#bytes;
    const tokenLength = bytes.length - this.#tokenStart;
    const inToken = this.#start >= 0 && this.#state !== state.start;
    const beginsHere = inToken && this.#tokenStart >= this.#from;
    this.#places?.endOfChunk(bytes, at, this.#base, beginsHere ? this.#tokenStart : undefined);
    this.#tokenStart = inToken ? -tokenLength : 0;
    if (this.#start < 0) return;
    // Nobody will ask for the bytes of a message that has failed.
    const failed = this.#builder.failure !== undefined;
    const continued = inToken && tokenLength > bytes.length - this.#from;
    if (failed && !continued) this.#kept = undefined;
    if (failed && !inToken) return;
    this.#kept ??= new ByteBuffer();
    const kept = this.#kept;
    const tokenFrom = inToken ? Math.max(this.#from, bytes.length - tokenLength) : bytes.length;
    if (!failed && !continued) {
      kept.reserve(tokenFrom - this.#segment);
      kept.length = copyWithoutSpace(bytes, this.#segment, tokenFrom, kept.bytes, kept.length);
    }
    kept.append(bytes, tokenFrom, bytes.length);
  }
}
