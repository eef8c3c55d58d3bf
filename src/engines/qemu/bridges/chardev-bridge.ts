// A character device of qmpd's as one of QEMU's: backends that only qmpd has (a console with many viewers), and those
// that qmpd has open already. QEMU dials a socket of qmpd's for it and dials again after a restart of qmpd; we are the
// frontend. What a viewer's break becomes is the owner's affair: a socket has no form for it.

import type { Chardev, ChardevEvent, ChardevFrontend } from '../../../machine/chardev.ts';
import type { Connection, Listener } from '../../../qmp/connection.ts';
import { deferred } from '../../../util/deferred.ts';
import { openDialIn } from '../../upstream/dial-in.ts';

/** Input for QEMU that it has not read yet; beyond it the backend is not read either. */
const bufferedBytesMax = 65_536;

export class ChardevBridge implements ChardevFrontend {
  readonly label: string;
  readonly swappable = true;
  readonly #chardev: Chardev;
  readonly #sendBreak: () => void;
  readonly #dialled = deferred<void>();
  #listener: Listener | undefined;
  #connection: Connection | undefined;
  /** QEMU's output that the backend would not take. */
  #waiting: Uint8Array | undefined;

  private constructor(chardev: Chardev, sendBreak: () => void) {
    this.#chardev = chardev;
    this.#sendBreak = sendBreak;
    this.label = `QEMU's chardev '${chardev.id}'`;
  }

  /** Takes the chardev over and listens for QEMU. Rejects with a QmpError, and then has taken nothing. */
  static async open(chardev: Chardev, path: string, sendBreak: () => void): Promise<ChardevBridge> {
    const bridge = new ChardevBridge(chardev, sendBreak);
    chardev.attach(bridge);
    try {
      bridge.#listener = await openDialIn(path, (connection) => bridge.#accept(connection));
    } catch (thrown) {
      chardev.detach(bridge);
      throw thrown;
    }
    return bridge;
  }

  /** Resolves when QEMU has dialled for the first time: what its guest writes before that is lost. */
  get dialled(): Promise<void> {
    return this.#dialled.promise;
  }

  async close(): Promise<void> {
    this.#chardev.detach(this);
    this.#connection?.destroy();
    await this.#listener?.close();
  }

  canReceive(): number {
    return this.#connection === undefined
      ? 0
      : Math.max(0, bufferedBytesMax - this.#connection.bufferedBytes);
  }

  receive(bytes: Uint8Array): void {
    this.#connection?.write(bytes);
  }

  /** Otherwise QEMU's end stays as it is: for the guest the line is always there. */
  event(event: ChardevEvent): void {
    if (event === 'BREAK') this.#sendBreak();
  }

  writable(): void {
    const rest = this.#waiting;
    this.#waiting = undefined;
    if (rest !== undefined) this.#output(rest);
    if (this.#waiting === undefined) this.#connection?.resume();
  }

  #accept(connection: Connection): void {
    if (this.#connection !== undefined) {
      connection.destroy();
      return;
    }
    this.#connection = connection;
    this.#dialled.resolve();
    connection.start({
      data: (chunk, fds) => {
        for (const fd of fds) fd.close();
        // The chunk is only ours during the call, and the backend keeps what it is given.
        // (A Buffer's own slice would share its memory.)
        this.#output(Uint8Array.prototype.slice.call(chunk));
      },
      end: () => connection.end(),
      drain: () => this.#chardev.resumeInput(),
      close: () => {
        this.#connection = undefined;
      },
    });
    this.#chardev.resumeInput();
  }

  #output(bytes: Uint8Array): void {
    const taken = this.#chardev.write(bytes);
    if (taken === bytes.length) return;
    this.#waiting = bytes.subarray(taken);
    this.#connection?.pause();
  }
}
