// The `socket` backend: a stream to one peer at a time, as server or client, over unix sockets, TCP or a descriptor,
// with TLS, websocket and telnet in between where wanted (QEMU: chardev/char-socket.c). Peers come and go; the
// frontend sees OPENED after all handshakes and CLOSED when the peer has gone and its last bytes are delivered.

import type { Socket } from 'node:net';
import { QmpError } from '../../qmp/error.ts';
import { assertNever } from '../../util/assert.ts';
import { messageOf } from '../../util/local-error.ts';
import type { Backend, BackendContext, BackendHost, BackendKind } from '../backend.ts';
import type { SocketAddress, SocketOptions } from '../options.ts';
import { type Acceptor, listenOn } from './acceptor.ts';
import { checkSocket } from './check.ts';
import { dial } from './dialer.ts';
import { connectedName, disconnectedName } from './filename.ts';
import { type Handshake, prepareHandshake } from './handshake.ts';
import type { ByteStream } from './stream.ts';

/** Output that may wait for a slow peer; at the limit the frontend is told to wait. */
const waitingBytesMax = 64 * 1024;

type State =
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'handshaking'; readonly socket: Socket }
  | { readonly kind: 'connected'; readonly socket: Socket; readonly stream: ByteStream }
  | { readonly kind: 'closed' };

export class SocketBackend implements Backend {
  readonly #host: BackendHost;
  readonly #options: SocketOptions;
  readonly #handshake: Handshake;
  readonly #abort: AbortController = new AbortController();
  readonly #address: SocketAddress;
  readonly #acceptor: Acceptor | undefined;
  #state: State = { kind: 'disconnected' };
  #blocked = false;
  #redial: NodeJS.Timeout | undefined;
  #failureTold = false;

  constructor(
    host: BackendHost,
    options: SocketOptions,
    handshake: Handshake,
    acceptor: Acceptor | undefined,
  ) {
    this.#host = host;
    this.#options = options;
    this.#handshake = handshake;
    this.#acceptor = acceptor;
    this.#address = acceptor?.address ?? options.addr;
  }

