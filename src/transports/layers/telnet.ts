// The telnet protocol as far as QEMU speaks it: a few options are sent first, commands of the peer are taken out of the
// input, and a break is told (QEMU: chardev/char-socket.c, tcp_chr_telnet_init and tcp_chr_process_IAC_bytes).
// Not all of RFC 854, on purpose: subnegotiation is not understood and output is not escaped, as with QEMU.

import type { ConnectionHandler } from '../../qmp/connection.ts';
import type { ByteStream } from './stream.ts';

const IAC = 255;
const DO = 253;
const WILL = 251;
const SB = 250;
const BREAK = 243;
const EOR = 239;
const SE = 240;
const NOP = 241;
const IP = 244;

const BINARY = 0;
const ECHO = 1;
const SUPPRESS_GO_AHEAD = 3;
const TERMINAL_TYPE = 24;
const END_OF_RECORD = 25;

export type TelnetFlavour = 'telnet' | 'tn3270';

/** Telnet: we echo, no go-ahead, binary both ways. 3270 terminals: records, binary, and their type is asked for. */
const greetings: Readonly<Record<TelnetFlavour, readonly number[]>> = {
  telnet: [IAC, WILL, ECHO, IAC, WILL, SUPPRESS_GO_AHEAD, IAC, WILL, BINARY, IAC, DO, BINARY],
  tn3270: [
    [IAC, DO, END_OF_RECORD, IAC, WILL, END_OF_RECORD],
    [IAC, DO, BINARY, IAC, WILL, BINARY],
    [IAC, DO, TERMINAL_TYPE, IAC, SB, TERMINAL_TYPE, 1, IAC, SE],
  ].flat(),
};

/** What a byte of the input is; records of 3270 terminals keep their IAC. */
type Found = 'plain' | 'break' | 'record' | 'command';

export class TelnetStream implements ByteStream {
  readonly #below: ByteStream;
  readonly #flavour: TelnetFlavour;
  readonly #broke: () => void;
  /** Bytes of a command that came so far: 0 outside of one, 1 after its IAC, up to 3. */
  #commandBytes = 0;

  /** `broke`: the peer sent a break. It is called between the bytes that came before and after. */
  constructor(below: ByteStream, flavour: TelnetFlavour, broke: () => void) {
    this.#below = below;
    this.#flavour = flavour;
    this.#broke = broke;
    // Before anything else is written, as on the OPENED of a chardev.
    below.write(Uint8Array.from(greetings[flavour]));
  }

  get bufferedBytes(): number {
    return this.#below.bufferedBytes;
  }

  start(handler: ConnectionHandler): void {
    this.#below.start({
      data: (chunk, fds) => {
        // Telnet has no place for descriptors.
        for (const fd of fds) fd.close();
        this.#receive(chunk, (plain) => handler.data(plain, []));
      },
      end: () => handler.end(),
      drain: () => handler.drain(),
      close: (reason) => handler.close(reason),
    });
  }

  /** Delivers the chunk without its commands; a break comes between the bytes around it. */
  #receive(chunk: Uint8Array, deliver: (plain: Uint8Array) => void): void {
    if (this.#commandBytes === 0 && !chunk.includes(IAC)) {
      deliver(chunk);
      return;
    }
    let plain: number[] = [];
    const flush = (): void => {
      if (plain.length > 0) deliver(Uint8Array.from(plain));
      plain = [];
    };
    for (const byte of chunk) {
      const found = this.#step(byte);
      if (found === 'record') {
        plain.push(IAC, byte);
      } else if (found === 'break') {
        flush();
        this.#broke();
      } else if (found === 'plain') {
        plain.push(byte);
      }
    }
    flush();
  }

  #step(byte: number): Found {
    if (this.#commandBytes === 0) {
      if (byte !== IAC) return 'plain';
      this.#commandBytes = 1;
      return 'command';
    }
    if (this.#commandBytes === 1) return this.#second(byte);
    this.#commandBytes = 0;
    return 'command';
  }

  /** Most commands have three bytes, whatever RFC 854 says of some. */
  #second(byte: number): Found {
    this.#commandBytes = 0;
    if (byte === IAC) return 'plain';
    if (byte === BREAK) return 'break';
    if (this.#flavour === 'tn3270') {
      if (byte === EOR || byte === SB || byte === SE) return 'record';
      if (byte === IP || byte === NOP) return 'command';
    }
    this.#commandBytes = 2;
    return 'command';
  }

  write(data: string | Uint8Array): void {
    this.#below.write(data);
  }

  pause(): void {
    this.#below.pause();
  }

  resume(): void {
    this.#below.resume();
  }

  end(): void {
    this.#below.end();
  }

  destroy(): void {
    this.#below.destroy();
  }
}
