// The text forms of ringbuf-read and ringbuf-write, with the corners of QEMU's C strings: a read ends at the first
// NUL, U+0000 is written as C0 80, malformed UTF-8 reads as one U+FFFD a sequence (QEMU: util/unicode.c), and base64
// is decoded as glib does, dropping an unfinished group (QEMU: util/base64.c).

import { QmpError } from '../../qmp/error.ts';

const replacement = 0xfffd;
/** Smallest code point that needs a sequence of this many bytes; smaller ones are overlong. */
const smallest: readonly number[] = [0, 0, 0x80, 0x800, 0x10000, 0x200000, 0x4000000];

export function decodeText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  const text = end < 0 ? bytes : bytes.subarray(0, end);
  let decoded = '';
  for (let at = 0; at < text.length; ) {
    const { codePoint, length } = decodeSequence(text, at);
    decoded += String.fromCodePoint(codePoint);
    at += length;
  }
  return decoded;
}

function decodeSequence(bytes: Uint8Array, at: number): { codePoint: number; length: number } {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return { codePoint: lead, length: 1 };
  if (lead >= 0xfe || lead < 0xc0) return { codePoint: replacement, length: 1 };
  const wanted = Math.clz32(~(lead << 24));
  let codePoint = lead & (0x7f >> wanted);
  for (let i = 1; i < wanted; i++) {
    const byte = bytes[at + i] ?? 0;
    if ((byte & 0xc0) !== 0x80) return { codePoint: replacement, length: i };
    codePoint = codePoint * 64 + (byte & 0x3f);
  }
  const overlong = codePoint < (smallest[wanted] ?? 0) && !(codePoint === 0 && wanted === 2);
  return { codePoint: overlong || !isCharacter(codePoint) ? replacement : codePoint, length: wanted };
}

/** Neither a surrogate nor a noncharacter, and in Unicode's range. */
function isCharacter(codePoint: number): boolean {
  if (codePoint > 0x10ffff || (codePoint & 0xfffe) === 0xfffe) return false;
  return !(codePoint >= 0xd800 && codePoint <= 0xdfff) && !(codePoint >= 0xfdd0 && codePoint <= 0xfdef);
}

export function encodeText(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'utf8');
  if (!bytes.includes(0)) return bytes;
  return Uint8Array.from([...bytes].flatMap((byte) => (byte === 0 ? [0xc0, 0x80] : [byte])));
}

export function decodeBase64(text: string): Uint8Array {
  if (!/^[A-Za-z0-9+/=\r\n]*$/.test(text)) throw new QmpError('Base64 data contains invalid characters');
  // Each group of four stands for itself, so that padding may also occur in the middle.
  const groups = text.replace(/[\r\n]/g, '').match(/.{4}/g) ?? [];
  return Buffer.concat(groups.map(decodeGroup));
}

function decodeGroup(group: string): Uint8Array {
  const bytes = Buffer.from(group.replaceAll('=', 'A'), 'base64');
  const dropped = (group[2] === '=' ? 1 : 0) + (group[3] === '=' ? 1 : 0);
  // The second byte is kept or dropped by the third character, the third byte by the fourth.
  if (dropped === 1 && group[2] === '=') return Uint8Array.from([bytes[0] ?? 0, bytes[2] ?? 0]);
  return bytes.subarray(0, 3 - dropped);
}
