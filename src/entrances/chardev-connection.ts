// A chardev as a connection, from one OPENED to the next CLOSED: what a session on a `monitor-qmp` object talks
// through. Output waits here in order when the backend does not take it.

import type { Chardev } from '../machine/chardev.ts';
import {
  type CloseReason,
  type Connection,
  type ConnectionHandler,
  endTimeoutMs,
  type PeerIdentity,
} from '../qmp/connection.ts';
import type { OwnedFd } from '../util/owned-fd.ts';

/** Bytes taken from the chardev at a time. */
const inputBytesMax = 64 * 1024;

export class ChardevConnection implements Connection {
  readonly transport = 'chardev';
  readonly peer: PeerIdentity;
  readonly canPassFds = true;
  readonly endsWithInput = true;
  readonly #chardev: Chardev;
  readonly #over: () => void;
  #handler: ConnectionHandler | undefined;
  /** `ending`: the session is over, its last output is not; `closed`: what the peer still sends is thrown away. */
  #state: 'open' | 'ending' | 'closed' = 'open';
  #fds: readonly OwnedFd[] = [];
  #output: Uint8Array[] = [];
  #bufferedBytes = 0;
  #paused = false;
  #giveUp: NodeJS.Timeout | undefined;

  /** `over` is called when nothing more will be written or read. */
  constructor(chardev: Chardev, over: () => void) {
    this.#chardev = chardev;
    this.#over = over;
    this.peer = { address: chardev.filename };
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  start(handler: ConnectionHandler): void {
    this.#handler = handler;
  }

  write(data: string | Uint8Array): void {
    if (this.#state !== 'open') return;
    const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data;
    this.#output.push(bytes);
    this.#bufferedBytes += bytes.length;
    if (this.#output.length === 1) this.#send();
  }

  /** The backend can take more. */
  flush(): void {
    if (this.#state === 'closed' || this.#output.length === 0) return;
    this.#send();
    if (this.#output.length > 0) return;
    if (this.#state === 'ending') this.destroy();
    else this.#handler?.drain();
  }

  canReceive(): number {
    return this.#paused && this.#state === 'open' ? 0 : inputBytesMax;
  }

  receiveFds(fds: readonly OwnedFd[]): void {
    if (this.#state === 'open') this.#fds = [...this.#fds, ...fds];
    else for (const fd of fds) fd.close();
  }

  receive(bytes: Uint8Array): void {
    if (this.#state !== 'open') return;
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

  end(): void {
    if (this.#state !== 'open') return;
    this.#state = 'ending';
    this.#giveUp = setTimeout(() => this.destroy(), endTimeoutMs).unref();
    if (this.#output.length === 0) this.destroy();
    else this.#chardev.resumeInput();
  }

  /** The peer is hung up where it can be. One that cannot be stays, and is heard no more until it comes back. */
  destroy(): void {
    if (this.#state === 'closed') return;
    this.#release();
    this.#chardev.hangUp?.();
    // What the peer had sent before is delivered, and thrown away, so that CLOSED can follow.
    this.#chardev.resumeInput();
    this.#report({ kind: 'local' });
  }

  /** The chardev said CLOSED. */
  peerClosed(): void {
    if (this.#state === 'closed') return;
    this.#release();
    this.#report({ kind: 'peer-closed' });
  }

  #send(): void {
    for (let bytes = this.#output[0]; bytes !== undefined; bytes = this.#output[0]) {
      const taken = this.#chardev.write(bytes);
      this.#bufferedBytes -= taken;
      if (taken < bytes.length) {
        this.#output[0] = bytes.subarray(taken);
        return;
      }
      this.#output.shift();
    }
  }

  #release(): void {
    this.#state = 'closed';
    clearTimeout(this.#giveUp);
    for (const fd of this.#fds) fd.close();
    this.#fds = [];
    this.#output = [];
    this.#bufferedBytes = 0;
  }

  #report(reason: CloseReason): void {
    this.#over();
    queueMicrotask(() => this.#handler?.close(reason));
  }
}
