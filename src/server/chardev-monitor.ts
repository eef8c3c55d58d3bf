// The second kind of QMP server: a monitor on a chardev (`monitor-qmp`; QEMU: -mon chardev=ID,mode=control). A chardev
// has no connections: one session follows another, each from OPENED to CLOSED.

import type { Chardev, ChardevEvent, ChardevFrontend } from '../machine/chardev.ts';
import type { Connection } from '../transports/connection.ts';
import type { OwnedFd } from '../util/owned-fd.ts';
import { ChardevConnection } from './chardev-connection.ts';

export class ChardevMonitor implements ChardevFrontend {
  readonly label: string;
  readonly #chardev: Chardev;
  readonly #open: (connection: Connection) => void;
  #connection: ChardevConnection | undefined;

  /** Attaches to the chardev at once; throws a QmpError when somebody else has it. */
  constructor(id: string, chardev: Chardev, open: (connection: Connection) => void) {
    this.label = id;
    this.#chardev = chardev;
    this.#open = open;
    chardev.attach(this);
  }

  canReceive(): number {
    return this.#connection?.canReceive() ?? 0;
  }

  receive(bytes: Uint8Array): void {
    this.#connection?.receive(bytes);
  }

  receiveFds(fds: readonly OwnedFd[]): void {
    this.#connection?.receiveFds(fds);
  }

  event(event: ChardevEvent): void {
    if (event === 'OPENED') this.#begin();
    if (event === 'CLOSED') this.#end();
  }

  writable(): void {
    this.#connection?.flush();
  }

  close(): void {
    this.#connection?.destroy();
    this.#connection = undefined;
    this.#chardev.detach(this);
  }

  #begin(): void {
    if (this.#connection !== undefined) return;
    this.#connection = new ChardevConnection(this.#chardev);
    this.#open(this.#connection);
    this.#chardev.resumeInput();
  }

  #end(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.peerClosed();
  }
}
