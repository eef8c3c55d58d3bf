// Between Node's streams and ByteStream, both ways: TCP and TLS sockets are Duplexes that a chardev reads from, and
// TLS runs over any Duplex.

import { Duplex } from 'node:stream';
import type { OwnedFd } from '../../util/owned-fd.ts';
import { strerror } from '../../util/strerror.ts';
import type { ByteStream, ByteStreamHandler } from './stream.ts';

/** How long a closing stream may take to give the peer what was written before. */
const lingerMs = 2000;

export class DuplexStream implements ByteStream {
  readonly #duplex: Duplex;
  readonly #reads: boolean;
  #error: string | undefined;
  #flowing = false;
  /** The end has come while nothing was to be read: a Duplex tells it also when it is paused. */
  #heldEnd: (() => void) | undefined;

  /** The duplex must be paused, half-open allowed, and nobody else may listen to its data. */
  constructor(duplex: Duplex, reads: boolean = true) {
    this.#duplex = duplex;
    this.#reads = reads;
    duplex.on('error', (error) => {
      this.#error = strerror(error);
    });
  }

  get bufferedBytes(): number {
    return this.#duplex.writableLength;
  }

  start(handler: ByteStreamHandler): void {
    const duplex = this.#duplex;
    const closed = (): void =>
      handler.close(this.#error ? { kind: 'error', message: this.#error } : { kind: 'local' });
    if (duplex.destroyed) {
      queueMicrotask(closed);
      return;
    }
    duplex.on('drain', () => handler.drain());
    duplex.on('close', closed);
    if (!this.#reads) return;
    duplex.on('data', (chunk) => handler.data(chunk, []));
    duplex.on('end', () => {
      if (this.#flowing) handler.end();
      else this.#heldEnd = () => handler.end();
    });
    this.resume();
  }

  write(data: string | Uint8Array): void {
    if (!this.#duplex.destroyed && !this.#duplex.writableEnded) this.#duplex.write(data);
  }

  pause(): void {
    if (!this.#flowing) return;
    this.#flowing = false;
    this.#duplex.pause();
  }

  resume(): void {
    if (this.#flowing || !this.#reads) return;
    this.#flowing = true;
    this.#duplex.resume();
    const end = this.#heldEnd;
    this.#heldEnd = undefined;
    end?.();
  }

  end(): void {
    const duplex = this.#duplex;
    const giveUp = setTimeout(() => duplex.destroy(), lingerMs);
    giveUp.unref();
    duplex.once('close', () => clearTimeout(giveUp));
    duplex.end(() => duplex.destroy());
  }

  destroy(): void {
    this.#duplex.destroy();
  }
}

/** A Duplex over a ByteStream; descriptors that come with its bytes are closed. */
export class StreamDuplex extends Duplex {
  readonly #stream: ByteStream;
  #drained: (() => void) | undefined;

  constructor(stream: ByteStream) {
    super({ allowHalfOpen: true });
    this.#stream = stream;
    stream.start({
      data: (chunk, fds) => this.#receive(chunk, fds),
      end: () => this.push(null),
      drain: () => this.#goOn(),
      close: () => {
        this.#goOn();
        this.destroy();
      },
    });
    stream.pause();
  }

  #receive(chunk: Uint8Array, fds: readonly OwnedFd[]): void {
    for (const fd of fds) fd.close();
    // The chunk is only valid during the call.
    if (!this.push(Buffer.from(chunk))) this.#stream.pause();
  }

  #goOn(): void {
    const drained = this.#drained;
    this.#drained = undefined;
    drained?.();
  }

  override _read(): void {
    this.#stream.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, written: () => void): void {
    this.#stream.write(chunk);
    if (this.#stream.bufferedBytes === 0) written();
    else this.#drained = written;
  }

  override _final(written: () => void): void {
    this.#stream.end();
    written();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#stream.destroy();
    done(error);
  }
}
