// Collects a string from code points in linear time and little memory: appending single characters to a JavaScript
// string makes one rope node each, which is dear at 64 MiB.

/** Small enough for the argument list of String.fromCharCode. */
const blockUnits = 2048;

export class CodeUnits {
  #text = '';
  #block: number[] = [];

  add(codePoint: number): void {
    if (codePoint > 0xffff) {
      this.#block.push(0xd7c0 + (codePoint >> 10), 0xdc00 + (codePoint & 0x3ff));
    } else {
      this.#block.push(codePoint);
    }
    if (this.#block.length >= blockUnits) this.#flush();
  }

  toString(): string {
    this.#flush();
    return this.#text;
  }

  #flush(): void {
    this.#text += String.fromCharCode(...this.#block);
    this.#block.length = 0;
  }
}
