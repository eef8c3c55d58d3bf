// Gathers the lines of one command: a command goes on in the next line while a bracket of it is open. Each line is looked
// at once, so that a large value over many lines costs no more than its length.

import { scanJson } from './json.ts';
import { notationLengthMax, parseNotation } from './notation.ts';

export class CommandLines {
  #lines: string[] = [];
  #length = 0;
  /** Brackets that are still open after the last line. */
  #depth = 0;

  /** True while a command has begun and waits for more lines. */
  get isOpen(): boolean {
    return this.#lines.length > 0;
  }

  /** What has been gathered of an open command. */
  get text(): string {
    return this.#lines.join('\n');
  }

  /** The text of the command that this line completes, which may be wrong; undefined while it is open. */
  push(line: string): string | undefined {
    this.#lines.push(line);
    this.#length += line.length + 1;
    this.#depth = this.#depthBehind(line);
    if (this.#depth > 0 && this.#length <= notationLengthMax) return undefined;
    const { text } = this;
    this.clear();
    return text;
  }

  /** Forgets an open command. */
  clear(): void {
    this.#lines = [];
    this.#length = 0;
    this.#depth = 0;
  }

  /** 0 for what can be judged: complete, or wrong. */
  #depthBehind(line: string): number {
    try {
      if (this.#depth > 0) {
        const extent = scanJson(line, 0, this.#depth);
        if (extent.kind === 'open') return extent.depth;
      }
      const notation = parseNotation(this.text);
      return notation.kind === 'incomplete' ? notation.depth : 0;
    } catch {
      return 0;
    }
  }
}
