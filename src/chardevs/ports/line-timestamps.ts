// Puts the time since the first line in front of each line of output: C-a t of a mux (QEMU: mux_chr_write).

const newline = 0x0a;

export class LineTimestamps {
  #startMs: number | undefined;
  /** A stamp comes only after the first newline, as with QEMU. */
  #atLineStart = false;
  /** A stamp that the sink has not taken all of. */
  #stamp: Uint8Array = new Uint8Array();

  /** Number of the bytes themselves that the sink took. */
  write(bytes: Uint8Array, sink: (bytes: Uint8Array) => number): number {
    let taken = 0;
    while (taken < bytes.length) {
      if (this.#atLineStart) {
        this.#stamp = Buffer.from(this.#now());
        this.#atLineStart = false;
      }
      if (this.#stamp.length > 0) {
        this.#stamp = this.#stamp.subarray(sink(this.#stamp));
        if (this.#stamp.length > 0) break;
      }
      const end = bytes.indexOf(newline, taken) + 1 || bytes.length;
      const count = sink(bytes.subarray(taken, end));
      taken += count;
      if (taken < end) break;
      this.#atLineStart = bytes[end - 1] === newline;
    }
    return taken;
  }

  /** "[00:00:01.234] " */
  #now(): string {
    const now = Math.floor(performance.now());
    this.#startMs ??= now;
    const ms = now - this.#startMs;
    const two = (value: number): string => String(value).padStart(2, '0');
    const seconds = Math.floor(ms / 1000);
    const time = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(':');
    return `[${time}.${String(ms % 1000).padStart(3, '0')}] `;
  }
}
