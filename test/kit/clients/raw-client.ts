// A client over a socket of Node's own, for tests that look at the wire itself.

import { once } from 'node:events';
import { connect, type NetConnectOpts } from 'node:net';
import type { Duplex } from 'node:stream';
import { LineClient } from './line-client.ts';

/** A unix socket's path, a port of this machine, or what gives a connected stream. */
export type Where = string | number | (() => Promise<Duplex>);

async function dial(where: Where): Promise<Duplex> {
  if (typeof where === 'function') return await where();
  const options: NetConnectOpts =
    typeof where === 'string' ? { path: where } : { host: '127.0.0.1', port: where };
  const socket = connect({ ...options, allowHalfOpen: true });
  await once(socket, 'connect');
  return socket;
}

export class RawClient extends LineClient {
  readonly socket: Duplex;

  private constructor(socket: Duplex) {
    super();
    this.socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (data: string) => this.received(data));
    socket.on('end', () => socket.end());
    socket.on('error', () => undefined);
    socket.on('close', () => this.ended());
  }

  static async connect(where: Where): Promise<RawClient> {
    return new RawClient(await dial(where));
  }

  /** Connects and negotiates; the lines so far are dropped. */
  static async negotiated(where: Where, capabilities: readonly string[] = []): Promise<RawClient> {
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
