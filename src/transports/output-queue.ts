// What a connection wants to write and the kernel has not taken yet, with the descriptors that go with it. Holds no
// limit of its own: the session watches `bytes` and cuts off a reader that does not read.

import { type NativeSockets, textBytesMax } from './unix/native.ts';

interface Entry {
  data: string | Uint8Array;
  /** Our own duplicates; they leave with the first byte of `data` and are closed then. */
  fds: readonly number[] | undefined;
}

export class OutputQueue {
  bytes = 0;
  readonly #addon: NativeSockets;
  readonly #entries: Entry[] = [];

  constructor(addon: NativeSockets) {
    this.#addon = addon;
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** Takes over `fds`. Short texts are joined: one system call each would be wasted on a slow reader. */
  push(data: string | Uint8Array, fds: readonly number[] | undefined): void {
    this.bytes += data.length;
    const last = this.#entries.at(-1);
    if (
      fds === undefined &&
      typeof data === 'string' &&
      typeof last?.data === 'string' &&
      last.data.length + data.length <= textBytesMax
    ) {
      last.data += data;
    } else {
      this.#entries.push({ data, fds });
    }
  }

  /** Writes what the kernel takes: 0, or the negative errno that stopped it (EAGAIN when the kernel is full). */
  sendTo(socket: number): number {
    let done = 0;
    let result = 0;
    for (const entry of this.#entries) {
      result = this.#sendEntry(socket, entry);
      if (result < 0) break;
      done += 1;
    }
    this.#entries.splice(0, done);
    return result;
  }

  /** Forgets everything and closes the descriptors. */
  clear(): void {
    for (const entry of this.#entries) this.#closeFds(entry);
    this.#entries.length = 0;
    this.bytes = 0;
  }

  #sendEntry(socket: number, entry: Entry): number {
    for (;;) {
      const count = this.#addon.send(socket, entry.data, entry.fds);
      if (count < 0) return count;
      this.bytes -= count;
      this.#closeFds(entry);
      if (count === entry.data.length) return 0;
      entry.data = bytesFrom(entry.data, count);
    }
  }

  #closeFds(entry: Entry): void {
    if (entry.fds === undefined) return;
    for (const fd of entry.fds) this.#addon.close(fd);
    entry.fds = undefined;
  }
}

/** The rest of `data`, without its first `start` bytes. */
export function bytesFrom(data: string | Uint8Array, start: number): Uint8Array {
  return typeof data === 'string' ? Buffer.from(data.slice(start), 'latin1') : data.subarray(start);
}
