// The other end of a chardev in tests: sends, and waits for what it should get.

import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export class Peer {
  readonly stream: Duplex;
  #received: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  #ended = false;
  #check: () => void = () => {};

  constructor(stream: Duplex) {
    this.stream = stream;
    stream.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#check();
    });
    for (const event of ['end', 'close', 'error']) {
      stream.on(event, () => {
        this.#ended = true;
        this.#check();
      });
    }
  }

  send(bytes: string | Uint8Array): this {
    this.stream.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    return this;
  }

  /** The next bytes, as latin1 text; fewer when the stream ends before. */
  async receive(count: number): Promise<string> {
    await this.#until(() => this.#received.length >= count);
    return this.#take(count);
  }

  /** Everything up to and with this text. */
  async receiveUntil(text: string): Promise<string> {
    await this.#until(() => this.#received.includes(text, 0, 'latin1'));
    return this.#take(this.#received.indexOf(text, 0, 'latin1') + text.length);
  }

  async receiveToEnd(): Promise<string> {
    await this.#until(() => false);
    return this.#take(this.#received.length);
  }

  #take(count: number): string {
    const taken = this.#received.subarray(0, count).toString('latin1');
    this.#received = this.#received.subarray(count);
    return taken;
  }

  async #until(done: () => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#check = () => {
        if (done() || this.#ended) resolve();
      };
      this.#check();
    });
  }

  end(): void {
    this.stream.end();
  }

  close(): void {
    this.stream.destroy();
  }
}

export async function dial(address: string | { port: number; host: string }): Promise<Peer> {
  const options = typeof address === 'string' ? { path: address } : address;
  const socket = connect({ ...options, allowHalfOpen: true });
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return new Peer(socket);
}

/** Listens, and gives one peer after another. */
export class PeerListener {
  readonly #server: Server;
  readonly #arrived: Socket[] = [];
  #wanted: ((socket: Socket) => void) | undefined;

  constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      if (this.#wanted) this.#wanted(socket);
      else this.#arrived.push(socket);
      this.#wanted = undefined;
    });
  }

  static async listen(path: string): Promise<PeerListener> {
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }).listen(path);
    await new Promise((resolve) => server.once('listening', resolve));
    return new PeerListener(server);
  }

  async next(): Promise<Peer> {
    const socket =
      this.#arrived.shift() ?? (await new Promise<Socket>((resolve) => (this.#wanted = resolve)));
    const peer = new Peer(socket);
    socket.resume();
    return peer;
  }

  close(): void {
    this.#server.close();
  }
}
