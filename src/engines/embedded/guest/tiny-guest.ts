// The built-in guest: a 64 KiB ROM that needs no firmware, no disk and 1 MiB of memory, and is up in milliseconds.
// It greets and echoes on every serial port, sleeping (HLT) in between, and obeys single letters:
//   R resets the machine (port 0xCF9)       Q powers it off (ACPI S5)
//   T makes a triple fault                  S spins with interrupts on      P prints the ACPI timer as 8 hex digits
//   F does what crashes the emulator        V writes a line of text to the screen
//   L, W and E use the drives, if there are any (tiny-disk.ts)
// A break on the line prints "[BREAK]"; the power button makes it power off, as an operating system would.
// Machine code of our own, written as calls of the assembler; everything runs in real mode at F000:0000.

import { Assembler } from './assembler.ts';
import { useDrives } from './tiny-disk.ts';
import { drawScreen } from './tiny-screen.ts';

export const tinyGuestGreeting = 'QMPD TINY GUEST READY';

const romBytes = 0x10000;
const romSegment = 0xf000;
const resetVector = 0xfff0;

const ports = [0x3f8, 0x2f8, 0x3e8, 0x2e8];
const pmStatus = 0xb000;
const pmEnable = 0xb002;
const pmControl = 0xb004;
const pmTimer = 0xb008;
const powerButtonBit = 0x100;
const sleepEnable = 0x2000;

/** The ROM, made anew each time. */
export function tinyGuestRom(): Uint8Array<ArrayBuffer> {
  const code = program();
  const rom = new Uint8Array(new ArrayBuffer(romBytes)).fill(0xff);
  rom.set(code, 0);
  // The CPU starts at F000:FFF0: jump to the first byte of the ROM.
  rom.set([0xea, 0x00, 0x00, romSegment & 0xff, romSegment >> 8], resetVector);
  return rom;
}

function program(): Uint8Array {
  const asm = new Assembler();
  setUp(asm);
  idle(asm);
  serialInterrupt(asm);
  commands(asm);
  powerInterrupt(asm);
  output(asm);
  drawScreen(asm, 'draw-screen');
  useDrives(asm);
  data(asm);
  return asm.assemble();
}

function setUp(asm: Assembler): void {
  asm.cli();
  asm.move16('ax', 0);
  asm.loadSegment('ds', 'ax');
  asm.loadSegment('es', 'ax');
  asm.loadSegment('ss', 'ax');
  asm.move16('sp', 0x7c00);
  // Vectors: the master interrupt controller starts at 8 (IRQ 3 and 4: COM1 to COM4), the slave at 0x70 (IRQ 9: ACPI).
  setVector(asm, 0x0b, 'serial-interrupt');
  setVector(asm, 0x0c, 'serial-interrupt');
  setVector(asm, 0x71, 'power-interrupt');
  interruptControllers(asm);
  asm.move16('si', 'ports');
  asm.label('next-port');
  asm.loadCodeWord();
  asm.testZero('ax');
  asm.jumpIf('z', 'ports-done');
  asm.copy16('bx', 'ax');
  asm.push('si');
  asm.call('start-port');
  asm.pop('si');
  asm.jump('next-port');
  asm.label('ports-done');
  // The power button may interrupt.
  asm.move16('dx', pmEnable);
  asm.move16('ax', powerButtonBit);
  asm.out16();
  asm.sti();
}

function setVector(asm: Assembler, vector: number, handler: string): void {
  asm.storeWord(vector * 4, handler);
  asm.storeWord(vector * 4 + 2, romSegment);
}

