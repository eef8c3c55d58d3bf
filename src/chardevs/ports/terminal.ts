// The terminal addon (native/terminal) as the backends use it. Without it there are no ptys, and stdio and serial lines
// keep the mode that they have. QMPD_NO_NATIVE=1 leaves it out.

import { getSystemErrorName } from 'node:util';
import { loadNative } from '../../host/native-addon.ts';
import type { SerialLine } from '../../machine/chardev.ts';
import { QmpError } from '../../qmp/error.ts';
import { strerrorOf } from '../../util/strerror.ts';

/** All numbers that may be negative are a negative errno then. */
interface NativeTerminal {
  openPty(): number;
  slaveName(fd: number): string | number;
  hungUp(fd: number): number;
  dup(fd: number): number;
  setLine(
    fd: number,
    speed: number,
    dataBits: number,
    parity: 0 | 1 | 2,
    stopBits: number,
    breaking: 0 | 1,
  ): number;
  setConsole(fd: number, signals: 0 | 1): number;
  getMode(fd: number): Buffer | number;
  setMode(fd: number, mode: Buffer): number;
  claimParallel(fd: number): number;
}

const parities: Readonly<Record<SerialLine['parity'], 0 | 1 | 2>> = { none: 0, odd: 1, even: 2 };

/** What terminals take (termios(3)), ascending. */
const speeds = [
  ...[50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800],
  ...[9600, 19_200, 38_400, 57_600, 115_200],
];

/** The nearest one: a guest's divisor seldom gives a standard speed to the bit. */
function standardSpeed(speed: number): number {
  return speeds.reduce((best, one) => (Math.abs(one - speed) < Math.abs(best - speed) ? one : best));
}

class Terminal {
  readonly #native: NativeTerminal;

  constructor(native: NativeTerminal) {
    this.#native = native;
  }

  /** A new pseudo-terminal; the caller closes the master. */
  openPty(): { readonly master: number; readonly slaveName: string } {
    const master = checked(this.#native.openPty(), 'Failed to create PTY');
    return { master, slaveName: String(this.#native.slaveName(master)) };
  }

  /** True when nobody has the slave of this master open. */
  hungUp(fd: number): boolean {
    return this.#native.hungUp(fd) !== 0;
  }

  dup(fd: number): number {
    return checked(this.#native.dup(fd), 'Failed to duplicate a descriptor');
  }

  /** Does nothing to what is not a serial line, and what the line cannot do it leaves. */
  setLine(fd: number, { speed, dataBits, parity, stopBits, breaking }: SerialLine): void {
    this.#native.setLine(fd, standardSpeed(speed), dataBits, parities[parity], stopBits, breaking ? 1 : 0);
  }

  /** Raw input; the function restores the former mode. Does nothing when the file is not a terminal. */
  setConsole(fd: number, signals: boolean): () => void {
    const mode = this.#native.getMode(fd);
    if (typeof mode === 'number') return () => {};
    this.#native.setConsole(fd, signals ? 1 : 0);
    return () => {
      this.#native.setMode(fd, mode);
    };
  }

  /** The name of the error when it is not a parallel port. */
  claimParallel(fd: number): string | undefined {
    const result = this.#native.claimParallel(fd);
    return result < 0 ? getSystemErrorName(result) : undefined;
  }
}

function checked(result: number, what: string): number {
  if (result < 0) throw new QmpError(`${what}: ${strerrorOf(getSystemErrorName(result))}`);
  return result;
}

function load(): Terminal | undefined {
  if (process.env.QMPD_NO_NATIVE === '1') return undefined;
  try {
    return new Terminal(loadNative('terminal') as NativeTerminal);
  } catch {
    return undefined;
  }
}

export const terminal: Terminal | undefined = load();
