// The `console` backend, which is qmpd's own: a serial port that any number of people watch at once. The guest's output
// goes to a scrollback and to all viewers; who may type is a matter of policy. It is always OPENED.

import { type JsonObject, jsonObject } from '../../../json/value.ts';
import { QmpError } from '../../../qmp/error.ts';
import type { ChardevConsole, ChardevSocket } from '../../../schema/index.ts';
import type { Peer } from '../../../transports/layers/peer.ts';
import type { ByteStream } from '../../../transports/layers/stream.ts';
import { WindowSizeStream } from '../../../transports/layers/telnet-window-size.ts';
import { messageOf } from '../../../util/local-error.ts';
import type { Backend, BackendContext, BackendHost } from '../../backend.ts';
import type { ChardevKind } from '../../kind.ts';
import { listWord, numberWord, sizeWord, textWord, truthWord } from '../../words.ts';
import { type Acceptor, listenOn } from '../socket/acceptor.ts';
import { describeAddress } from '../socket/address.ts';
import { checkSocket } from '../socket/check.ts';
import { type Handshake, prepareHandshake } from '../socket/handshake.ts';
import { addressWords } from '../socket/words.ts';
import { Scrollback } from './scrollback.ts';
import { Viewer, type ViewerOwner } from './viewer.ts';

const defaultScrollbackBytes = 256 * 1024;
const scrollbackBytesMax = 64 * 1024 * 1024;
/** A further viewer is turned away. */
const viewersMax = 256;

/** A viewer whose host has gone without a word is found out, too. */
const tcpOptions = { nodelay: true, keepAlive: true } as const;

/** Typed bytes of viewers that have left, which wait for a guest that does not read. Beyond this, bytes are dropped. */
const departedBytesMax = 64 * 1024;

/** Of a terminal, in characters. */
interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}

export class ConsoleBackend implements Backend, ViewerOwner {
  readonly filename: string;
  readonly #host: BackendHost;
  readonly #writers: NonNullable<ChardevConsole['writers']>;
  readonly #scrollback: Scrollback;
  readonly #acceptor: Acceptor | undefined;
  readonly #viewers: Set<Viewer> = new Set();
  readonly #resized: (cols: number, rows: number) => void;
  #size: TerminalSize | undefined;
  #closed = false;
  #departedBytes = 0;

  constructor(
    host: BackendHost,
    options: ChardevConsole,
    acceptor: Acceptor | undefined,
    resized: (cols: number, rows: number) => void,
  ) {
    this.#host = host;
    this.#resized = resized;
    this.#writers = options.writers ?? 'many';
    this.#scrollback = new Scrollback(Number(options.scrollback ?? defaultScrollbackBytes));
    this.#acceptor = acceptor;
    const address = this.#address();
    this.filename = address === undefined ? 'console' : `console:${address}`;
  }