function interruptControllers(asm: Assembler): void {
  // ICW1: edge triggered, cascade, ICW4 follows. ICW2: first vector. ICW3: the slave is on line 2. ICW4: 8086 mode.
  const master = 0x20;
  const slave = 0xa0;
  asm.outPort(master, 0x11);
  asm.outPort(slave, 0x11);
  asm.outPort(master + 1, 0x08);
  asm.outPort(slave + 1, 0x70);
  asm.outPort(master + 1, 0x04);
  asm.outPort(slave + 1, 0x02);
  asm.outPort(master + 1, 0x01);
  asm.outPort(slave + 1, 0x01);
  // Only lines 2 (cascade), 3, 4 and 9 may interrupt.
  asm.outPort(master + 1, 0xff & ~(1 << 2) & ~(1 << 3) & ~(1 << 4));
  asm.outPort(slave + 1, 0xff & ~(1 << 1));
}

/** start-port: bx is the first I/O port of a UART; one that is not there reads 0xff. Changes ax, dx, si. */
function startPort(asm: Assembler): void {
  const write = (register: number, value: number): void => {
    asm.copy16('dx', 'bx');
    asm.addImmediate('dx', register);
    asm.move8('al', value);
    asm.out8();
  };
  asm.label('start-port');
  asm.copy16('dx', 'bx');
  asm.addImmediate('dx', 5);
  asm.in8();
  asm.compareAl(0xff);
  asm.jumpIf('z', 'no-port');
  // 115200 baud, 8 bits, no parity; FIFO on and empty; DTR, RTS and OUT2 on; interrupt on received data.
  write(3, 0x80);
  write(0, 1);
  write(1, 0);
  write(3, 0x03);
  write(2, 0x07);
  write(4, 0x0b);
  write(1, 0x01);
  asm.move16('si', 'greeting');
  asm.call('print');
  asm.label('no-port');
  asm.ret();
}

function idle(asm: Assembler): void {
  asm.label('idle');
  asm.hlt();
  asm.jump('idle');
  startPort(asm);
}

/** Reads and echoes until no port has anything left, then ends the interrupt: lines 3 and 4 are shared by two ports. */
function serialInterrupt(asm: Assembler): void {
  asm.label('serial-interrupt');
  asm.pushAll();
  asm.move16('si', 'ports');
  asm.label('poll-port');
  asm.loadCodeWord();
  asm.testZero('ax');
  asm.jumpIf('z', 'polled');
  asm.copy16('bx', 'ax');
  asm.label('poll-again');
  asm.copy16('dx', 'bx');
  asm.addImmediate('dx', 5);
  asm.in8();
  asm.compareAl(0xff);
  asm.jumpIf('z', 'poll-port');
  asm.testAl(0x10);
  asm.jumpIf('nz', 'line-break');
  asm.testAl(0x01);
  asm.jumpIf('z', 'poll-port');
  asm.copy16('dx', 'bx');
  asm.in8();
  asm.push('si');
  asm.call('put');
  asm.call('command');
  asm.pop('si');
  asm.jump('poll-again');
  asm.label('line-break');
  // The break comes with a zero byte, which is not echoed.
  asm.copy16('dx', 'bx');
  asm.in8();
  asm.push('si');
  asm.move16('si', 'break-text');
  asm.call('print');
  asm.pop('si');
  asm.jump('poll-again');
  asm.label('polled');
  asm.outPort(0x20, 0x20);
  asm.popAll();
  asm.iret();
}

