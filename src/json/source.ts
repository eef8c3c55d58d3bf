// The bytes of one message that has been parsed: to cut values out of it and to put others in their place without
// printing the rest again. What is only passed on keeps every digit that way, and costs little.

import { compactText } from './compact-text.ts';
import { latin1 } from './lex/latin1.ts';
import { type ByteRange, type MemberPath, valueRange } from './value-range.ts';

export type { MemberPath } from './value-range.ts';

/** A value to take the place of the one at `path`. Paths count from the whole message and must not overlap. */
export interface Replacement {
  readonly path: MemberPath;
  /** JSON text, ASCII: of `print`, `printCompact` or `cut`. */
  readonly json: string;
}

interface Edit extends ByteRange {
  readonly json: string;
}

export class MessageSource {
  readonly bytes: Uint8Array;

  /** `bytes` hold exactly one message in QEMU's dialect that a MessageParser has accepted. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** The value's own bytes, each one character, or undefined when there is no such value. */
  cut(path: MemberPath): string | undefined {
    const range = valueRange(this.bytes, path);
    return range && latin1(this.bytes, range.start, range.end);
  }

  /** The message, each byte one character, with some values replaced. A path that is not there is passed over. */
  replace(replacements: readonly Replacement[]): string {
    const whole = { start: 0, end: this.bytes.length };
    return this.#assemble(whole, replacements, (range) => latin1(this.bytes, range.start, range.end));
  }

  /**
   * The value at `path` (`[]`: the whole message) for QEMU to read: as short as it can be without printing it again,
   * and pure ASCII JSON whatever dialect it came in. Undefined when there is no such value.
   */
  compact(path: MemberPath, replacements: readonly Replacement[] = []): string | undefined {
    const range = valueRange(this.bytes, path);
    return range && this.#assemble(range, replacements, (part) => compactText(this.bytes, part));
  }

  #assemble(
    range: ByteRange,
    replacements: readonly Replacement[],
    text: (part: ByteRange) => string,
  ): string {
    let assembled = '';
    let at = range.start;
    for (const edit of this.#edits(range, replacements)) {
      assembled += text({ start: at, end: edit.start }) + edit.json;
      at = edit.end;
    }
    return assembled + text({ start: at, end: range.end });
  }

  #edits(within: ByteRange, replacements: readonly Replacement[]): Edit[] {
    return replacements
      .flatMap(({ path, json }) => {
        const range = valueRange(this.bytes, path);
        return range === undefined ? [] : [{ ...range, json }];
      })
      .filter(({ start, end }) => start >= within.start && end <= within.end)
      .sort((a, b) => a.start - b.start);
  }
}
