// The server side of a websocket between a socket and a chardev or a session (RFC 6455; QEMU: io/channel-websock.c). A
// peer that offers subprotocols must offer "binary", and the path must be "/", as with QEMU. Unlike QEMU's this asks who
// sent the browser here (websocket-request.ts).

import type { CloseReason, ConnectionHandler } from '../../qmp/connection.ts';
import type { OwnedFd } from '../../util/owned-fd.ts';
import type { ByteStream } from './stream.ts';
import { closeCode, FrameReader, frameHead, opcode, WebsocketError } from './websocket-frames.ts';
import { answerTo, httpError, tooLarge } from './websocket-request.ts';

/** A longer request is refused, as QEMU refuses it. */
const requestBytesMax = 4096;

/** Output that may wait before a ping's answer waits, too; more than any stream takes without telling when it is out. */
const pongWaitingBytesMax = 64 * 1024;

const endOfRequest = '\r\n\r\n';

export class WebsocketStream implements ByteStream {
  readonly #below: ByteStream;
  readonly #hosts: readonly string[];
  readonly #frames: FrameReader = new FrameReader();
  /** Resolves when the handshake is done, to the stream itself; rejects with a WebsocketError. */
  readonly ready: Promise<ByteStream>;
  #handler: ConnectionHandler | undefined;
  #request = '';
  #open = false;
  #ended = false;
  #goodbye = false;
  #closed: CloseReason | undefined;
  /** The answer to the newest ping, while the peer does not read. */
  #pong: Uint8Array | undefined;
  /** What came right after the request. */
  #early: Uint8Array | undefined;
  #accept: () => void = () => {};
  #refuse: (error: Error) => void = () => {};

  /** `hosts`: names that a browser may know this server by, and names of sites that may send it here. */
  constructor(below: ByteStream, hosts: readonly string[]) {
    this.#below = below;
    this.#hosts = hosts;
    this.ready = new Promise((resolve, reject) => {
      this.#accept = () => resolve(this);
      this.#refuse = reject;
    });
    below.start({
      data: (chunk, fds) => this.#receive(chunk, fds),
      end: () => this.#end(),
      drain: () => this.#drained(),
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
    if (this.#ended) return;
    if (this.#open) this.#readFrames(chunk);
    else if (this.#early === undefined) this.#readRequest(chunk);
  }

  #readRequest(chunk: Uint8Array): void {
    this.#request += Buffer.from(chunk).toString('latin1');
    const end = this.#request.indexOf(endOfRequest);
    if (end < 0 && this.#request.length < requestBytesMax) return;
    const answer =
      end < 0
        ? { kind: 'refused' as const, why: tooLarge }
        : answerTo(this.#request.slice(0, end), this.#hosts);
    if (answer.kind === 'refused') {
      this.#ended = true;
      this.#request = '';
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
        else if (event.kind === 'ping') this.#answerPing(event.bytes);
        else this.#sayGoodbye(closeCode.normal, 'peer requested close');
      }
    } catch (error) {
      if (!(error instanceof WebsocketError)) throw error;
      this.#sayGoodbye(error.code, error.message);
    }
  }

  /** Of pings that come faster than their answers are read, only the newest is answered (RFC 6455, section 5.5.3). */
  #answerPing(bytes: Uint8Array): void {
    if (this.#below.bufferedBytes < pongWaitingBytesMax) this.#send(opcode.pong, bytes);
    else this.#pong = bytes;
  }

  #drained(): void {
    const pong = this.#pong;
    this.#pong = undefined;
    if (pong !== undefined && !this.#goodbye) this.#send(opcode.pong, pong);
    this.#handler?.drain();
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
