// Bytes that are collected over several chunks. Doubles when it is full, so that collecting n bytes costs O(n).

const firstCapacity = 256;

export class ByteBuffer {
  /** The storage; only the first `length` bytes mean something. Replaced when the buffer grows. */
  bytes: Uint8Array = new Uint8Array(firstCapacity);
  length = 0;

  append(source: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    this.bytes.set(source.subarray(start, end), this.length);
    this.length += end - start;
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}
