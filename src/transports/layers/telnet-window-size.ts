// The size of a viewer's window, as a telnet client tells it (RFC 1073): asked for at the beginning, and taken out of
// what the viewer sends. A layer below telnet.ts, which does what QEMU's telnet does: sizes are not part of it.

import type { ConnectionHandler } from '../../qmp/connection.ts';
import type { ByteStream } from './stream.ts';

const IAC = 255;
const DO = 253;
const SB = 250;
const SE = 240;
const NAWS = 31;

/** IAC SB NAWS, what stands before a size. */
const opening = [IAC, SB, NAWS];

/** Two numbers of 16 bits. A client that sends more is not heard to the end. */
const sizeBytes = 4;

export class WindowSizeStream implements ByteStream {
  readonly #below: ByteStream;
  readonly #told: (cols: number, rows: number) => void;
  /** Bytes of the opening that have come. */
  #opened = 0;
  #size: number[] = [];
  /** Inside of a size: the byte before was IAC. */
  #escaped = false;

  constructor(below: ByteStream, told: (cols: number, rows: number) => void) {
    this.#below = below;
    this.#told = told;
    below.write(Uint8Array.of(IAC, DO, NAWS));
  }

  get bufferedBytes(): number {
    return this.#below.bufferedBytes;
  }

  start(handler: ConnectionHandler): void {
    this.#below.start({
      data: (chunk, fds) => handler.data(this.#without(chunk), fds),
      end: () => handler.end(),
      drain: () => handler.drain(),
      close: (reason) => handler.close(reason),
    });
  }

  /** The chunk without sizes, and without what may be the beginning of one. */
  #without(chunk: Uint8Array): Uint8Array {
    if (this.#opened === 0 && !chunk.includes(IAC)) return chunk;
    const rest: number[] = [];
    for (const byte of chunk) {
      if (this.#opened === opening.length) this.#take(byte);
      else if (byte === opening[this.#opened]) this.#open();
      else this.#letGo(byte, rest);
    }
    return Uint8Array.from(rest);
  }

  #open(): void {
    this.#opened += 1;
    if (this.#opened === opening.length) this.#size = [];
  }

  /** It was something else: two IAC, say, which are a byte for the guest. */
  #letGo(byte: number, rest: number[]): void {
    rest.push(...opening.slice(0, this.#opened), byte);
    this.#opened = 0;
  }

  #take(byte: number): void {
    if (!this.#escaped && byte === IAC) {
      this.#escaped = true;
      return;
    }
    const ends = this.#escaped && byte !== IAC;
    this.#escaped = false;
    if (!ends) {
      if (this.#size.length < sizeBytes) this.#size.push(byte);
      return;
    }
    this.#opened = 0;
    const [wide = 0, w = 0, high = 0, h = 0] = this.#size;
    const [cols, rows] = [wide * 256 + w, high * 256 + h];
    // Zero is for a client that does not know.
    if (byte === SE && this.#size.length === sizeBytes && cols > 0 && rows > 0) this.#told(cols, rows);
  }

  write(data: string | Uint8Array): void {
    this.#below.write(data);
  }

  pause(): void {
    this.#below.pause();
  }

  resume(): void {
    this.#below.resume();
  }

  end(): void {
    this.#below.end();
  }

  destroy(): void {
    this.#below.destroy();
  }
}
