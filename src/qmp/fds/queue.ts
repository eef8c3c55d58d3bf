// The descriptors that a session has received and that no command has taken yet. Answers to the plan of 2011: they
// queue up per connection and die with it. (QEMU keeps only those of the newest message: chardev/char-socket.c
// read_msgfds.) The kernel says with which chunk of bytes a descriptor came, not with which byte; each entry keeps
// its chunk's range in the stream, so that a message finds its own.

import { assert } from '../../util/assert.ts';
import type { OwnedFd } from '../../util/owned-fd.ts';

export interface QueuedFd {
  readonly fd: OwnedFd;
  /** Byte range of the chunk in the session's input stream, end exclusive. */
  readonly start: number;
  readonly end: number;
  readonly receivedMs: number;
}

export class FdQueue {
  readonly #entries: QueuedFd[] = [];

  get entries(): readonly QueuedFd[] {
    return this.#entries;
  }

  get length(): number {
    return this.#entries.length;
  }

  add(entry: QueuedFd): void {
    this.#entries.push(entry);
  }

  /** Takes the first descriptor that came with the bytes from `start` to `end`, else the oldest one. */
  claim(start: number, end: number): OwnedFd | undefined {
    const own = this.#entries.findIndex((entry) => entry.start < end && start < entry.end);
    return this.#entries.splice(Math.max(own, 0), 1)[0]?.fd;
  }

  closeAll(): void {
    for (const entry of this.#entries.splice(0)) entry.fd.close();
  }

  /** For tests, after every step. */
  invariants(): void {
    let start = 0;
    for (const entry of this.#entries) {
      assert(entry.start >= start && entry.end > entry.start, 'the queue has the order of the stream');
      start = entry.start;
    }
    const fds = new Set(this.#entries.map(({ fd }) => fd));
    assert(fds.size === this.#entries.length, 'no descriptor waits twice');
  }
}
