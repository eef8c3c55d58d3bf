// A client over a socket of Node's own, for tests that look at the wire itself.

import { once } from 'node:events';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { LineClient } from './line-client.ts';

export class RawClient extends LineClient {
  readonly socket: Socket;

  private constructor(socket: Socket) {
    super();
    this.socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (data: string) => this.received(data));
    socket.on('end', () => socket.end());
    socket.on('error', () => undefined);
    socket.on('close', () => this.ended());
  }

  /** To a unix socket's path, or a port of this machine. */
  static async connect(where: string | number): Promise<RawClient> {
    const options: NetConnectOpts =
      typeof where === 'string' ? { path: where } : { host: '127.0.0.1', port: where };
    const socket = connect({ ...options, allowHalfOpen: true });
    const client = new RawClient(socket);
    await once(socket, 'connect');
    return client;
  }

  /** Connects and negotiates; the lines so far are dropped. */
  static async negotiated(where: string | number, capabilities: readonly string[] = []): Promise<RawClient> {
    const client = await RawClient.connect(where);
    await client.negotiate(capabilities);
    return client;
  }

  send(data: string | Uint8Array): void {
    this.socket.write(data);
  }

  close(): void {
    this.socket.destroy();
  }
}
