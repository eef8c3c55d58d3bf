// The `stdio` backend: standard input and output of the process, for one chardev at a time
// (QEMU: chardev/char-stdio.c). A terminal is in raw mode while it is open; with `signal` its interrupt key still works.

import { constants, fstatSync } from 'node:fs';
import { QmpError } from '../../qmp/error.ts';
import type { ChardevStdio } from '../../schema/index.ts';
import type { Backend, BackendHost } from '../backend.ts';
import type { ChardevKind } from '../kind.ts';
import { FdBackend, inputOf, type OutputPort, outputTo } from '../ports/fd-port.ts';
import { openFd } from '../ports/file-writer.ts';
import { terminal } from '../ports/terminal.ts';
import { truthWord } from '../words.ts';

let inUse = false;

/**
 * A descriptor of our own for what the number is: the streams below close theirs, and a FIFO or terminal that is made
 * non-blocking stays blocking for the other processes that have it.
 */
async function reopen(fd: number, flags: number): Promise<number> {
  try {
    // What is already in a file that output was redirected to stays there.
    const append = fstatSync(fd).isFile() && flags !== constants.O_RDONLY ? constants.O_APPEND : 0;
    return await openFd(`/proc/self/fd/${fd}`, flags | append | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    // A socket cannot be opened again by name.
    if (!terminal) throw new QmpError('standard input or output cannot be used');
    return terminal.dup(fd);
  }
}

class StdioBackend extends FdBackend {
  readonly #restore: () => void;

  constructor(input: ConstructorParameters<typeof FdBackend>[1], output: OutputPort, restore: () => void) {
    super('stdio', input, output);
    this.#restore = restore;
  }

  override async close(): Promise<void> {
    await super.close();
    process.off('exit', this.#restore);
    this.#restore();
    inUse = false;
  }
}

async function openStdio(host: BackendHost, options: ChardevStdio): Promise<Backend> {
  if (inUse) throw new QmpError('cannot use stdio by multiple character devices');
  inUse = true;
  try {
    const input = await reopen(0, constants.O_RDONLY);
    const output = await reopen(1, constants.O_WRONLY);
    const restore = terminal?.setConsole(0, options.signal ?? true) ?? (() => {});
    process.once('exit', restore);
    host.event('OPENED');
    return new StdioBackend(inputOf(input, host), outputTo(output, 'standard output', host), restore);
  } catch (error) {
    inUse = false;
    throw error;
  }
}

export const stdioKind: ChardevKind<'stdio'> = {
  type: 'stdio',
  livesIn: 'both',
  words: { signal: truthWord('signal') },
  example: 'signal=off',
  notes: "one at a time; the terminal's mode is restored at the end",
  open: openStdio,
};
