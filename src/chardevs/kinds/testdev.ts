// The `testdev` backend: lets a test in the guest end the process by writing a number and "q"
// (QEMU: chardev/testdev.c). The exit status is odd: twice the number plus one.

import type { Backend, BackendContext } from '../backend.ts';
import type { ChardevKind } from '../kind.ts';

/** A packet that has not ended by then is forgotten. */
const packetBytesMax = 32;

class TestdevBackend implements Backend {
  readonly filename = 'testdev';
  readonly #exit: (status: number) => void;
  #packet = '';

  constructor(context: BackendContext) {
    this.#exit = (status) => context.exit(status);
  }

  write(bytes: Uint8Array): number {
    for (const byte of bytes) this.#take(String.fromCharCode(byte));
    return bytes.length;
  }

  /** Spaces, a number, spaces, a letter: anything but "q" is a command that nobody knows. */
  #take(character: string): void {
    this.#packet += character;
    if (/^\s*\d*\s*$/.test(this.#packet)) {
      if (this.#packet.length >= packetBytesMax) this.#packet = '';
      return;
    }
    const [, number, letter] = /^\s*(\d*)\s*(.)$/s.exec(this.#packet) ?? [];
    this.#packet = '';
    if (letter === 'q') this.#exit(((Number(number || 0) << 1) | 1) & 0xff);
  }

  resumeInput(): void {}

  async close(): Promise<void> {}
}

export const testdevKind: ChardevKind<'testdev'> = {
  type: 'testdev',
  livesIn: 'both',
  words: {},
  example: '',
  notes: 'ends the process when the guest says so',
  open: (host, _options, context) => {
    host.event('OPENED');
    return new TestdevBackend(context);
  },
};
