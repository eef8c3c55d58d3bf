// The master of a pseudo-terminal as a ByteStream. It is read by way of Node's terminals, but not written so: to a master
// libuv writes in a loop until all is taken, and a terminal that is open and not read takes nothing for ever. Here what
// is not taken waits, and the kernel tells when there is room.

import { writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import type { ConnectionHandler } from '../../qmp/connection.ts';
import { DuplexStream } from '../../transports/layers/duplex.ts';
import type { ByteStream } from '../../transports/layers/stream.ts';
import {
  closeSocket,
  eventKind,
  interest,
  type NativeSockets,
  type SocketWatcher,
  socketRole,
  watch,
} from '../../transports/unix/native.ts';

/** How long a closing stream may take to give the terminal what was written before. */
const lingerMs = 2000;

export class PtyStream implements ByteStream, SocketWatcher {
  readonly #input: DuplexStream;
  readonly #addon: NativeSockets;
  /** A descriptor of its own, so that either side may be closed first; below zero when closed. */
  #output: number;
  #handler: ConnectionHandler | undefined;
  /** Its size is up to the caller, who looks at `bufferedBytes` (writeUpTo). */
  #waiting: Buffer[] = [];
  #bytes = 0;
  #ending = false;

  /** Owns two descriptors of the same master, which are non-blocking. */
  constructor(addon: NativeSockets, input: number, output: number) {
    this.#addon = addon;
    this.#input = new DuplexStream(new ReadStream(input));
    this.#output = output;
  }

  get bufferedBytes(): number {
    return this.#bytes;
  }

  start(handler: ConnectionHandler): void {
    this.#handler = handler;
    this.#input.start({
      data: (chunk, fds) => handler.data(chunk, fds),
      end: () => handler.end(),
      drain: () => undefined,
      close: (reason) => {
        this.#closeOutput();
        handler.close(reason);
      },
    });
  }

  write(data: string | Uint8Array): void {
    if (this.#output < 0 || this.#ending || data.length === 0) return;
    this.#waiting.push(typeof data === 'string' ? Buffer.from(data, 'latin1') : Buffer.from(data));
    this.#bytes += data.length;
    if (this.#waiting.length === 1) this.#flush();
  }

  onEvent(kind: number): void {
    if (kind === eventKind.writable) this.#flush();
    // Nobody has the other side open: the input tells of it.
    else if (kind === eventKind.hangup || kind === eventKind.error) this.#closeOutput();
  }

  #flush(): void {
    try {
      for (let bytes = this.#waiting[0]; bytes !== undefined; bytes = this.#waiting[0]) {
        const written = writeSync(this.#output, bytes);
        this.#bytes -= written;
        if (written < bytes.length) this.#waiting[0] = bytes.subarray(written);
        else this.#waiting.shift();
      }
    } catch (thrown) {
      if (thrown instanceof Error && 'code' in thrown && thrown.code === 'EAGAIN') {
        watch(this.#addon, this.#output, socketRole.stream, this, interest.write);
      } else {
        this.#closeOutput();
      }
      return;
    }
    this.#addon.watch(this.#output, socketRole.stream, interest.none);
    if (this.#ending) this.destroy();
    else this.#handler?.drain();
  }

  #closeOutput(): void {
    this.#waiting = [];
    this.#bytes = 0;
    if (this.#output < 0) return;
    closeSocket(this.#addon, this.#output);
    this.#output = -1;
  }

  pause(): void {
    this.#input.pause();
  }

  resume(): void {
    this.#input.resume();
  }

  end(): void {
    this.#ending = true;
    if (this.#waiting.length === 0) this.destroy();
    else setTimeout(() => this.destroy(), lingerMs).unref();
  }

  destroy(): void {
    this.#closeOutput();
    this.#input.destroy();
  }
}
