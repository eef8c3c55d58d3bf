// A listening socket of Node's own: TCP, and unix sockets without the addon.

import { createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import type { Listener } from '../../qmp/connection.ts';

export class NetListener implements Listener {
  readonly address: string;
  readonly #server: Server;
  readonly #beforeClose: () => void;

  /** `beforeClose` runs once, while the socket still listens. */
  constructor(server: Server, address: string, beforeClose: () => void = () => {}) {
    this.#server = server;
    this.address = address;
    this.#beforeClose = beforeClose;
  }

  /** libuv drops such connections by itself and does not tell. */
  get refusedConnections(): number {
    return 0;
  }

  close(): Promise<void> {
    if (!this.#server.listening) return Promise.resolve();
    this.#beforeClose();
    // The callback of close() would wait for all connections to end; they live on.
    this.#server.close();
    return Promise.resolve();
  }
}

/** A server that listens, or the name of the error. `during` runs synchronously around the bind. */
export function openServer(
  options: ListenOptions | { readonly fd: number },
  onSocket: (socket: Socket) => void,
): Promise<Server | string> {
  return new Promise((resolve) => {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, onSocket);
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(options, () => {
      server.removeAllListeners('error');
      // Later errors concern single connections that could not be accepted.
      server.on('error', () => {});
      resolve(server);
    });
  });
}
