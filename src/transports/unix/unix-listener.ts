// A listening unix socket watched by the addon. Accepted connections carry descriptors.

import type { Connection, Listener, TransportName } from '../../qmp/connection.ts';
import { LocalError } from '../../util/local-error.ts';
import {
  closeSocket,
  errnoName,
  eventKind,
  interest,
  type NativeSockets,
  type SocketWatcher,
  socketRole,
  watch,
} from './native.ts';
import { type FileIdentity, removeOwn } from './socket-path.ts';
import { UnixConnection } from './unix-connection.ts';

/** How long a listener sleeps when it cannot even drop a waiting connection, instead of waking the event loop for ever. */
const exhaustedPauseMs = 100;

export interface ListeningSocket {
  readonly transport: TransportName;
  /** For people: "unix:/run/qmp.sock", "fd:3". */
  readonly address: string;
  /** The file that was made for it and goes with it. */
  readonly file?: { readonly path: string; readonly identity: FileIdentity | undefined };
}

export class UnixListener implements Listener, SocketWatcher {
  readonly address: string;
  refusedConnections = 0;
  readonly #addon: NativeSockets;
  readonly #fd: number;
  readonly #socket: ListeningSocket;
  readonly #onConnection: (connection: Connection) => void;
  #pause: NodeJS.Timeout | undefined;
  #closed = false;

  /** Owns the listening socket `fd` from now on, unless it throws. */
  constructor(
    addon: NativeSockets,
    fd: number,
    socket: ListeningSocket,
    onConnection: (connection: Connection) => void,
  ) {
    this.address = socket.address;
    this.#addon = addon;
    this.#fd = fd;
    this.#socket = socket;
    this.#onConnection = onConnection;
    const error = watch(addon, fd, socketRole.listener, this, interest.read);
    if (error < 0) {
      throw new LocalError(
        'ERR_QMPD_LISTEN',
        `${this.address}: cannot watch the socket: ${errnoName(error)}`,
      );
    }
  }

  onEvent(kind: number, value: number, fdCount: number): void {
    if (kind === eventKind.accepted) {
      this.#onConnection(new UnixConnection(this.#addon, value, this.#socket.transport, this.address));
    } else if (kind === eventKind.refused) {
      this.refusedConnections += 1;
      if (fdCount > 0) this.#sleep();
    }
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      clearTimeout(this.#pause);
      // First the name, then the socket: nobody can find a path where nobody listens.
      const { file } = this.#socket;
      if (file !== undefined) removeOwn(file.path, file.identity);
      closeSocket(this.#addon, this.#fd);
    }
    return Promise.resolve();
  }

  #sleep(): void {
    this.#addon.watch(this.#fd, socketRole.listener, interest.none);
    this.#pause = setTimeout(() => {
      this.#addon.watch(this.#fd, socketRole.listener, interest.read);
    }, exhaustedPauseMs);
  }
}