  get filename(): string {
    if (this.#state.kind !== 'connected') return disconnectedName(this.#options, this.#address);
    return connectedName(this.#options, this.#address, this.#state.socket);
  }

  get connected(): boolean {
    return this.#state.kind === 'connected';
  }

  /** Waits for the next peer, or dials the server. */
  next(): void {
    if (this.#state.kind !== 'disconnected') return;
    if (this.#acceptor) this.#acceptor.next((peer) => this.use(peer));
    else if (reconnectMs(this.#options) > 0)
      this.#redial = setTimeout(() => this.dial(), reconnectMs(this.#options));
  }

  /** One attempt in the background, repeated while it fails. */
  dial(): void {
    this.#redial = undefined;
    void dial(this.#options.addr, undefined, this.#abort.signal).then(
      (socket) => {
        this.#failureTold = false;
        this.use(socket);
      },
      (error) => {
        if (this.#state.kind === 'closed') return;
        if (!this.#failureTold) {
          this.#host.log(`Unable to connect character device ${this.#host.id}: ${messageOf(error)}`);
        }
        this.#failureTold = true;
        this.next();
      },
    );
  }

  /** Makes this socket the peer; false when there is one already. */
  use(socket: Socket): boolean {
    if (this.#state.kind !== 'disconnected') {
      socket.destroy();
      return false;
    }
    this.#acceptor?.cancelNext();
    clearTimeout(this.#redial);
    socket.on('error', () => {});
    if (this.#options.nodelay && this.#address.type === 'inet') socket.setNoDelay(true);
    if (this.#address.type === 'inet' && this.#address.data['keep-alive']) socket.setKeepAlive(true);
    this.#state = { kind: 'handshaking', socket };
    const settled = this.#handshake(socket, this.#host);
    if (!(settled instanceof Promise)) this.#connected(socket, settled);
    else
      settled.then(
        (stream) => this.#connected(socket, stream),
        (error) => this.#refused(socket, error),
      );
    return true;
  }

  #refused(socket: Socket, error: unknown): void {
    socket.destroy();
    if (this.#state.kind !== 'handshaking' || this.#state.socket !== socket) return;
    this.#host.log(`chardev '${this.#host.id}': handshake failed: ${messageOf(error)}`);
    this.#state = { kind: 'disconnected' };
    this.next();
  }

  #connected(socket: Socket, stream: ByteStream): void {
    if (this.#state.kind !== 'handshaking' || this.#state.socket !== socket) {
      stream.destroy();
      return;
    }
    this.#state = { kind: 'connected', socket, stream };
    this.#host.event('OPENED');
    stream.start({
      data: (chunk, fds) => {
        this.#host.receive(chunk, fds);
        if (!this.#host.wantsInput) stream.pause();
      },
      end: () => this.#host.afterInput(() => this.#disconnected(stream)),
      drain: () => this.#unblock(),
      close: () => {
        this.#unblock();
        this.#host.afterInput(() => this.#disconnected(stream));
      },
    });
    if (!this.#host.wantsInput) stream.pause();
  }

  #disconnected(stream: ByteStream): void {
    if (this.#state.kind !== 'connected' || this.#state.stream !== stream) return;
    this.#state = { kind: 'disconnected' };
    stream.end();
    this.#host.event('CLOSED');
    this.#unblock();
    this.next();
  }

  #unblock(): void {
    if (!this.#blocked || this.#state.kind === 'closed') return;
    this.#blocked = false;
    this.#host.writable();
  }

  write(bytes: Uint8Array): number {
    switch (this.#state.kind) {
      case 'connected':
        return this.#writeTo(this.#state.stream, bytes);
      case 'disconnected':
      case 'handshaking':
      case 'closed':
        return bytes.length;
      default:
        return assertNever(this.#state, 'socket state');
    }
  }

  #writeTo(stream: ByteStream, bytes: Uint8Array): number {
    const taken = bytes.subarray(0, Math.max(0, waitingBytesMax - stream.bufferedBytes));
    if (taken.length > 0) stream.write(taken);
    if (taken.length < bytes.length) this.#blocked = true;
    return taken.length;
  }

  resumeInput(): void {
    if (this.#state.kind === 'connected') this.#state.stream.resume();
  }

  async close(): Promise<void> {
    const state = this.#state;
    this.#state = { kind: 'closed' };
    this.#abort.abort();
    clearTimeout(this.#redial);
    if (state.kind === 'connected') state.stream.end();
    if (state.kind === 'handshaking') state.socket.destroy();
    await this.#acceptor?.close();
  }
}

function reconnectMs(options: SocketOptions): number {
  return Number(options['reconnect-ms'] ?? 0) || Number(options.reconnect ?? 0) * 1000;
}

async function openSocket(
  host: BackendHost,
  options: SocketOptions,
  context: BackendContext,
): Promise<Backend> {
  const handshake = prepareHandshake(options, context.objects);
  if (options.server ?? true) {
    const backend = new SocketBackend(host, options, handshake, await listenOn(options.addr, context.fd));
    backend.next();
    return backend;
  }
  const backend = new SocketBackend(host, options, handshake, undefined);
  if (reconnectMs(options) > 0) backend.dial();
  else backend.use(await dial(options.addr, context.fd, new AbortController().signal));
  return backend;
}

export const socketKind: BackendKind<SocketOptions> = { check: checkSocket, open: openSocket };

/** For `add_client`: the descriptor becomes the peer of a socket chardev that has none. */
export function addClient(backend: Backend | undefined, socket: Socket): void {
  if (!(backend instanceof SocketBackend) || !backend.use(socket)) {
    socket.destroy();
    throw new QmpError('failed to add client');
  }
}
