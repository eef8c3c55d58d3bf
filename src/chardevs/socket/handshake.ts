// What happens between a connected socket and an OPENED chardev: TLS, then websocket, then telnet, in QEMU's order
// (QEMU: chardev/char-socket.c, tcp_chr_setup_connection). Without any of them the socket is ready at once.

import type { Socket } from 'node:net';
import type { BackendHost, ObjectResolver } from '../backend.ts';
import type { SocketOptions } from '../options.ts';
import { type ByteStream, SocketStream } from './stream.ts';

/** Resolves to the stream of the chardev's own bytes; rejects when the peer does not keep to the protocol. */
export type Handshake = (socket: Socket, host: BackendHost) => ByteStream | Promise<ByteStream>;

/** Checks what the options name; throws a QmpError. */
export function prepareHandshake(_options: SocketOptions, _objects: ObjectResolver): Handshake {
  return (socket) => new SocketStream(socket);
}
