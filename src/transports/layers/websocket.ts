// The server side of a websocket between a socket and a chardev (RFC 6455; QEMU: io/channel-websock.c). A peer
// that offers subprotocols must offer "binary", and the path must be "/", as with QEMU.

import { createHash } from 'node:crypto';
import type { CloseReason, ConnectionHandler } from '../../qmp/connection.ts';
import type { OwnedFd } from '../../util/owned-fd.ts';
import type { ByteStream } from './stream.ts';
import { closeCode, FrameReader, frameHead, opcode, WebsocketError } from './websocket-frames.ts';

/** A longer request is refused, as QEMU refuses it. */
const requestBytesMax = 4096;

const endOfRequest = '\r\n\r\n';
/** Fixed by RFC 6455, section 1.3. */
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

type Answer =
  | { readonly kind: 'accepted'; readonly text: string }
  | { readonly kind: 'refused'; readonly why: string };

export class WebsocketStream implements ByteStream {
  readonly #below: ByteStream;
  readonly #frames: FrameReader = new FrameReader();
  /** Resolves when the handshake is done, to the stream itself; rejects with a WebsocketError. */
  readonly ready: Promise<ByteStream>;
  #handler: ConnectionHandler | undefined;
  #request = '';
  #open = false;
  #ended = false;
  #goodbye = false;
  #closed: CloseReason | undefined;
  /** What came right behind the request. */
  #early: Uint8Array | undefined;
  #accept: () => void = () => {};
  #refuse: (error: Error) => void = () => {};

  constructor(below: ByteStream) {
    this.#below = below;
    this.ready = new Promise((resolve, reject) => {
      this.#accept = () => resolve(this);
      this.#refuse = reject;
    });
    below.start({
      data: (chunk, fds) => this.#receive(chunk, fds),
      end: () => this.#end(),
      drain: () => this.#handler?.drain(),
      close: (reason) => this.#close(reason),
    });
  }

  get bufferedBytes(): number {
    return this.#below.bufferedBytes;
  }

  start(handler: ConnectionHandler): void {
    this.#handler = handler;
    const early = this.#early;
    this.#early = undefined;
    if (early) this.#readFrames(early);
    this.#below.resume();
    const closed = this.#closed;
    if (closed) queueMicrotask(() => handler.close(closed));
  }

  #receive(chunk: Uint8Array, fds: readonly OwnedFd[]): void {
    for (const fd of fds) fd.close();
    if (this.#open) this.#readFrames(chunk);
    else if (this.#early === undefined) this.#readRequest(chunk);
  }

  #readRequest(chunk: Uint8Array): void {
    this.#request += Buffer.from(chunk).toString('latin1');
    const end = this.#request.indexOf(endOfRequest);
    if (end < 0 && this.#request.length < requestBytesMax) return;
    const answer =
      end < 0 ? { kind: 'refused' as const, why: tooLarge } : answerTo(this.#request.slice(0, end));
    if (answer.kind === 'refused') {
      this.#below.write(httpError(answer.why));
      this.#below.end();
      this.#refuse(new WebsocketError(answer.why));
      return;
    }
    this.#below.write(answer.text);
    this.#early = Buffer.from(this.#request.slice(end + endOfRequest.length), 'latin1');
    this.#request = '';
    this.#open = true;
    this.#below.pause();
    this.#accept();
  }

  #readFrames(chunk: Uint8Array): void {
    try {
      for (const event of this.#frames.read(chunk)) {
        if (this.#ended) return;
        if (event.kind === 'data') this.#handler?.data(event.bytes, []);
        else if (event.kind === 'ping') this.#send(opcode.pong, event.bytes);
        else this.#sayGoodbye(closeCode.normal, 'peer requested close');
      }
    } catch (error) {
      if (!(error instanceof WebsocketError)) throw error;
      this.#sayGoodbye(error.code, error.message);
    }
  }

  /** Sends a close frame, once; nothing is read or written after it. */
  #sayGoodbye(code: number, why: string): void {
    if (!this.#goodbye)
      this.#send(opcode.close, Buffer.concat([Uint8Array.of(code >> 8, code & 0xff), Buffer.from(why)]));
    this.#goodbye = true;
    this.#end();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#open) this.#handler?.end();
    else this.#refuse(new WebsocketError('the peer went away'));
  }

  #close(reason: CloseReason): void {
    this.#closed = reason;
    this.#refuse(new WebsocketError(reason.kind === 'error' ? reason.message : 'the peer went away'));
    this.#handler?.close(reason);
  }

  #send(code: number, bytes: Uint8Array): void {
    this.#below.write(Buffer.concat([frameHead(code, bytes.length), bytes]));
  }

  write(data: string | Uint8Array): void {
    if (!this.#goodbye)
      this.#send(opcode.binary, typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
  }

  pause(): void {
    this.#below.pause();
  }

  resume(): void {
    this.#below.resume();
  }

  end(): void {
    this.#sayGoodbye(closeCode.normal, '');
    this.#below.end();
  }

  destroy(): void {
    this.#below.destroy();
  }
}

const notFound = 'the path is not /';
const tooLarge = 'the request is too long';
const statuses: Readonly<Record<string, string>> = {
  [notFound]: '404 Not Found',
  [tooLarge]: '403 Request Entity Too Large',
};

function answerTo(request: string): Answer {
  const [first = '', ...lines] = request.split('\r\n');
  if (/^GET (?!\/ )\S+ HTTP\/1\.1$/.test(first)) return { kind: 'refused', why: notFound };
  if (first !== 'GET / HTTP/1.1') return { kind: 'refused', why: 'only GET of HTTP/1.1 is understood' };
  const headers = new Map(lines.map(headerOf));
  const offered = headers.get('sec-websocket-protocol')?.split(/\s*,\s*/);
  const key = headers.get('sec-websocket-key') ?? '';
  if (offered && !offered.includes('binary'))
    return { kind: 'refused', why: "the subprotocol 'binary' is not offered" };
  if (!headers.has('host')) return { kind: 'refused', why: 'the host is missing' };
  if (headers.get('sec-websocket-version') !== '13') return { kind: 'refused', why: 'the version is not 13' };
  if (Buffer.from(key, 'base64').length !== 16) return { kind: 'refused', why: 'the key is not of 16 bytes' };
  if (!/(^|,)\s*upgrade\s*(,|$)/i.test(headers.get('connection') ?? '')) {
    return { kind: 'refused', why: 'the connection is not to be upgraded' };
  }
  if ((headers.get('upgrade') ?? '').toLowerCase() !== 'websocket') {
    return { kind: 'refused', why: 'the upgrade is not to a websocket' };
  }
  return { kind: 'accepted', text: httpUpgrade(key, offered !== undefined) };
}

function headerOf(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
}

function httpUpgrade(key: string, withProtocol: boolean): string {
  const accept = createHash('sha1')
    .update(key + acceptSuffix)
    .digest('base64');
  return httpHead('101 Switching Protocols', [
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept}`,
    ...(withProtocol ? ['Sec-WebSocket-Protocol: binary'] : []),
  ]);
}

function httpError(why: string): string {
  const status = statuses[why] ?? '400 Bad Request';
  return `${httpHead(status, ['Connection: close', 'Content-Type: text/plain'])}${why}\r\n`;
}

function httpHead(status: string, headers: readonly string[]): string {
  return [`HTTP/1.1 ${status}`, 'Server: qmpd', `Date: ${new Date().toUTCString()}`, ...headers, '', ''].join(
    '\r\n',
  );
}
