// A disk whose boot sector says its name on the first serial port, reads and says the text in the second sector
// through the BIOS, and paints the screen red: what the firmware is needed for.

import { Assembler } from '../../../src/engines/embedded/guest/assembler.ts';

const loadAddress = 0x7c00;
const textAddress = 0x8000;
const sectorBytes = 512;
const red = 4;

export const bootSectorDone = 'PAINTED';

export function bootableDisk(name: string, text: string, bytes: number): Buffer {
  const disk = Buffer.alloc(bytes);
  disk.set(bootSector(name), 0);
  disk.write(`${text}\0`, sectorBytes, 'latin1');
  return disk;
}

function bootSector(name: string): Uint8Array {
  const asm = new Assembler();
  asm.cli();
  asm.move16('ax', 0);
  asm.loadSegment('ds', 'ax');
  asm.loadSegment('es', 'ax');
  asm.loadSegment('ss', 'ax');
  asm.move16('sp', loadAddress);
  asm.sti();
  // The BIOS passes its number for this disk in dl.
  asm.push('dx');
  asm.move16('si', 'name');
  asm.call('print');
  asm.pop('dx');
  // INT 13h, function 2: one sector, cylinder 0, head 0, sector 2, to es:bx.
  asm.move16('ax', 0x0201);
  asm.move16('cx', 0x0002);
  asm.move8('dh', 0);
  asm.move16('bx', textAddress);
  asm.bytes(0xcd, 0x13);
  asm.jumpIf('c', 'failed');
  asm.move16('si', textAddress);
  asm.call('print');
  // INT 10h: mode 13h, 320x200 in 256 colours.
  asm.move16('ax', 0x0013);
  asm.bytes(0xcd, 0x10);
  asm.move16('ax', 0xa000);
  asm.loadSegment('es', 'ax');
  asm.move16('di', 0);
  asm.move16('cx', 320 * 200);
  asm.move8('al', red);
  asm.bytes(0xfc, 0xf3, 0xaa); // cld; rep stosb
  asm.move16('si', 'done');
  asm.call('print');
  asm.label('end');
  asm.hlt();
  asm.jump('end');
  asm.label('failed');
  asm.move16('si', 'error');
  asm.call('print');
  asm.jump('end');
  print(asm);
  asm.label('name');
  asm.text(`BOOT ${name}\r\n`);
  asm.label('done');
  asm.text(`${bootSectorDone}\r\n`);
  asm.label('error');
  asm.text('READ ERROR\r\n');
  const sector = new Uint8Array(sectorBytes);
  sector.set(asm.assemble(loadAddress));
  sector.set([0x55, 0xaa], sectorBytes - 2);
  return sector;
}

/** print: the text at ds:si goes out of the first serial port. */
function print(asm: Assembler): void {
  asm.label('print');
  asm.bytes(0xac); // lodsb
  asm.compareAl(0);
  asm.jumpIf('z', 'printed');
  asm.move16('dx', 0x3f8);
  asm.out8();
  asm.jump('print');
  asm.label('printed');
  asm.ret();
}
