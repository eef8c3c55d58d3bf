// Cuts what a QMP server sends into lines, without reading them. A QMP server's output is printed by a program, one
// object per line (QEMU: monitor/qmp.c, qmp_send_response); what a line says is told apart in upstream-line.ts.

import { LocalError } from '../../util/local-error.ts';

/** The longest line. A server that sends more without an end of line is cut off: V8's strings end at 512 MiB. */
export const lineBytesMax: number = 256 * 1024 * 1024;

const lineFeed = 10;

export class LineSplitter {
  #parts: Buffer[] = [];
  #bytes = 0;

  /** Calls `line` for each line that is complete now, without its end. Throws when one is too long. */
  feed(chunk: Uint8Array, line: (text: string) => void): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, start)) {
      const text = this.#complete(bytes.subarray(start, end));
      start = end + 1;
      if (text !== '') line(text);
    }
    if (start < bytes.length) this.#keep(bytes.subarray(start));
  }

  #keep(rest: Buffer): void {
    this.#bytes += rest.length;
    if (this.#bytes > lineBytesMax) {
      throw new LocalError('ERR_QMPD_LINE_TOO_LONG', `a line of more than ${lineBytesMax} bytes`);
    }
    // The chunk is only ours during the call.
    this.#parts.push(Buffer.from(rest));
  }

  #complete(last: Buffer): string {
    let whole = last;
    if (this.#parts.length > 0) {
      whole = Buffer.concat([...this.#parts, last]);
      this.#parts = [];
      this.#bytes = 0;
    }
    const length = whole.length > 0 && whole[whole.length - 1] === 13 ? whole.length - 1 : whole.length;
    return asciiText(whole.subarray(0, length));
  }
}

/** QEMU's output is ASCII. A server that sends UTF-8 gets its other characters escaped, so that text stays ASCII. */
function asciiText(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: everything outside ASCII is meant
  if (!/[^\x00-\x7f]/.test(text)) return text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: everything outside ASCII is meant
  return bytes.toString('utf8').replace(/[^\x00-\x7f]/g, escapeUnit);
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}
