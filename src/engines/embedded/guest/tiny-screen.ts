// What the built-in guest does on the letter V: it programs the VGA for 80x25 text as a video BIOS would (there is
// none), loads a font of the few letters that it needs, and writes one line. Register values: IBM VGA mode 3.

import type { Assembler } from './assembler.ts';

export const tinyGuestScreenText = 'QMPD TINY GUEST';

const sequencer = 0x3c4;
const graphics = 0x3ce;
const crtc = 0x3d4;

/** Registers reached through an index port; the data port is the next one. */
type IndexedWrite = readonly [port: number, index: number, value: number];

/** Plane 2 alone at A000:0000, one byte after the other: where the font lives. */
const openFontPlane: readonly IndexedWrite[] = [
  [sequencer, 2, 0x04],
  [sequencer, 4, 0x06],
  [graphics, 5, 0x00],
  [graphics, 6, 0x04],
];

const textMode: readonly IndexedWrite[] = [
  [sequencer, 1, 0x01],
  [sequencer, 2, 0x03],
  [sequencer, 4, 0x02],
  [graphics, 5, 0x10],
  [graphics, 6, 0x0e],
  [crtc, 0x11, 0x0e],
  [crtc, 0x01, 0x4f],
  [crtc, 0x02, 0x50],
  [crtc, 0x07, 0x1f],
  [crtc, 0x09, 0x4f],
  [crtc, 0x0a, 0x20],
  [crtc, 0x0c, 0x00],
  [crtc, 0x0d, 0x00],
  [crtc, 0x12, 0x8f],
  [crtc, 0x13, 0x28],
  [crtc, 0x14, 0x1f],
  [crtc, 0x15, 0x96],
  [crtc, 0x17, 0xa3],
  [crtc, 0x18, 0xff],
];

const white = 15;
const blue = 1;
const attribute = (blue << 4) | white;

/** Colours in the DAC: index, red, green, blue (6 bits each). */
const colours: readonly (readonly [number, number, number, number])[] = [
  [0, 0, 0, 0],
  [blue, 0, 0, 42],
  [white, 63, 63, 63],
];

/** Eight rows a letter, each shown twice, since a cell is 16 pixels high. */
const glyphs: Readonly<Record<string, readonly number[]>> = {
  Q: [0x3c, 0x66, 0x66, 0x66, 0x6e, 0x3c, 0x0e, 0x00],
  M: [0x63, 0x77, 0x7f, 0x6b, 0x63, 0x63, 0x63, 0x00],
  P: [0x7c, 0x66, 0x66, 0x7c, 0x60, 0x60, 0x60, 0x00],
  D: [0x78, 0x6c, 0x66, 0x66, 0x66, 0x6c, 0x78, 0x00],
  T: [0x7e, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18, 0x00],
  I: [0x3c, 0x18, 0x18, 0x18, 0x18, 0x18, 0x3c, 0x00],
  N: [0x66, 0x76, 0x7e, 0x7e, 0x6e, 0x66, 0x66, 0x00],
  Y: [0x66, 0x66, 0x66, 0x3c, 0x18, 0x18, 0x18, 0x00],
  G: [0x3c, 0x66, 0x60, 0x6e, 0x66, 0x66, 0x3c, 0x00],
  U: [0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x3c, 0x00],
  E: [0x7e, 0x60, 0x60, 0x78, 0x60, 0x60, 0x7e, 0x00],
  S: [0x3c, 0x66, 0x60, 0x3c, 0x06, 0x66, 0x3c, 0x00],
};

const columns = 80;
const cells = columns * 25;
const textOffset = (12 * columns + 32) * 2;

