// What the built-in guest does with drives, when it is given as the firmware of a machine that has some:
//   L prints the first line of the first hard disk     W writes a line into its second sector and flushes
//   E opens the tray of the CD drive
// All by programmed I/O and polling. A request that fails prints "[ERROR]". Registers: ATA/ATAPI-6, chapter 7.

import type { Assembler } from './assembler.ts';

export const tinyGuestSectorText = 'written by the tiny guest\n';

const disk = 0x1f0;
const cd = 0x170;

const sectorCount = 2;
const addressLow = 3;
const addressMiddle = 4;
const addressHigh = 5;
const drive = 6;
const command = 7;

const linearAddressing = 0xe0;
const busy = 0x80;
const failed = 0x01;

const readSectors = 0x20;
const writeSectors = 0x30;
const flushCache = 0xe7;
const packet = 0xa0;
/** START STOP UNIT with "load/eject" and not "start". */
const openTray = [0x1b, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0];

const buffer = 0x500;
const sectorWords = 256;

/** Appends the subroutines `load-line`, `write-line` and `open-tray`; they print to the port bx. */
export function useDrives(asm: Assembler): void {
  asm.label('load-line');
  request(asm, 0, readSectors);
  asm.jumpIf('nz', 'drive-error');
  asm.move16('di', buffer);
  asm.move16('cx', sectorWords);
  asm.move16('dx', disk);
  asm.bytes(0xfc, 0xf3, 0x6d); // cld; rep insw
  asm.move16('si', buffer);
  asm.label('print-line');
  asm.bytes(0xac); // lodsb
  asm.compareAl(0x0a);
  asm.jumpIf('z', 'line-end');
  asm.call('put');
  asm.jump('print-line');
  asm.label('line-end');
  asm.call('put');
  asm.ret();

  asm.label('write-line');
  request(asm, 1, writeSectors);
  asm.move16('si', 'sector');
  asm.move16('cx', sectorWords);
  asm.move16('dx', disk);
  asm.bytes(0xfc, 0xf3, 0x2e, 0x6f); // cld; rep outsw from cs
  asm.outPort16(disk + command, flushCache);
  asm.call('drive-wait');
  asm.jumpIf('nz', 'drive-error');
  asm.move8('al', '.'.charCodeAt(0));
  asm.call('put');
  asm.ret();

  asm.label('open-tray');
  asm.outPort16(cd + drive, packet);
  asm.outPort16(cd + command, packet);
  asm.move16('si', 'packet');
  asm.move16('cx', openTray.length / 2);
  asm.move16('dx', cd);
  asm.bytes(0xfc, 0xf3, 0x2e, 0x6f); // cld; rep outsw from cs
  asm.ret();

  asm.label('drive-error');
  asm.move16('si', 'error-text');
  asm.call('print');
  asm.ret();

  // drive-wait: until the disk is no longer busy; not zero when it reports an error. Changes al and dx.
  asm.label('drive-wait');
  asm.move16('dx', disk + command);
  asm.in8();
  asm.testAl(busy);
  asm.jumpIf('nz', 'drive-wait');
  asm.testAl(failed);
  asm.ret();

  asm.label('error-text');
  asm.text('[ERROR]');
  asm.label('packet');
  asm.bytes(...openTray);
  asm.label('sector');
  const text = Buffer.from(tinyGuestSectorText);
  asm.bytes(...text, ...new Uint8Array(sectorWords * 2 - text.length));
}

function request(asm: Assembler, sector: number, code: number): void {
  asm.outPort16(disk + drive, linearAddressing);
  asm.outPort16(disk + sectorCount, 1);
  asm.outPort16(disk + addressLow, sector);
  asm.outPort16(disk + addressMiddle, 0);
  asm.outPort16(disk + addressHigh, 0);
  asm.outPort16(disk + command, code);
  asm.call('drive-wait');
}
