// What a user types into a multiplexed chardev: C-a and a letter are commands, everything else is input
// (QEMU: chardev/char-mux.c, mux_proc_byte). No I/O.

/** C-a, as QEMU's -echr has it by default. */
const escapeByte = 0x01;

export type MuxCommand = 'help' | 'exit' | 'commit' | 'break' | 'focus' | 'timestamps';

const commands: Readonly<Record<string, MuxCommand>> = {
  '?': 'help',
  h: 'help',
  x: 'exit',
  s: 'commit',
  b: 'break',
  c: 'focus',
  t: 'timestamps',
};

export const muxHelp: string = [
  ['h', 'print this help'],
  ['x', 'exit emulator'],
  ['s', 'save disk data back to file (if -snapshot)'],
  ['t', 'toggle console timestamps'],
  ['b', 'send break (magic sysrq)'],
  ['c', 'switch between console and monitor'],
  ['C-a', 'sends C-a'],
]
  .map(([key = '', what = '']) => `C-a ${key.padEnd(4)} ${what}\n\r`)
  .join('');

export class MuxEscape {
  #escaped = false;

  /** Splits the input into plain bytes and commands, in order. */
  *read(bytes: Uint8Array): Generator<Uint8Array | MuxCommand> {
    let plainFrom = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (this.#escaped) {
        this.#escaped = false;
        plainFrom = at + 1;
        if (byte === escapeByte) {
          plainFrom = at;
          continue;
        }
        const command = commands[String.fromCharCode(byte)];
        if (command) yield command;
      } else if (byte === escapeByte) {
        if (at > plainFrom) yield bytes.subarray(plainFrom, at);
        this.#escaped = true;
        plainFrom = at + 1;
      }
    }
    if (plainFrom < bytes.length) yield bytes.subarray(plainFrom);
  }
}
