// An assembler for 16-bit x86 code, just large enough for the built-in guest: methods append machine code, labels are
// filled in at the end. It knows no syntax; the guest is written as calls. Encodings: Intel SDM volume 2.

export type Register8 = 'al' | 'cl' | 'dl' | 'bl' | 'ah' | 'ch' | 'dh' | 'bh';
export type Register16 = 'ax' | 'cx' | 'dx' | 'bx' | 'sp' | 'bp' | 'si' | 'di';
export type SegmentRegister = 'es' | 'ss' | 'ds';
export type Condition = 'c' | 'nc' | 'z' | 'nz';

const registers8: readonly Register8[] = ['al', 'cl', 'dl', 'bl', 'ah', 'ch', 'dh', 'bh'];
const registers16: readonly Register16[] = ['ax', 'cx', 'dx', 'bx', 'sp', 'bp', 'si', 'di'];
const segmentCodes: Readonly<Record<SegmentRegister, number>> = { es: 0, ss: 2, ds: 3 };
const conditionCodes: Readonly<Record<Condition, number>> = { c: 2, nc: 3, z: 4, nz: 5 };

/** A 16-bit number, or the offset of a label in the segment. */
export type Value = number | string;

interface Fixup {
  readonly at: number;
  readonly label: string;
  /** Relative to the end of the 16-bit field, as jumps and calls want it. */
  readonly relative: boolean;
}

export class Assembler {
  readonly #code: number[] = [];
  readonly #labels = new Map<string, number>();
  readonly #fixups: Fixup[] = [];

  /** The finished code; offsets count from `origin`. Throws when a label is missing. */
  assemble(origin = 0): Uint8Array {
    const code = Uint8Array.from(this.#code);
    const view = new DataView(code.buffer);
    for (const { at, label, relative } of this.#fixups) {
      const target = this.#labels.get(label);
      if (target === undefined) throw new Error(`assembler: no label ${label}`);
      view.setUint16(at, (relative ? target - (at + 2) : origin + target) & 0xffff, true);
    }
    return code;
  }

  label(name: string): void {
    if (this.#labels.has(name)) throw new Error(`assembler: label ${name} twice`);
    this.#labels.set(name, this.#code.length);
  }

  bytes(...values: number[]): void {
    for (const value of values) this.#code.push(value & 0xff);
  }

  word(value: Value): void {
    if (typeof value === 'string') {
      this.#fixups.push({ at: this.#code.length, label: value, relative: false });
      this.bytes(0, 0);
    } else {
      this.bytes(value, value >> 8);
    }
  }

  /** A string with a zero byte at its end. */
  text(value: string): void {
    for (let i = 0; i < value.length; i++) this.bytes(value.charCodeAt(i));
    this.bytes(0);
  }

  cli(): void {
    this.bytes(0xfa);
  }

  sti(): void {
    this.bytes(0xfb);
  }

  hlt(): void {
    this.bytes(0xf4);
  }

  ret(): void {
    this.bytes(0xc3);
  }

  iret(): void {
    this.bytes(0xcf);
  }

  pushAll(): void {
    this.bytes(0x60);
  }

  popAll(): void {
    this.bytes(0x61);
  }

  push(register: Register16): void {
    this.bytes(0x50 + registers16.indexOf(register));
  }

  pop(register: Register16): void {
    this.bytes(0x58 + registers16.indexOf(register));
  }

  move8(register: Register8, value: number): void {
    this.bytes(0xb0 + registers8.indexOf(register), value);
  }

  move16(register: Register16, value: Value): void {
    this.bytes(0xb8 + registers16.indexOf(register));
    this.word(value);
  }

  copy16(to: Register16, from: Register16): void {
    this.bytes(0x89, 0xc0 | (registers16.indexOf(from) << 3) | registers16.indexOf(to));
  }

  copy8(to: Register8, from: Register8): void {
    this.bytes(0x88, 0xc0 | (registers8.indexOf(from) << 3) | registers8.indexOf(to));
  }

  loadSegment(segment: SegmentRegister, from: Register16): void {
    this.bytes(0x8e, 0xc0 | (segmentCodes[segment] << 3) | registers16.indexOf(from));
  }

  /** Stores a word at ds:address. */
  storeWord(address: number, value: Value): void {
    this.bytes(0xc7, 0x06);
    this.word(address);
    this.word(value);
  }

  /** al = cs:[si], si = si + 1. */
  loadCodeByte(): void {
    this.bytes(0x2e, 0xac);
  }

  /** ax = cs:[si], si = si + 2. */
  loadCodeWord(): void {
    this.bytes(0x2e, 0xad);
  }

  addImmediate(register: Register16, value: number): void {
    this.bytes(0x83, 0xc0 | registers16.indexOf(register), value);
  }

  testAl(mask: number): void {
    this.bytes(0xa8, mask);
  }

  compareAl(value: number): void {
    this.bytes(0x3c, value);
  }

  /** Sets the zero flag when the register is 0. */
  testZero(register: Register16): void {
    const code = registers16.indexOf(register);
    this.bytes(0x85, 0xc0 | (code << 3) | code);
  }

  /** al = port[dx] */
  in8(): void {
    this.bytes(0xec);
  }

  /** eax = port[dx] */
  in32(): void {
    this.bytes(0x66, 0xed);
  }

  /** port[dx] = al */
  out8(): void {
    this.bytes(0xee);
  }

  /** port[dx] = ax */
  out16(): void {
    this.bytes(0xef);
  }

  /** port = value, for ports below 256; changes al. */
  outPort(port: number, value: number): void {
    this.move8('al', value);
    this.bytes(0xe6, port);
  }

  /** port = value, for any port; changes al and dx. */
  outPort16(port: number, value: number): void {
    this.move16('dx', port);
    this.move8('al', value);
    this.out8();
  }

  jump(label: string): void {
    this.bytes(0xe9);
    this.#relative(label);
  }

  jumpIf(condition: Condition, label: string): void {
    this.bytes(0x0f, 0x80 | conditionCodes[condition]);
    this.#relative(label);
  }

  call(label: string): void {
    this.bytes(0xe8);
    this.#relative(label);
  }

  #relative(label: string): void {
    this.#fixups.push({ at: this.#code.length, label, relative: true });
    this.bytes(0, 0);
  }
}
