// Bytes in, messages and errors out: the incremental parser of one QMP stream in QEMU's JSON dialect. How the stream
// is cut into chunks makes no difference. The sink can say "stop" after any message, since QMP takes one in-band
// command at a time; what was fed but not read then waits here. No I/O, no clock. The cost is linear in the bytes fed;
// an idle parser holds no buffer.

import { assert } from '../util/assert.ts';
import { followedDialect, type JsonDialect } from './lex/dialect.ts';
import { Framer, type MessageSink } from './lex/framer.ts';
import { type JsonLimits, qemuLimits } from './lex/limits.ts';

export type { MessageSink } from './lex/framer.ts';
export type { ParsedMessage } from './parsed-message.ts';

export class MessageParser {
  readonly #limits: JsonLimits;
  readonly #dialect: JsonDialect;
  #framer: Framer;
  #running = false;
  #stopped = false;
  /** Offset in the stream of the next byte to read. */
  #offset = 0;

  /** Chunks that wait for `resume`; the first one is read up to `#waitingFrom`. */
  #waiting: Uint8Array[] = [];
  #waitingFrom = 0;
  #waitingBytes = 0;

  constructor(options: { readonly limits?: JsonLimits; readonly dialect?: JsonDialect } = {}) {
    this.#limits = options.limits ?? qemuLimits;
    this.#dialect = options.dialect ?? followedDialect;
    this.#framer = new Framer(this.#limits, this.#dialect);
  }

  /** Bytes held here: those of an unfinished message, and those that wait for `resume`. */
  get pendingBytes(): number {
    return this.#framer.keptBytes + this.#waitingBytes;
  }

  /** True from the moment the sink said stop until `resume`; meanwhile `feed` only stores. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** True when bytes wait for `resume`. */
  get hasBuffered(): boolean {
    return this.#waitingBytes > 0;
  }

  /**
   * Reads `chunk`, which may be reused afterwards. While stopped it is copied, without its own limit: whoever
   * feeds stops reading from the peer as long as `stopped` is true.
   */
  feed(chunk: Uint8Array, sink: MessageSink): void {
    const at = this.#stopped ? 0 : this.#read(chunk, 0, sink);
    if (at === chunk.length) return;
    // Not `chunk.slice`, which does not copy when the chunk is one of Node's Buffers.
    this.#waiting.push(Uint8Array.prototype.slice.call(chunk, at));
    this.#waitingBytes += chunk.length - at;
  }

  /** Goes on after a stop with what was stored, until all is read or the sink says stop again. */
  resume(sink: MessageSink): void {
    this.#stopped = false;
    while (!this.#stopped) {
      const chunk = this.#waiting[0];
      if (chunk === undefined) return;
      const at = this.#read(chunk, this.#waitingFrom, sink);
      this.#waitingBytes -= at - this.#waitingFrom;
      this.#waitingFrom = at;
      if (at < chunk.length) return;
      this.#waiting.shift();
      this.#waitingFrom = 0;
    }
  }

  /** Forgets everything, as QEMU does when a client leaves; offsets begin at 0 again. */
  reset(): void {
    assert(!this.#running, 'MessageParser.reset called by its own sink');
    this.#framer = new Framer(this.#limits, this.#dialect);
    this.#stopped = false;
    this.#offset = 0;
    this.#waiting = [];
    this.#waitingFrom = 0;
    this.#waitingBytes = 0;
  }

  #read(chunk: Uint8Array, from: number, sink: MessageSink): number {
    assert(!this.#running, 'MessageParser called by its own sink');
    this.#running = true;
    try {
      const at = this.#framer.read(chunk, from, this.#offset - from, sink);
      this.#offset += at - from;
      this.#stopped = this.#framer.stopped;
      return at;
    } finally {
      this.#running = false;
    }
  }
}
