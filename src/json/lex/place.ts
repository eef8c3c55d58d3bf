// Where in the stream a token begins, as QEMU 11.1 counts it: LINE:COL, both from 1, over the whole connection, columns
// in bytes. Only a line feed makes a line. Its oddity is kept: a token whose first byte has ended the token before it
// (after a number, a keyword, or what recovery skipped) is told one column too far right.
//
// Line feeds are counted when a place is asked for and at the end of each chunk, so that each byte is looked at once.

const lineFeed = 0x0a;

export class PlaceCounter {
  /** Number of the line in which `#counted` is, and the stream's offset of its first byte. */
  #line = 1;
  #lineStart = 0;
  /** Up to this offset of the stream line feeds have been counted. */
  #counted = 0;
  /** Offsets of the last two bytes that ended a token without belonging to it: one may have ended the present token. */
  #lookedAt = -1;
  #lookedAtBefore = -1;
  /** The place of a token that began in an earlier chunk. */
  #kept = '';

  /** The byte at `offset` ended the token, or the recovery, in front of it. */
  lookedAhead(offset: number): void {
    this.#lookedAtBefore = this.#lookedAt;
    this.#lookedAt = offset;
  }

  /** The place of the token that begins at `bytes[start]`, where `base` is the offset of `bytes[0]`. */
  of(bytes: Uint8Array, start: number, base: number): string {
    this.#count(bytes, start, base);
    const offset = base + start;
    const late = offset === this.#lookedAt || offset === this.#lookedAtBefore;
    return `${this.#line}:${offset - this.#lineStart + (late ? 2 : 1)}`;
  }

  /** The place of the token that was not finished in the chunk before. */
  get kept(): string {
    return this.#kept;
  }

  /** A chunk has been read up to `end`; `unfinished` is where the token begins that goes on in the next one, if any. */
  endOfChunk(bytes: Uint8Array, end: number, base: number, unfinished: number | undefined): void {
    if (unfinished !== undefined) this.#kept = this.of(bytes, unfinished, base);
    this.#count(bytes, end, base);
  }

  /** Not `indexOf`, which would look at the rest of the chunk again for every message in it. */
  #count(bytes: Uint8Array, end: number, base: number): void {
    for (let at = this.#counted - base; at < end; at++) {
      if (bytes[at] !== lineFeed) continue;
      this.#line += 1;
      this.#lineStart = base + at + 1;
    }
    this.#counted = Math.max(this.#counted, base + end);
  }
}
