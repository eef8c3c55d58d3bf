// The newest bytes of a console's output, up to a limit: what a viewer that comes late is shown first. No I/O.

/** Begins here when the line break is not far, so that nobody is shown the second half of a line or of an escape. */
const newline = 0x0a;
const lineSearchMax = 1024;

export class Scrollback {
  readonly #limit: number;
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #cut = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Keeps a copy, forgetting the oldest bytes beyond the limit. */
  push(bytes: Uint8Array): void {
    if (this.#limit === 0 || bytes.length === 0) return;
    // A Buffer's own slice would share its memory.
    this.#parts.push(Uint8Array.prototype.slice.call(bytes, -this.#limit));
    this.#bytes += Math.min(bytes.length, this.#limit);
    while (this.#bytes > this.#limit) this.#forget();
    // Single bytes come often; one array each would cost more than they are worth.
    if (this.#parts.length > 256) this.#parts = [Buffer.concat(this.#parts)];
  }

  #forget(): void {
    const excess = this.#bytes - this.#limit;
    const oldest = this.#parts[0] ?? new Uint8Array();
    this.#cut = true;
    if (oldest.length <= excess) {
      this.#parts.shift();
      this.#bytes -= oldest.length;
    } else {
      this.#parts[0] = oldest.subarray(excess);
      this.#bytes -= excess;
    }
  }

  /** All of it, from the beginning of a line if something before it was forgotten. */
  content(): Uint8Array {
    const all = Buffer.concat(this.#parts);
    const lineEnd = this.#cut ? all.subarray(0, lineSearchMax).indexOf(newline) : -1;
    return all.subarray(lineEnd + 1);
  }
}
