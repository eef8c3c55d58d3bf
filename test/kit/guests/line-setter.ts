// A floppy whose boot sector sets up the first serial port: 9600 bits a second, 7 data bits, even parity, two stop
// bits; a byte; a break and its end; back to 8 data bits; another byte.

import { Assembler } from '../../../src/engines/embedded/guest/assembler.ts';

const floppyBytes = 1_474_560;
const loadAddress = 0x7c00;
const sectorBytes = 512;

const data = 0x3f8;
const divisorHigh = 0x3f9;
const lineControl = 0x3fb;

export function lineSetterFloppy(): Buffer {
  const asm = new Assembler();
  asm.cli();
  for (const [port, value] of [
    [lineControl, 0x80],
    [data, 12],
    [divisorHigh, 0],
    [lineControl, 0x1e],
    [data, 0x41],
    [lineControl, 0x5e],
    [lineControl, 0x1e],
    [lineControl, 0x03],
    // The same once more is no news.
    [lineControl, 0x03],
    [data, 0x42],
  ] as const) {
    asm.outPort16(port, value);
  }
  asm.label('end');
  asm.hlt();
  asm.jump('end');
  const floppy = Buffer.alloc(floppyBytes);
  floppy.set(asm.assemble(loadAddress));
  floppy.set([0x55, 0xaa], sectorBytes - 2);
  return floppy;
}
