// What a user types at a console: Ctrl-] and a letter is for the program, everything else is for the guest. No I/O.

/** Ctrl-], as telnet has it. */
const escapeByte = 0x1d;

export type ConsoleKey = 'leave' | 'break' | 'help';

const keys: Readonly<Record<string, ConsoleKey>> = { '.': 'leave', q: 'leave', b: 'break', '?': 'help' };

export const consoleHelp: string = [
  'Ctrl-] .   leave; the guest goes on',
  'Ctrl-] b   send a break',
  'Ctrl-] ?   this text',
  'Ctrl-] Ctrl-]   type Ctrl-]',
].join('\r\n');

export class ConsoleEscape {
  #escaped = false;

  /** Splits what was typed into bytes for the guest and keys for the program, in order. */
  *read(bytes: Uint8Array): Generator<Uint8Array | ConsoleKey> {
    let from = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (this.#escaped) {
        this.#escaped = false;
        from = byte === escapeByte ? at : at + 1;
        const key = keys[String.fromCharCode(byte)];
        if (key) yield key;
      } else if (byte === escapeByte) {
        if (at > from) yield bytes.subarray(from, at);
        this.#escaped = true;
        from = at + 1;
      }
    }
    if (from < bytes.length) yield bytes.subarray(from);
  }
}
