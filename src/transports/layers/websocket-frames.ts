// Websocket frames (RFC 6455, section 5) as a server sees them: masked frames in, unmasked binary frames out. No I/O.
// Limit: 125 bytes for a control frame; data frames are passed on as they come, of any length (2^53 at most).

export const opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

const controlBytesMax = 125;

/** Why a connection is closed (RFC 6455, section 7.4.1). */
export const closeCode = { normal: 1000, protocolError: 1002, unsupported: 1003 } as const;

/** Thrown for a peer that does not keep to the protocol; code and text are sent to it. */
export class WebsocketError extends Error {
  readonly code: number;

  constructor(message: string, code: number = closeCode.protocolError) {
    super(message);
    this.code = code;
  }
}

const onlyBinary = 'only binary, close, ping, and pong frames are supported';

export type FrameEvent =
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'ping'; readonly bytes: Uint8Array }
  | { readonly kind: 'close' };

interface Frame {
  readonly opcode: number;
  readonly mask: Uint8Array;
  readonly length: number;
  seen: number;
  /** The payload so far, for control frames only. */
  readonly control: number[];
}

export class FrameReader {
  #head: Uint8Array = new Uint8Array();
  #frame: Frame | undefined;
  #inMessage = false;

  /** Takes any piece of the stream apart; throws a WebsocketError. Nothing may be read after `close`. */
  *read(chunk: Uint8Array): Generator<FrameEvent> {
    let rest = chunk;
    for (;;) {
      if (!this.#frame) {
        rest = this.#head.length > 0 ? Buffer.concat([this.#head, rest]) : rest;
        const headBytes = headLength(rest);
        if (rest.length < headBytes) {
          // Kept beyond this call, so a copy (a Buffer shares memory with its own slices).
          this.#head = Uint8Array.from(rest);
          return;
        }
        this.#head = new Uint8Array();
        this.#frame = this.#begin(rest.subarray(0, headBytes));
        rest = rest.subarray(headBytes);
      }
      const frame = this.#frame;
      const payload = rest.subarray(0, frame.length - frame.seen);
      rest = rest.subarray(payload.length);
      const event = take(frame, payload);
      if (frame.seen === frame.length) this.#frame = undefined;
      if (event) yield event;
      if (this.#frame) return;
    }
  }

  #begin(head: Uint8Array): Frame {
    const first = head[0] ?? 0;
    const code = first & 0x0f;
    const final = (first & 0x80) !== 0;
    const length = payloadLength(head);
    if ((first & 0x70) !== 0) throw new WebsocketError('reserved bits are set');
    if (((head[1] ?? 0) & 0x80) === 0) throw new WebsocketError('client frames must be masked');
    if (code >= opcode.close) {
      if (!final || length > controlBytesMax)
        throw new WebsocketError('control frames must be short and whole');
    } else {
      const continues = code === opcode.continuation && this.#inMessage;
      if (code !== opcode.binary && !continues) throw new WebsocketError(onlyBinary, closeCode.unsupported);
      if (code === opcode.binary && this.#inMessage) throw new WebsocketError('frames are out of order');
      this.#inMessage = !final;
    }
    if (code > opcode.pong) throw new WebsocketError(onlyBinary, closeCode.unsupported);
    return { opcode: code, mask: Uint8Array.from(head.subarray(-4)), length, seen: 0, control: [] };
  }
}

/** Bytes of the head that begins here, as far as that can be told yet. */
function headLength(bytes: Uint8Array): number {
  const second = bytes[1];
  if (second === undefined) return 2;
  const short = second & 0x7f;
  return 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + ((second & 0x80) !== 0 ? 4 : 0);
}

function payloadLength(head: Uint8Array): number {
  const short = (head[1] ?? 0) & 0x7f;
  if (short < 126) return short;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  if (short === 126) return view.getUint16(2);
  const length = view.getBigUint64(2);
  if (length > BigInt(Number.MAX_SAFE_INTEGER)) throw new WebsocketError('the frame is too large');
  return Number(length);
}

/** Unmasks a part of a frame's payload; the event that it makes, if any. */
function take(frame: Frame, masked: Uint8Array): FrameEvent | undefined {
  const bytes = new Uint8Array(masked.length);
  for (let i = 0; i < masked.length; i++) {
    bytes[i] = (masked[i] ?? 0) ^ (frame.mask[(frame.seen + i) & 3] ?? 0);
  }
  frame.seen += masked.length;
  if (frame.opcode < opcode.close) return bytes.length > 0 ? { kind: 'data', bytes } : undefined;
  frame.control.push(...bytes);
  if (frame.seen < frame.length) return undefined;
  if (frame.opcode === opcode.ping) return { kind: 'ping', bytes: Uint8Array.from(frame.control) };
  return frame.opcode === opcode.close ? { kind: 'close' } : undefined;
}

/** The head of a whole, unmasked frame. */
export function frameHead(code: number, length: number): Uint8Array {
  const first = 0x80 | code;
  if (length < 126) return Uint8Array.of(first, length);
  const head = new Uint8Array(length < 65_536 ? 4 : 10);
  const view = new DataView(head.buffer);
  head[0] = first;
  head[1] = length < 65_536 ? 126 : 127;
  if (length < 65_536) view.setUint16(2, length);
  else view.setBigUint64(2, BigInt(length));
  return head;
}
