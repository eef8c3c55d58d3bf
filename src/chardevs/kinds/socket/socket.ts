// The `socket` backend: a stream to one peer at a time, as server or client, over unix sockets, TCP or a descriptor,
// with TLS, websocket and telnet in between where wanted (QEMU: chardev/char-socket.c). Peers come and go; the
// frontend sees OPENED after all handshakes and CLOSED when the peer has gone and its last bytes are delivered.

import { QmpError } from '../../../qmp/error.ts';
import type { ChardevSocket, SocketAddressLegacy } from '../../../schema/index.ts';
import { fdPeer, type Peer, type TcpOptions } from '../../../transports/layers/peer.ts';
import { type ByteStream, writeUpTo } from '../../../transports/layers/stream.ts';
import { assertNever } from '../../../util/assert.ts';
import { messageOf } from '../../../util/local-error.ts';
import type { OwnedFd } from '../../../util/owned-fd.ts';
import type { Backend, BackendContext, BackendHost } from '../../backend.ts';
import type { ChardevKind } from '../../kind.ts';
import { type Acceptor, listenOn } from './acceptor.ts';
import { checkSocket } from './check.ts';
import { dial } from './dialer.ts';
import { connectedName, disconnectedName } from './filename.ts';
import { type Handshake, prepareHandshake } from './handshake.ts';
import { socketWords } from './words.ts';

/** Node's longest timer, 24 days. A longer delay would fire at once. */
const redialMsMax = 2 ** 31 - 1;

type State =
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'handshaking'; readonly peer: Peer }
  | { readonly kind: 'connected'; readonly peer: Peer; readonly stream: ByteStream }
  | { readonly kind: 'closed' };

export class SocketBackend implements Backend {
  readonly #host: BackendHost;
  readonly #options: ChardevSocket;
  readonly #handshake: Handshake;
  readonly #abort: AbortController = new AbortController();
  readonly #address: SocketAddressLegacy;
  readonly #acceptor: Acceptor | undefined;
  #state: State = { kind: 'disconnected' };
  #blocked = false;
  #redial: NodeJS.Timeout | undefined;
  #failureTold = false;

  constructor(
    host: BackendHost,
    options: ChardevSocket,
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
    return connectedName(this.#options, this.#address, this.#state.peer);
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
    void dial(this.#options.addr, undefined, tcpOptions(this.#options), this.#abort.signal).then(
      (peer) => {
        this.#failureTold = false;
        this.use(peer);
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

  /** Makes this the peer; false when there is one already, and then this one is gone. */
  use(peer: Peer): boolean {
    if (this.#state.kind !== 'disconnected') {
      peer.stream.destroy();
      return false;
    }
    this.#acceptor?.cancelNext();
    clearTimeout(this.#redial);
    this.#state = { kind: 'handshaking', peer };
    const settled = this.#handshake(peer, this.#host);
    if (!(settled instanceof Promise)) this.#connected(peer, settled);
    else
      settled.then(
        (stream) => this.#connected(peer, stream),
        (error) => this.#refused(peer, error),
      );
    return true;
  }

  #refused(peer: Peer, error: unknown): void {
    peer.stream.destroy();
    if (this.#state.kind !== 'handshaking' || this.#state.peer !== peer) return;
    this.#host.log(`chardev '${this.#host.id}': handshake with ${peer.address} failed: ${messageOf(error)}`);
    this.#state = { kind: 'disconnected' };
    this.next();
  }

  #connected(peer: Peer, stream: ByteStream): void {
    if (this.#state.kind !== 'handshaking' || this.#state.peer !== peer) {
      stream.destroy();
      return;
    }
    this.#state = { kind: 'connected', peer, stream };
    this.#host.event('OPENED');
    stream.start({
      data: (chunk, fds) => {
        // The chunk is only valid during the call; what is received may have to wait.
        this.#host.receive(Uint8Array.prototype.slice.call(chunk), fds);
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
    const taken = writeUpTo(stream, bytes);
    if (taken < bytes.length) this.#blocked = true;
    return taken;
  }

  resumeInput(): void {
    if (this.#state.kind === 'connected') this.#state.stream.resume();
  }

  hangUp(): void {
    if (this.#state.kind === 'connected') this.#disconnected(this.#state.stream);
  }

  async close(): Promise<void> {
    const state = this.#state;
    this.#state = { kind: 'closed' };
    this.#abort.abort();
    clearTimeout(this.#redial);
    if (state.kind === 'connected') state.stream.end();
    if (state.kind === 'handshaking') state.peer.stream.destroy();
    await this.#acceptor?.close();
  }
}

function reconnectMs(options: ChardevSocket): number {
  const wanted = Number(options['reconnect-ms'] ?? 0) || Number(options.reconnect ?? 0) * 1000;
  return Math.min(wanted, redialMsMax);
}

function tcpOptions(options: ChardevSocket): TcpOptions {
  const keepAlive = options.addr.type === 'inet' && (options.addr.data['keep-alive'] ?? false);
  return { nodelay: options.nodelay ?? false, keepAlive };
}

async function openSocket(
  host: BackendHost,
  options: ChardevSocket,
  context: BackendContext,
): Promise<Backend> {
  const handshake = prepareHandshake(options, context.objects);
  const tcp = tcpOptions(options);
  if (options.server ?? true) {
    const backend = new SocketBackend(
      host,
      options,
      handshake,
      await listenOn(options.addr, context.fd, tcp),
    );
    backend.next();
    return backend;
  }
  const backend = new SocketBackend(host, options, handshake, undefined);
  if (reconnectMs(options) > 0) backend.dial();
  else backend.use(await dial(options.addr, context.fd, tcp, new AbortController().signal));
  return backend;
}

export const socketKind: ChardevKind<'socket'> = {
  type: 'socket',
  livesIn: 'both',
  words: socketWords,
  example: 'path=serial.sock,server=on,wait=off',
  notes: '`unix`, `inet`, `vsock`, `fd`; `vsock` needs the native part',
  check: checkSocket,
  open: openSocket,
};

/** For `add_client`: the descriptor becomes the peer of a socket chardev that has none. Takes it over in any case. */
export function addClient(backend: Backend | undefined, fd: OwnedFd): void {
  if (!(backend instanceof SocketBackend)) fd.close();
  else if (backend.use(fdPeer('fd', fd))) return;
  throw new QmpError('failed to add client');
}
