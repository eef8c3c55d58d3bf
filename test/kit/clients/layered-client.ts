// The client's side of what a socket chardev may have between its peer and its bytes: telnet and websocket, as streams
// of the bytes inside. Ending one half-closes the connection below, without a word of the layer's own.

import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

interface Codec {
  encode(bytes: Buffer): Buffer;
  decode(bytes: Buffer): Buffer;
}

/** Takes a connected socket over, which must allow to be half open. */
class LayeredClient extends Duplex {
  readonly #socket: Socket;
  readonly #codec: Codec;

  constructor(socket: Socket, codec: Codec) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.#codec = codec;
    socket.on('data', (chunk: Buffer) => {
      const bytes = codec.decode(chunk);
      if (bytes.length > 0 && !this.push(bytes)) socket.pause();
    });
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, written: (error?: Error | null) => void): void {
    this.#socket.write(this.#codec.encode(chunk), written);
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}

const IAC = 255;
/** The options that the server sends first. */
const telnetGreetingBytes = 12;

/** Output is not escaped by the server, as with QEMU. */
export function telnetClient(socket: Socket): Duplex {
  let greetingLeft = telnetGreetingBytes;
  return new LayeredClient(socket, {
    encode: (bytes) => Buffer.from([...bytes].flatMap((byte) => (byte === IAC ? [IAC, IAC] : [byte]))),
    decode: (bytes) => {
      const rest = bytes.subarray(greetingLeft);
      greetingLeft -= bytes.length - rest.length;
      return rest;
    },
  });
}

const upgradeRequest = [
  'GET / HTTP/1.1',
  'Host: localhost',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Protocol: binary',
  '\r\n',
].join('\r\n');

/** Sends each write as one masked frame, and knows only whole binary frames of the server. */
export function websocketClient(socket: Socket): Duplex {
  socket.write(upgradeRequest);
  let input = Buffer.alloc(0);
  let upgraded = false;
  return new LayeredClient(socket, {
    encode: (bytes) => websocketFrame(0x82, bytes),
    decode: (bytes) => {
      input = Buffer.concat([input, bytes]);
      const headEnd = input.indexOf('\r\n\r\n');
      if (!upgraded && headEnd < 0) return Buffer.alloc(0);
      if (!upgraded) input = input.subarray(headEnd + 4);
      upgraded = true;
      const payloads: Buffer[] = [];
      for (let frame = firstFrame(input); frame !== undefined; frame = firstFrame(input)) {
        payloads.push(frame.payload);
        input = input.subarray(frame.bytes);
      }
      return Buffer.concat(payloads);
    },
  });
}

function firstFrame(input: Buffer): { readonly payload: Buffer; readonly bytes: number } | undefined {
  const short = input[1];
  const head = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (short === undefined || input.length < head) return undefined;
  const length =
    short === 127 ? Number(input.readBigUInt64BE(2)) : short === 126 ? input.readUInt16BE(2) : short;
  if (input.length < head + length) return undefined;
  return { payload: input.subarray(head, head + length), bytes: head + length };
}

/** A frame of a client; `first` is its first byte, 0x82 for a whole binary one. */
export function websocketFrame(first: number, bytes: Uint8Array): Buffer {
  const head = bytes.length < 126 ? Buffer.alloc(2) : Buffer.alloc(bytes.length < 65_536 ? 4 : 10);
  head[0] = first;
  head[1] = 0x80 | (head.length === 2 ? bytes.length : head.length === 4 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(bytes.length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(bytes.length), 2);
  const mask = [1, 2, 3, 4];
  return Buffer.concat([head, Buffer.from(mask), bytes.map((byte, at) => byte ^ (mask[at & 3] ?? 0))]);
}
