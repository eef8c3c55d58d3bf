// The output of one session: lines are collected while input is being worked off, so that the answers to one chunk leave
// in few writes, and counted.

import type { Line } from './reply.ts';

/** Collected output is written when there is more of it than this, whatever is still to come. */
const corkBytesMax = 64 * 1024;

export class SessionOutput {
  readonly #send: (piece: string | Uint8Array) => void;
  #corked = 0;
  #pieces: (string | Uint8Array)[] = [];
  #collectedBytes = 0;
  #sentBytes = 0;

  constructor(send: (piece: string | Uint8Array) => void) {
    this.#send = send;
  }

  /** Bytes that were handed on. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  get corked(): boolean {
    return this.#corked > 0;
  }

  write(line: Line): void {
    for (const piece of line) {
      this.#pieces.push(piece);
      this.#collectedBytes += piece.length;
    }
    if (this.#corked === 0) this.flush();
  }

  /** What `action` writes is collected, and sent when it is over, however it ends. */
  cork(action: () => void): void {
    this.#corked += 1;
    try {
      action();
    } finally {
      this.#corked -= 1;
      if (this.#corked === 0) this.flush();
    }
  }

  /** Sends what has been collected if it is much, so that a flood of large answers takes no memory here. */
  flushIfMuch(): void {
    if (this.#collectedBytes > corkBytesMax) this.flush();
  }

  flush(): void {
    const pieces = this.#pieces;
    if (pieces.length === 0) return;
    this.#pieces = [];
    this.#sentBytes += this.#collectedBytes;
    this.#collectedBytes = 0;
    let text = '';
    for (const piece of pieces) {
      if (typeof piece === 'string') text += piece;
      else {
        if (text !== '') this.#send(text);
        text = '';
        this.#send(piece);
      }
    }
    if (text !== '') this.#send(text);
  }
}