/** command: al is the letter, bx the port that it came from. Changes ax, cx, dx, si, di. */
function commands(asm: Assembler): void {
  asm.label('command');
  const letters: readonly [string, string][] = [
    ['R', 'reset'],
    ['Q', 'power-off'],
    ['T', 'triple-fault'],
    ['S', 'spin'],
    ['P', 'print-timer'],
    ['F', 'engine-fault'],
    ['V', 'draw-screen'],
    ['L', 'load-line'],
    ['W', 'write-line'],
    ['E', 'open-tray'],
  ];
  for (const [letter, label] of letters) {
    asm.compareAl(letter.charCodeAt(0));
    asm.jumpIf('z', label);
  }
  asm.ret();

  asm.label('reset');
  asm.outPort16(0xcf9, 0x02);
  asm.outPort16(0xcf9, 0x06);
  asm.ret();

  asm.label('power-off');
  asm.move16('dx', pmControl);
  asm.move16('ax', sleepEnable);
  asm.out16();
  asm.ret();

  // An interrupt in protected mode with an empty interrupt table: no handler, none for the fault, none for the
  // double fault.
  asm.label('triple-fault');
  asm.bytes(0x2e, 0x0f, 0x01, 0x1e); // lidt cs:[no-table]
  asm.word('no-table');
  asm.bytes(0x0f, 0x20, 0xc0); // mov eax, cr0
  asm.bytes(0x0c, 0x01); // or al, 1
  asm.bytes(0x0f, 0x22, 0xc0); // mov cr0, eax
  asm.bytes(0xcc); // int3

  // The interrupt is ended first, so that the timer and the line still interrupt the loop.
  asm.label('spin');
  asm.outPort(0x20, 0x20);
  asm.sti();
  asm.label('spinning');
  asm.jump('spinning');

  // Paging without protected mode: a general protection fault on a PC, and a panic of v86.
  asm.label('engine-fault');
  asm.bytes(0x0f, 0x20, 0xc0); // mov eax, cr0
  asm.bytes(0x66, 0x0d, 0x00, 0x00, 0x00, 0x80); // or eax, 0x80000000
  asm.bytes(0x0f, 0x22, 0xc0); // mov cr0, eax
  asm.ret();

  printTimer(asm);
}

/** Prints the 24-bit ACPI timer (3.579545 MHz), which stands still while the machine is stopped. */
function printTimer(asm: Assembler): void {
  asm.label('print-timer');
  asm.move16('dx', pmTimer);
  asm.in32();
  asm.bytes(0x66, 0x89, 0xc7); // mov edi, eax
  asm.move16('cx', 8);
  asm.label('next-digit');
  asm.bytes(0x66, 0xc1, 0xc7, 0x04); // rol edi, 4: the highest digit comes down
  asm.copy16('ax', 'di');
  asm.bytes(0x24, 0x0f); // and al, 15
  asm.bytes(0x04, 0x90, 0x27, 0x14, 0x40, 0x27); // add al, 0x90; daa; adc al, 0x40; daa: a hex digit
  asm.call('put');
  asm.bytes(0x49); // dec cx
  asm.jumpIf('nz', 'next-digit');
  asm.ret();
}

/** Power button: acknowledge, then power off. */
function powerInterrupt(asm: Assembler): void {
  asm.label('power-interrupt');
  asm.pushAll();
  asm.move16('dx', pmStatus);
  asm.move16('ax', powerButtonBit);
  asm.out16();
  asm.outPort(0xa0, 0x20);
  asm.outPort(0x20, 0x20);
  asm.call('power-off');
  asm.popAll();
  asm.iret();
}

function output(asm: Assembler): void {
  // put: al goes out of the port bx, after waiting for room. Changes dx and ah.
  asm.label('put');
  asm.copy8('ah', 'al');
  asm.copy16('dx', 'bx');
  asm.addImmediate('dx', 5);
  asm.label('no-room');
  asm.in8();
  asm.testAl(0x20);
  asm.jumpIf('z', 'no-room');
  asm.copy8('al', 'ah');
  asm.copy16('dx', 'bx');
  asm.out8();
  asm.ret();

  // print: the text at cs:si goes out of the port bx. Changes ax, dx, si.
  asm.label('print');
  asm.loadCodeByte();
  asm.compareAl(0);
  asm.jumpIf('z', 'printed');
  asm.call('put');
  asm.jump('print');
  asm.label('printed');
  asm.ret();
}

function data(asm: Assembler): void {
  asm.label('ports');
  for (const port of ports) asm.word(port);
  asm.word(0);
  asm.label('greeting');
  asm.text(`${tinyGuestGreeting}\r\n`);
  asm.label('break-text');
  asm.text('[BREAK]');
  asm.label('no-table');
  asm.bytes(0, 0, 0, 0, 0, 0);
}
