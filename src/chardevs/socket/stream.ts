// The byte stream below a socket backend: the part of a transport's Connection that a chardev needs, and its form
// over one of Node's sockets. TLS, websocket and telnet are layers with the same two sides.

import type { Socket } from 'node:net';
import type { Connection, ConnectionHandler } from '../../transports/connection.ts';
import { strerror } from '../../util/strerror.ts';

export type ByteStream = Pick<
  Connection,
  'bufferedBytes' | 'start' | 'write' | 'pause' | 'resume' | 'end' | 'destroy'
>;
export type ByteStreamHandler = ConnectionHandler;

/** How long a closing stream may take to give the peer what was written before. */
const lingerMs = 2000;

export class SocketStream implements ByteStream {
  readonly #socket: Socket;
  #error: string | undefined;
  #flowing = false;

  /** The socket must be paused, half-open allowed, and nobody else may listen to its data. */
  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', (error) => {
      this.#error = strerror(error);
    });
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  start(handler: ByteStreamHandler): void {
    const socket = this.#socket;
    socket.on('data', (chunk) => handler.data(chunk, []));
    socket.on('end', () => handler.end());
    socket.on('drain', () => handler.drain());
    socket.on('close', () => {
      handler.close(this.#error ? { kind: 'error', message: this.#error } : { kind: 'local' });
    });
    this.resume();
  }

  write(data: string | Uint8Array): void {
    if (!this.#socket.destroyed && !this.#socket.writableEnded) this.#socket.write(data);
  }

  pause(): void {
    if (!this.#flowing) return;
    this.#flowing = false;
    this.#socket.pause();
  }

  resume(): void {
    if (this.#flowing) return;
    this.#flowing = true;
    this.#socket.resume();
  }

  end(): void {
    const socket = this.#socket;
    const giveUp = setTimeout(() => socket.destroy(), lingerMs);
    giveUp.unref();
    socket.once('close', () => clearTimeout(giveUp));
    socket.end(() => socket.destroy());
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
