// What every transport gives to a session: one accepted byte stream with its peer's identity and its descriptors.
// Each transport (unix, tcp, stdio, inherited) has the same shape, so that the server never asks which it is.

import type { OwnedFd } from '../util/owned-fd.ts';

export type TransportName = 'unix' | 'tcp' | 'tls' | 'websocket' | 'stdio' | 'inherited' | 'chardev';

/** Who is at the other end, as far as the kernel or the protocol can tell. */
export interface PeerIdentity {
  readonly uid?: number;
  readonly gid?: number;
  readonly pid?: number;
  /** Address for logs: a host and port, a socket path, "stdio". */
  readonly address: string;
}

/** Why a connection ended: by the peer, by us, or by an error that is named. */
export type CloseReason =
  | { readonly kind: 'peer-closed' }
  | { readonly kind: 'local' }
  | { readonly kind: 'fds-truncated' }
  | { readonly kind: 'error'; readonly message: string };

export interface ConnectionHandler {
  /** `chunk` is only valid during the call; `fds` came with (some byte of) this chunk and now belong to the handler. */
  data(chunk: Uint8Array, fds: readonly OwnedFd[]): void;
  /** The peer will send nothing more; writing is still possible. */
  end(): void;
  /** Everything that was buffered has been written. */
  drain(): void;
  /** Called exactly once, last, and never from inside a call into the connection. */
  close(reason: CloseReason): void;
}

export interface Connection {
  readonly transport: TransportName;
  readonly peer: PeerIdentity;
  /** False when descriptors cannot travel here; `whyNoFds` says why in words for the client. */
  readonly canPassFds: boolean;
  readonly whyNoFds?: string;
  /** Bytes accepted by `write` that the kernel has not taken yet. */
  readonly bufferedBytes: number;
  /** Starts the flow of events; called once. */
  start(handler: ConnectionHandler): void;
  /**
   * Sends at once what the kernel takes, and keeps the rest; after the end it does nothing. Text must be ASCII (all QMP
   * output is); an array must not change afterwards. `fds` leave with the first byte. They are duplicated when they
   * cannot leave at once; the caller keeps its own. Throws a LocalError for descriptors that cannot be sent.
   */
  write(data: string | Uint8Array, fds?: readonly number[]): void;
  pause(): void;
  resume(): void;
  /** Writes what is buffered, then closes; a peer that does not read it within `endTimeoutMs` loses it. */
  end(): void;
  /** Closes at once; what is buffered is lost. */
  destroy(): void;
}

/** How long `end` waits for a peer to take what is buffered. */
export const endTimeoutMs = 5_000;

/** One bound address. */
export interface Listener {
  /** In the form that a client would be given: "unix:/run/qmp.sock", "tcp:127.0.0.1:4444". */
  readonly address: string;
  /** Connections that were dropped or kept waiting because this process had no descriptor left for them. */
  readonly refusedConnections: number;
  /** Stops accepting and removes a socket path that is still ours. Connections already made live on. */
  close(): Promise<void>;
}
