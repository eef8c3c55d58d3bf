// One viewer of a console: gets the output as far as it keeps up, and types if it may. A viewer that does not keep up
// misses what does not fit and is told how much; the guest and the other viewers never wait for it.

import type { ByteStream } from '../../../transports/layers/stream.ts';

/** Output that may wait for a slow viewer. */
const waitingBytesMax = 256 * 1024;

/**
 * Typed bytes that are read although the guest takes none: behind them is the news that the viewer has left. At the limit
 * it is read no further.
 */
const typedBytesMax = 64 * 1024;

export interface ViewerOwner {
  /** Bytes that were typed. False when no more can be taken for now; `resume` follows. */
  typed(viewer: Viewer, bytes: Uint8Array): boolean;
  /** `unread`: what it typed and the guest has not taken. */
  left(viewer: Viewer, unread: Uint8Array): void;
}

export class Viewer {
  readonly address: string;
  readonly sinceMs: number;
  readonly #stream: ByteStream;
  /** Bytes not shown since the last notice, and in all. */
  #missed = 0;
  #missedInAll = 0;
  #gone = false;
  readonly #owner: ViewerOwner;
  #typed: Uint8Array[] = [];
  #typedBytes = 0;
  /** As the owner answered last. */
  #takes = true;

  constructor(stream: ByteStream, address: string, owner: ViewerOwner) {
    this.#stream = stream;
    this.#owner = owner;
    this.address = address;
    this.sinceMs = Date.now();
    const leave = (): void => {
      if (this.#gone) return;
      this.#gone = true;
      stream.end();
      owner.left(this, Buffer.concat(this.#typed));
      this.#typed = [];
    };
    stream.start({
      data: (chunk, fds) => {
        for (const fd of fds) fd.close();
        // The chunk is only valid during the call.
        if (!this.#gone) this.#take(Uint8Array.prototype.slice.call(chunk));
      },
      end: leave,
      drain: () => this.#tellMissed(),
      close: leave,
    });
  }

  get missedBytes(): number {
    return this.#missedInAll;
  }

  show(bytes: Uint8Array): void {
    if (this.#gone || bytes.length === 0) return;
    if (this.#missed > 0 || this.#stream.bufferedBytes + bytes.length > waitingBytesMax) {
      this.#missed += bytes.length;
      this.#missedInAll += bytes.length;
    } else {
      this.#stream.write(bytes);
    }
  }

  #tellMissed(): void {
    if (this.#missed === 0 || this.#gone) return;
    const notice = `\r\n[${this.#missed} bytes of output were not shown]\r\n`;
    this.#missed = 0;
    this.#stream.write(Buffer.from(notice));
  }

  #take(bytes: Uint8Array): void {
    this.#typed.push(bytes);
    this.#typedBytes += bytes.length;
    this.#giveTyped();
  }

  #giveTyped(): void {
    while (this.#takes) {
      const bytes = this.#typed.shift();
      if (bytes === undefined) break;
      this.#typedBytes -= bytes.length;
      this.#takes = this.#owner.typed(this, bytes);
    }
    if (this.#typedBytes >= typedBytesMax) this.#stream.pause();
  }

  resume(): void {
    if (this.#gone) return;
    this.#takes = true;
    this.#giveTyped();
    if (this.#typedBytes < typedBytesMax) this.#stream.resume();
  }

  /** Gives it what waits, then closes; the owner is not told. */
  close(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#stream.end();
  }
}
