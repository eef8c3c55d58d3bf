// A ByteStream as one side, or both sides, of a backend: FIFOs, terminals, serial ports. Sockets have more to do
// (src/chardevs/kinds/socket/socket.ts).

import { type ByteStream, writeUpTo } from '../../transports/layers/stream.ts';
import type { BackendHost } from '../backend.ts';

export class StreamPort {
  readonly #stream: ByteStream;
  readonly #host: BackendHost;
  #blocked = false;
  #closed = false;

  /** `onEnd` is called once, when nothing more will come; it is called behind the input. */
  constructor(stream: ByteStream, host: BackendHost, onEnd: () => void) {
    this.#stream = stream;
    this.#host = host;
    let ended = false;
    const end = (): void => {
      if (ended || this.#closed) return;
      ended = true;
      host.afterInput(onEnd);
    };
    stream.start({
      data: (chunk) => this.#receive(chunk),
      end,
      drain: () => this.#unblock(),
      close: () => {
        this.#unblock();
        end();
      },
    });
    if (!host.wantsInput) stream.pause();
  }

  #receive(chunk: Uint8Array): void {
    if (this.#closed) return;
    this.#host.receive(chunk);
    if (!this.#host.wantsInput) this.#stream.pause();
  }

  #unblock(): void {
    if (!this.#blocked || this.#closed) return;
    this.#blocked = false;
    this.#host.writable();
  }

  resume(): void {
    if (!this.#closed) this.#stream.resume();
  }

  write(bytes: Uint8Array): number {
    const taken = writeUpTo(this.#stream, bytes);
    if (taken < bytes.length) this.#blocked = true;
    return taken;
  }

  /** Gives the other side what was taken, for a limited time. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stream.end();
  }

  /** Ends it at once: the other side is gone. */
  abandon(): void {
    this.#closed = true;
    this.#stream.destroy();
  }
}
