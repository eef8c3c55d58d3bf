// Values as text: `print` gives what QEMU would send to a client, byte for byte (qobject/json-writer.c,
// qobject/qjson.c); `printCompact` gives the shortest text that QEMU reads back as the same value. Both are ASCII.

import { doubleText } from './double-text.ts';
import { fitsInt64, fitsUint64 } from './integer.ts';
import { memberOrder } from './member-order.ts';
import { stringText } from './string-text.ts';
import { Double, type JsonValue } from './value.ts';

const indent = '    ';

/** Integers as QEMU prints them; a `number` that is beyond both 64-bit ranges can only have been a double. */
function numberText(value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  if (Number.isInteger(value)) {
    const integer = BigInt(value);
    if (fitsInt64(integer) || fitsUint64(integer)) return integer.toString();
  }
  return doubleText(value);
}

function printLine(value: JsonValue): string {
  if (typeof value === 'string') return stringText(value);
  if (typeof value === 'number') return numberText(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Double) return doubleText(value.value);
  if (Array.isArray(value)) {
    let text = '';
    for (const element of value) text += text === '' ? printLine(element) : `, ${printLine(element)}`;
    return `[${text}]`;
  }
  let text = '';
  for (const key of memberOrder(value)) {
    const member = `${stringText(key)}: ${printLine(value[key] as JsonValue)}`;
    text += text === '' ? member : `, ${member}`;
  }
  return `{${text}}`;
}

function printPretty(value: JsonValue, margin: string): string {
  if (typeof value !== 'object' || value === null || value instanceof Double) return printLine(value);
  const inner = margin + indent;
  if (Array.isArray(value)) {
    const elements = value.map((element) => `\r\n${inner}${printPretty(element, inner)}`);
    return `[${elements.join(',')}\r\n${margin}]`;
  }
  const members = memberOrder(value).map(
    (key) => `\r\n${inner}${stringText(key)}: ${printPretty(value[key] as JsonValue, inner)}`,
  );
  return `{${members.join(',')}\r\n${margin}}`;
}

/**
 * The value as QEMU sends it, without a line end after it. `pretty` is QEMU's `pretty=on`: several lines, ended by
 * CRLF as on the wire. A Double is printed like QEMU's doubles, so that 1.0 becomes `1`, and infinity `inf`.
 */
export function print(value: JsonValue, options: { readonly pretty?: boolean } = {}): string {
  return options.pretty === true ? printPretty(value, '') : printLine(value);
}

/** A double that stays one when it is read: with a point or an exponent, or too large to be finite. */
function compactDouble(value: number): string {
  if (Number.isFinite(value)) {
    const text = Object.is(value, -0) ? '-0' : String(value);
    return /[.e]/.test(text) ? text : `${text}.0`;
  }
  // JSON has no NaN; null is what JavaScript makes of it, too.
  if (Number.isNaN(value)) return 'null';
  return value < 0 ? '-1e999' : '1e999';
}

/** The shortest text, for QEMU to read: no spaces, members as they were inserted. */
export function printCompact(value: JsonValue): string {
  if (typeof value === 'string') return stringText(value);
  if (typeof value === 'number') {
    return Number.isInteger(value) ? numberText(value) : compactDouble(value);
  }
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Double) return compactDouble(value.value);
  if (Array.isArray(value)) return `[${value.map(printCompact).join(',')}]`;
  const members = Object.keys(value).map(
    (key) => `${stringText(key)}:${printCompact(value[key] as JsonValue)}`,
  );
  return `{${members.join(',')}}`;
}