  #address(): string | undefined {
    const address = this.#acceptor?.address;
    if (!address) return undefined;
    return `${address.type === 'inet' ? 'tcp' : address.type}:${describeAddress(address)}`;
  }

  /** A ConsoleInfo of the schema. */
  get info(): JsonObject {
    const address = this.#address();
    const viewers = [...this.#viewers].map((viewer) =>
      jsonObject({
        address: viewer.address,
        since: viewer.sinceMs,
        writer: this.#mayType(viewer),
        missed: viewer.missedBytes,
      }),
    );
    return jsonObject({
      id: this.#host.id,
      ...(address === undefined ? {} : { address }),
      scrollback: this.#scrollback.bytes,
      viewers,
      ...this.#size,
    });
  }

  /** Who told last counts. */
  resize(cols: number, rows: number): void {
    if (this.#size?.cols === cols && this.#size.rows === rows) return;
    this.#size = { cols, rows };
    this.#resized(cols, rows);
  }

  /** Takes viewers in as they come. */
  serve(handshake: Handshake): void {
    this.#acceptor?.next((peer) => {
      this.serve(handshake);
      this.#welcome(peer, handshake).catch((error: unknown) => {
        this.#host.log(
          `console '${this.#host.id}': a viewer from ${peer.address} was turned away: ${messageOf(error)}`,
        );
      });
    });
  }

  async #welcome(peer: Peer, handshake: Handshake): Promise<void> {
    const stream = await handshake(peer, this.#host);
    if (this.#closed || this.#viewers.size >= viewersMax) stream.destroy();
    else this.#add(stream, peer.ends?.remote ?? 'unix');
  }

  /** It is shown the scrollback, then all that follows. */
  #add(stream: ByteStream, address: string): void {
    const viewer = new Viewer(stream, address, this);
    this.#viewers.add(viewer);
    viewer.show(this.#scrollback.content());
  }

  /** With one writer, it is the viewer that has been there longest. */
  #mayType(viewer: Viewer): boolean {
    if (this.#writers === 'one') return this.#viewers.values().next().value === viewer;
    return this.#writers === 'many';
  }

  typed(viewer: Viewer, bytes: Uint8Array): boolean {
    if (!this.#mayType(viewer)) return true;
    this.#host.receive(bytes);
    return this.#host.wantsInput;
  }

  left(viewer: Viewer, unread: Uint8Array): void {
    const mayType = this.#mayType(viewer);
    this.#viewers.delete(viewer);
    if (!mayType || unread.length === 0 || this.#departedBytes + unread.length > departedBytesMax) return;
    this.#departedBytes += unread.length;
    this.#host.receive(unread);
  }

  write(bytes: Uint8Array): number {
    this.#scrollback.push(bytes);
    for (const viewer of this.#viewers) viewer.show(bytes);
    return bytes.length;
  }

  resumeInput(): void {
    this.#departedBytes = 0;
    for (const viewer of this.#viewers) viewer.resume();
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const viewer of this.#viewers) viewer.close();
    await this.#acceptor?.close();
  }
}

function checkConsole(options: ChardevConsole): void {
  const scrollback = options.scrollback ?? defaultScrollbackBytes;
  if (scrollback < 0 || scrollback > scrollbackBytesMax) {
    throw new QmpError(`Parameter 'scrollback' expects a number of bytes up to ${scrollbackBytesMax}`);
  }
  if (options['log-keep'] !== undefined && options['log-size'] === undefined) {
    throw new QmpError("'log-keep' option requires 'log-size' option");
  }
  const socket = socketOptions(options);
  if (socket) checkSocket(socket);
}

function socketOptions(options: ChardevConsole): ChardevSocket | undefined {
  const { addr, telnet = false, websocket = false } = options;
  const tls = options['tls-creds'];
  const authz = options['tls-authz'];
  const hosts = options['websocket-hosts'];
  if (!addr) return undefined;
  return {
    ...{ addr, telnet, websocket, server: true, nodelay: true },
    ...(tls === undefined ? {} : { 'tls-creds': tls }),
    ...(authz === undefined ? {} : { 'tls-authz': authz }),
    ...(hosts === undefined ? {} : { 'websocket-hosts': hosts }),
  };
}

async function openConsole(
  host: BackendHost,
  options: ChardevConsole,
  context: BackendContext,
): Promise<Backend> {
  const socket = socketOptions(options);
  host.event('OPENED');
  const open = (acceptor?: Acceptor): ConsoleBackend =>
    new ConsoleBackend(host, options, acceptor, (cols, rows) => context.consoleResized(cols, rows));
  if (!socket) return open();
  const handshake = prepareHandshake(
    socket,
    context.objects,
    (stream) => new WindowSizeStream(stream, (cols, rows) => backend.resize(cols, rows)),
  );
  const backend = open(await listenOn(socket.addr, context.fd, tcpOptions, viewersMax));
  backend.serve(handshake);
  return backend;
}

export const consoleKind: ChardevKind<'console'> = {
  type: 'console',
  livesIn: 'qmpd',
  words: {
    addr: {
      ...addressWords,
      read: (words) =>
        words.path === undefined && words.host === undefined ? undefined : addressWords.read(words),
    },
    telnet: truthWord('telnet'),
    websocket: truthWord('websocket'),
    'websocket-hosts': listWord('websocket-hosts'),
    'tls-creds': textWord('tls-creds'),
    'tls-authz': textWord('tls-authz'),
    scrollback: sizeWord('scrollback'),
    writers: textWord('writers'),
    'log-size': sizeWord('log-size'),
    'log-keep': numberWord('log-keep'),
  },
  example: 'path=viewers.sock,scrollback=64K,writers=one',
  notes: "qmpd's own, with many viewers; see below",
  check: checkConsole,
  open: openConsole,
};
