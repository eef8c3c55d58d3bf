// A chardev as a connection, from one OPENED to the next CLOSED: what a session on a `monitor-qmp` object talks
// through. Output waits here in order when the backend does not take it.

import type { Chardev } from '../machine/chardev.ts';
import type { Connection, ConnectionHandler, PeerIdentity } from '../transports/connection.ts';
import type { OwnedFd } from '../util/owned-fd.ts';

/** Bytes taken from the chardev at a time. */
const inputBytesMax = 64 * 1024;

export class ChardevConnection implements Connection {
  readonly transport = 'chardev';
  readonly peer: PeerIdentity;
  readonly canPassFds = true;
  readonly endsWithInput = true;
  readonly #chardev: Chardev;
  #handler: ConnectionHandler | undefined;
  #fds: readonly OwnedFd[] = [];
  #output: Uint8Array[] = [];
  #bufferedBytes = 0;
  #paused = false;
  #closed = false;

  constructor(chardev: Chardev) {
    this.#chardev = chardev;
    this.peer = { address: chardev.filename };
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  start(handler: ConnectionHandler): void {
    this.#handler = handler;
  }

  write(data: string | Uint8Array): void {
    if (this.#closed) return;
    const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data;
    this.#output.push(bytes);
    this.#bufferedBytes += bytes.length;
    if (this.#output.length === 1) this.flush();
  }

  /** Offers the backend what waits; called again when it can take more. */
  flush(): void {
    while (!this.#closed) {
      const bytes = this.#output[0];
      if (bytes === undefined) {
        this.#handler?.drain();
        return;
      }
      const taken = this.#chardev.write(bytes);
      this.#bufferedBytes -= taken;
      if (taken < bytes.length) {
        this.#output[0] = bytes.subarray(taken);
        return;
      }
      this.#output.shift();
    }
  }

  canReceive(): number {
    return this.#paused || this.#closed ? 0 : inputBytesMax;
  }

  receiveFds(fds: readonly OwnedFd[]): void {
    this.#fds = [...this.#fds, ...fds];
  }

  receive(bytes: Uint8Array): void {
    const fds = this.#fds;
    this.#fds = [];
    this.#handler?.data(bytes, fds);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#chardev.resumeInput();
  }

  /** A chardev cannot be hung up from this side: the session is over, the peer stays. */
  end(): void {
    this.flush();
    this.destroy();
  }

  destroy(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const fd of this.#fds) fd.close();
    this.#output = [];
    this.#handler?.close({ kind: 'local' });
  }

  /** The chardev said CLOSED. */
  peerClosed(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const fd of this.#fds) fd.close();
    this.#handler?.close({ kind: 'peer-closed' });
  }
}
