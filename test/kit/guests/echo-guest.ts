// The smallest guest for a serial port: firmware that writes every byte it reads back, and "#" for a break. It runs on
// QEMU's isapc; EchoFrontend behaves the same on one of our chardevs.

import type { Chardev, ChardevEvent, ChardevFrontend } from '../../../src/machine/chardev.ts';

const romBytes = 64 * 1024;

/** 16-bit code at F000:0000; the reset vector at the end of the ROM jumps there. */
const code = [
  [0xfa], // cli
  [0xba, 0xfd, 0x03], // mov dx, 3FDh          line status
  [0xec], // next: in al, dx
  [0xa8, 0x01], // test al, 1                  a byte is there?
  [0x74, 0xfb], // jz next
  [0x88, 0xc4], // mov ah, al
  [0xb2, 0xf8], // mov dl, F8h
  [0xec], // in al, dx
  [0xf6, 0xc4, 0x10], // test ah, 10h          was it a break?
  [0x74, 0x02], // jz plain
  [0xb0, 0x23], // mov al, '#'
  [0x88, 0xc3], // plain: mov bl, al
  [0xb2, 0xfd], // mov dl, FDh
  [0xec], // full: in al, dx
  [0xa8, 0x20], // test al, 20h                room for a byte?
  [0x74, 0xfb], // jz full
  [0xb2, 0xf8], // mov dl, F8h
  [0x88, 0xd8], // mov al, bl
  [0xee], // out dx, al
  [0xb2, 0xfd], // mov dl, FDh
  [0xeb, 0xdd], // jmp next
].flat();

/** jmp F000:0000 */
const resetVector = [0xea, 0x00, 0x00, 0x00, 0xf0];

export function echoRom(): Uint8Array {
  const rom = new Uint8Array(romBytes);
  rom.set(code, 0);
  rom.set(resetVector, romBytes - 16);
  return rom;
}

export class EchoFrontend implements ChardevFrontend {
  readonly label: string = 'echo';
  readonly swappable: boolean = true;
  readonly #chardev: Chardev;
  #waiting: Uint8Array = new Uint8Array();

  constructor(chardev: Chardev) {
    this.#chardev = chardev;
    chardev.attach(this);
  }

  /** One byte at a time, as a serial port without a FIFO. */
  canReceive(): number {
    return this.#waiting.length === 0 ? 1 : 0;
  }

  receive(bytes: Uint8Array): void {
    this.#waiting = bytes;
    this.writable();
  }

  event(event: ChardevEvent): void {
    if (event === 'BREAK') this.receive(Buffer.from('#'));
  }

  writable(): void {
    if (this.#waiting.length === 0) return;
    this.#waiting = this.#waiting.subarray(this.#chardev.write(this.#waiting));
    if (this.#waiting.length === 0) this.#chardev.resumeInput();
  }
}
