// The second kind of QMP server: a monitor on a chardev (`monitor-qmp`; QEMU: -mon chardev=ID,mode=control). A chardev
// has no connections: one session follows another, each from OPENED to CLOSED.

import type { Chardev, ChardevEvent, ChardevFrontend } from '../machine/chardev.ts';
import type { Connection } from '../qmp/connection.ts';
import type { OwnedFd } from '../util/owned-fd.ts';
import { ChardevConnection } from './chardev-connection.ts';

export interface MonitorOwner {
  /** A peer has come: a session begins. */
  opened(connection: Connection): void;
  /** The peer has gone, and its session with it. */
  peerGone(): void;
}

export class ChardevMonitor implements ChardevFrontend {
  readonly label: string;
  readonly #chardev: Chardev;
  readonly #owner: MonitorOwner;
  #connection: ChardevConnection | undefined;
  #closed = false;

  /** Attaches to the chardev at once; throws a QmpError when somebody else has it. */
  constructor(id: string, chardev: Chardev, owner: MonitorOwner) {
    this.label = id;
    this.#chardev = chardev;
    this.#owner = owner;
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

  /** No session begins any more; the chardev is given back when the present one, if any, is over. */
  close(): void {
    this.#closed = true;
    if (this.#connection === undefined) this.#chardev.detach(this);
  }

  #begin(): void {
    if (this.#connection !== undefined || this.#closed) return;
    this.#connection = new ChardevConnection(this.#chardev, () => {
      if (this.#closed) this.#chardev.detach(this);
    });
    this.#owner.opened(this.#connection);
    this.#chardev.resumeInput();
  }

  #end(): void {
    if (this.#connection === undefined) return;
    this.#connection.peerClosed();
    this.#connection = undefined;
    this.#owner.peerGone();
  }
}
