// A connection whose bytes travel inside TLS or websocket frames: the stream on top of the layers, with the identity of
// the connection at the bottom. Descriptors cannot come through.

import type { Connection, ConnectionHandler, PeerIdentity } from '../../qmp/connection.ts';
import type { ByteStream } from './stream.ts';

export class LayeredConnection implements Connection {
  readonly transport: 'tls' | 'websocket';
  readonly peer: PeerIdentity;
  readonly canPassFds: boolean = false;
  readonly whyNoFds: string;
  readonly #stream: ByteStream;

  /** `stream` is the top of the layers over `bottom`, and owns it. */
  constructor(bottom: Connection, stream: ByteStream, transport: 'tls' | 'websocket') {
    this.#stream = stream;
    this.transport = transport;
    this.peer = bottom.peer;
    this.whyNoFds = `descriptors travel over plain unix sockets only, and this connection is ${transport}`;
  }

  get bufferedBytes(): number {
    return this.#stream.bufferedBytes;
  }

  start(handler: ConnectionHandler): void {
    this.#stream.start(handler);
  }

  write(data: string | Uint8Array): void {
    this.#stream.write(data);
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  end(): void {
    this.#stream.end();
  }

  destroy(): void {
    this.#stream.destroy();
  }
}