/** Appends the subroutine `label`. Changes nothing but flags. */
export function drawScreen(asm: Assembler, label: string): void {
  asm.label(label);
  asm.pushAll();
  asm.bytes(0x06); // push es
  writeTable(asm, 'font-plane-table');
  loadFont(asm);
  writeTable(asm, 'text-mode-table');
  setColours(asm);
  writeText(asm);
  asm.bytes(0x07); // pop es
  asm.popAll();
  asm.ret();
  writeTableRoutine(asm);
  table(asm, 'font-plane-table', openFontPlane);
  table(asm, 'text-mode-table', textMode);
  asm.label('glyphs');
  for (const [letter, rows] of Object.entries(glyphs)) {
    asm.word(letter.charCodeAt(0) * 32);
    asm.bytes(...rows);
  }
  asm.word(0);
  asm.label('screen-text');
  asm.text(tinyGuestScreenText);
}

function writeTable(asm: Assembler, label: string): void {
  asm.move16('si', label);
  asm.call('write-table');
}

/** write-table: cs:si points to entries of port (word), index and value (bytes); port 0 ends it. */
function writeTableRoutine(asm: Assembler): void {
  asm.label('write-table');
  asm.loadCodeWord();
  asm.testZero('ax');
  asm.jumpIf('z', 'table-written');
  asm.copy16('dx', 'ax');
  asm.loadCodeByte();
  asm.out8();
  asm.addImmediate('dx', 1);
  asm.loadCodeByte();
  asm.out8();
  asm.jump('write-table');
  asm.label('table-written');
  asm.ret();
}

function table(asm: Assembler, label: string, writes: readonly IndexedWrite[]): void {
  asm.label(label);
  for (const [port, index, value] of writes) {
    asm.word(port);
    asm.bytes(index, value);
  }
  asm.word(0);
}

/** Each letter has 32 bytes in the font plane. */
function loadFont(asm: Assembler): void {
  asm.move16('ax', 0xa000);
  asm.loadSegment('es', 'ax');
  asm.move16('si', 'glyphs');
  asm.label('next-glyph');
  asm.loadCodeWord();
  asm.testZero('ax');
  asm.jumpIf('z', 'font-loaded');
  asm.copy16('di', 'ax');
  asm.move16('cx', 8);
  asm.label('next-row');
  asm.loadCodeByte();
  asm.bytes(0xaa, 0xaa); // stosb; stosb
  asm.bytes(0x49); // dec cx
  asm.jumpIf('nz', 'next-row');
  asm.jump('next-glyph');
  asm.label('font-loaded');
}

function setColours(asm: Assembler): void {
  // Reading 0x3DA makes the next write to 0x3C0 an index. Colour n of the text is colour n of the DAC.
  asm.move16('dx', 0x3da);
  asm.in8();
  asm.move16('dx', 0x3c0);
  const attributeWrites: (readonly [number, number])[] = colours.map(([index]) => [index, index]);
  for (const [index, value] of [...attributeWrites, [0x10, 0x00], [0x12, 0x0f]] as const) {
    asm.move8('al', index);
    asm.out8();
    asm.move8('al', value);
    asm.out8();
  }
  // Bit 5 of the index turns the picture on.
  asm.move8('al', 0x20);
  asm.out8();
  asm.outPort16(0x3c6, 0xff);
  for (const [index, ...components] of colours) {
    asm.outPort16(0x3c8, index);
    for (const component of components) asm.outPort16(0x3c9, component);
  }
}

function writeText(asm: Assembler): void {
  asm.move16('ax', 0xb800);
  asm.loadSegment('es', 'ax');
  asm.move16('di', 0);
  asm.move16('ax', (attribute << 8) | 0x20);
  asm.move16('cx', cells);
  asm.bytes(0xfc, 0xf3, 0xab); // cld; rep stosw
  asm.move16('si', 'screen-text');
  asm.move16('di', textOffset);
  asm.move8('ah', attribute);
  asm.label('next-letter');
  asm.loadCodeByte();
  asm.compareAl(0);
  asm.jumpIf('z', 'text-written');
  asm.bytes(0xab); // stosw
  asm.jump('next-letter');
  asm.label('text-written');
}
