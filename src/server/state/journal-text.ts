// The text of a journal: what its bytes mean. No I/O.
//
// Lines of eight hex digits (CRC-32 of what follows the blank), a blank, and a JSON object; after the last line zeros,
// which keep room on the disk for what is to come. The first line is the header. Every other line is a record: the keys
// that it sets, and those that it drops, whole or not at all.

import { crc32 } from 'node:zlib';
import { parseJson } from '../../json/parse.ts';
import { printCompact } from '../../json/print.ts';
import { isJsonObject, type JsonObject, type JsonValue, jsonObject } from '../../json/value.ts';
import { LocalError } from '../../util/local-error.ts';

/** Format 1 is 0.1.0's machine.json, which is not a journal. */
export const journalFormat = 2;

/** A change of keys: a value, or undefined for a key that goes. */
export type Changes = ReadonlyMap<string, JsonValue | undefined>;

export interface JournalContent {
  readonly values: Map<string, JsonValue>;
  /** Where the next record goes: after the last complete one. */
  readonly end: number;
}

const lineFeed = 0x0a;
const crcDigits = 8;

function line(value: JsonObject): Buffer {
  const text = printCompact(value);
  return Buffer.from(`${crc32(text).toString(16).padStart(crcDigits, '0')} ${text}\n`, 'latin1');
}

export function headerLine(): Buffer {
  return line(jsonObject({ format: journalFormat }));
}

export function recordLine(changes: Changes): Buffer {
  const set = jsonObject();
  const drop: JsonValue[] = [];
  for (const [key, value] of changes) {
    if (value === undefined) drop.push(key);
    else set[key] = value;
  }
  return line(
    jsonObject({ ...(Object.keys(set).length === 0 ? {} : { set }), ...(drop.length === 0 ? {} : { drop }) }),
  );
}

/** The whole state as a new file's text. */
export function wholeText(values: ReadonlyMap<string, JsonValue>): Buffer {
  return Buffer.concat([headerLine(), ...[...values].map((entry) => recordLine(new Map([entry])))]);
}

/**
 * What the bytes hold. A last record that is torn is left out: nobody was told that it is there. Throws a LocalError
 * for a file of another format, and for damage that records follow: what these rest on is not known any more.
 */
export function readJournal(bytes: Uint8Array, file: string): JournalContent {
  const values = new Map<string, JsonValue>();
  let end = 0;
  let first = true;
  while (end < bytes.length && bytes[end] !== 0) {
    const feed = bytes.indexOf(lineFeed, end);
    const value = feed < 0 ? undefined : lineValue(bytes.subarray(end, feed));
    if (value === undefined) {
      if (first || holdsRecord(bytes, end))
        throw stateError(file, 'is damaged', 'the records before and after do not meet');
      break;
    }
    if (first) checkHeader(value, file);
    else if (!apply(value, values))
      throw stateError(file, 'is damaged', 'a record has members of a wrong type');
    first = false;
    end = feed + 1;
  }
  if (first) throw stateError(file, 'is damaged', 'it has no header');
  return { values, end };
}

/** Whether a whole record begins anywhere behind the place. */
function holdsRecord(bytes: Uint8Array, from: number): boolean {
  for (let at = bytes.indexOf(lineFeed, from); at >= 0; ) {
    const next = bytes.indexOf(lineFeed, at + 1);
    if (next < 0) return false;
    if (lineValue(bytes.subarray(at + 1, next)) !== undefined) return true;
    at = next;
  }
  return false;
}

function lineValue(bytes: Uint8Array): JsonObject | undefined {
  const text = Buffer.from(bytes).toString('latin1');
  const sum = text.slice(0, crcDigits);
  const body = text.slice(crcDigits + 1);
  if (!/^[0-9a-f]{8}$/.test(sum) || text[crcDigits] !== ' ' || crc32(body) !== Number.parseInt(sum, 16))
    return undefined;
  const value = parseJson(body);
  return isJsonObject(value) ? value : undefined;
}

function checkHeader({ format }: JsonObject, file: string): void {
  if (format === journalFormat) return;
  throw stateError(
    file,
    `has the format ${String(format)}`,
    `this qmpd reads ${journalFormat}; nothing was changed`,
  );
}

/** False when the record is none. */
function apply({ set = jsonObject(), drop = [] }: JsonObject, values: Map<string, JsonValue>): boolean {
  if (!isJsonObject(set) || !Array.isArray(drop)) return false;
  for (const [key, value] of Object.entries(set)) values.set(key, value);
  for (const key of drop) values.delete(String(key));
  return true;
}

function stateError(file: string, what: string, why: string): LocalError {
  return new LocalError('ERR_QMPD_STATE_FILE', `the state file '${file}' ${what}: ${why}`);
}
