// What lies below an open chardev: the backend, which talks to the world (a socket, a file, a ring of memory), and
// what it may ask of the chardev above it. Backends know nothing of frontends, logs or hot swap (QEMU: the class
// methods of include/chardev/char.h).

import type { ChardevEvent, SerialLine } from '../machine/chardev.ts';
import type { ObjectResolver } from '../transports/layers/object-resolver.ts';
import type { OwnedFd } from '../util/owned-fd.ts';
import type { OpenChardev } from './open-chardev.ts';

/** The chardev as its backend sees it. All methods may be called from inside each other. */
export interface BackendHost {
  readonly id: string;
  /**
   * True when nothing is waiting to be delivered and the frontend can take something: the time to read from the
   * peer. When it becomes true again, `Backend.resumeInput` is called.
   */
  readonly wantsInput: boolean;
  /** True while a frontend is attached. */
  readonly hasFrontend: boolean;
  /** Bytes that the frontend can take at once; for backends that read only what is wanted. */
  canReceive(): number;
  /** Bytes from the peer, of any number: what the frontend cannot take now is kept, in order. */
  receive(bytes: Uint8Array, fds?: readonly OwnedFd[]): void;
  /** In order behind the bytes that were received before it. */
  event(event: ChardevEvent): void;
  /** Runs when everything received so far was delivered; at once if that is already so. Not after `close`. */
  afterInput(callback: () => void): void;
  /** The backend can take output again. */
  writable(): void;
  log(message: string): void;
}

/** One open backend. */
export interface Backend {
  /** As `query-chardev` shows it. */
  readonly filename: string;
  /** The name of the slave side, for a pty: part of the answer to `chardev-add`. */
  readonly pty?: string;
  /** Number of bytes taken; calls `host.writable()` when it can take more after taking less than it was given. */
  write(bytes: Uint8Array): number;
  /** `host.wantsInput` is true: read on. Called often, also while reading goes on. */
  resumeInput(): void;
  /** How the guest wants its serial port to send; backends other than serial lines ignore it. */
  setLine?(line: SerialLine): void;
  /** The frontend has done with the present peer: it gets what was already taken, then the end; CLOSED follows. */
  hangUp?(): void;
  /** Gives the peer what was already taken, then releases everything. Calls nothing of the host any more. */
  close(): Promise<void>;
}

/** Where descriptors named in arguments come from: the session that sent the command. */
export interface FdSource {
  /** Takes the descriptor out of the session; undefined when it has none of this name. */
  take(name: string): OwnedFd | undefined;
}

/** What opening a backend needs besides its options. */
export interface BackendContext {
  readonly objects: ObjectResolver;
  /** A descriptor that was claimed when the chardev was declared. */
  readonly fd: OwnedFd | undefined;
  /** Opens another chardev by name, for a mux or a hub; undefined when there is none of this id. */
  base(id: string): Promise<OpenChardev | undefined>;
  /** Ends the process with this status: the escape command of a mux, a test device. */
  exit(status: number): void;
  /** A console is shown on a terminal of another size than before. */
  consoleResized(cols: number, rows: number): void;
  /** For what happens to a backend while it runs and has nobody to tell: a full disk, a peer with a bad handshake. */
  log(message: string): void;
}
