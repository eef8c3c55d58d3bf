// One connected peer of a socket backend, before any handshake: its stream and what its file name needs. Unix sockets
// come through the transports, with the descriptors that are passed to a monitor; TCP comes through Node.

import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Connection } from '../../qmp/connection.ts';
import { QmpError } from '../../qmp/error.ts';
import { messageOf } from '../../util/local-error.ts';
import type { OwnedFd } from '../../util/owned-fd.ts';
import { connectInherited } from '../inherited.ts';
import { DuplexStream, StreamDuplex } from './duplex.ts';
import type { ByteStream } from './stream.ts';

export interface Peer {
  /** Not started yet. */
  readonly stream: ByteStream;
  /** Local and remote end of a TCP connection, "127.0.0.1:4444". */
  readonly ends?: { readonly local: string; readonly remote: string };
  /** Who it is as far as limits go: a host, a user. */
  readonly source: string;
  /** For the log. */
  readonly address: string;
  /** The same as `stream`, for TLS: only one of the two can be used. */
  duplex(): Duplex;
}

export interface TcpOptions {
  readonly nodelay: boolean;
  readonly keepAlive: boolean;
}

/** The socket must be paused and half-open allowed. */
export function socketPeer(socket: Socket, options?: TcpOptions): Peer {
  // Until somebody listens, an error shows as the end of the stream.
  socket.on('error', () => {});
  if (options?.nodelay) socket.setNoDelay(true);
  if (options?.keepAlive) socket.setKeepAlive(true);
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  const remote = end(remoteAddress ?? 'unknown', remotePort);
  const isUnix = localAddress === undefined;
  return {
    stream: new DuplexStream(socket),
    duplex: () => socket,
    ...(isUnix ? {} : { ends: { local: end(localAddress, localPort), remote } }),
    source: remoteAddress ?? '',
    address: isUnix ? 'unix' : `tcp:${remote}`,
  };
}

function end(host: string, port: number | undefined): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port ?? ''}`;
}

/** Any connection that is not one of Node's sockets. */
export function streamPeer(connection: Connection): Peer {
  const { uid, address } = connection.peer;
  return {
    stream: connection,
    duplex: () => new StreamDuplex(connection),
    // The port of a host says nothing about who it is.
    source: uid === undefined ? address.replace(/:\d+$/, '') : `user ${uid}`,
    address,
  };
}

/** Takes the descriptor of a connected socket over; over a unix socket it can also receive descriptors. */
export function fdPeer(name: string, fd: OwnedFd): Peer {
  try {
    const connection = connectInherited(fd.fd);
    fd.release();
    return streamPeer(connection);
  } catch (error) {
    fd.close();
    throw new QmpError(`File descriptor '${name}' is not a socket: ${messageOf(error)}`);
  }
}
