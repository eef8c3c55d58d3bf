// From typed values to words of QEMU's command line (QEMU: util/qemu-option.c, util/keyval.c). A word is one element of
// argv; no shell is involved. In "key=value,..." words commas within values are doubled, truth is on or off, and nested
// values have dotted keys.

import { printCompact } from '../../json/print.ts';
import { Double, isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { assert } from '../../util/assert.ts';
import type { ToWords } from './option.ts';

/** `-kernel FILE`: the value is the word. */
export function text(option: string): ToWords {
  return (value) => [option, stringOf(value)];
}

/** `-usb`: there when true. */
export function flag(option: string): ToWords {
  return (value) => (value === true ? [option] : []);
}

/** `-rtc base=utc,clock=host`; `keys` gives another name to members whose key on the command line differs. */
export function pairs(option: string, keys: Readonly<Record<string, string>> = {}): ToWords {
  return (value) => {
    const word = pairsWord(renamed(objectOf(value), keys));
    return word === '' ? [] : [option, word];
  };
}

/** `-device {...}`: one word of JSON. */
export function json(option: string): ToWords {
  return (value) => [option, printCompact(value)];
}

/** Repeats the option for each element of a list. */
export function each(words: ToWords): ToWords {
  return (value, creation) => listOf(value).flatMap((element) => words(element, creation));
}

/** The word for an object: "a=1,b.c=on". Empty values are kept, absent ones are not there. */
export function pairsWord(object: JsonObject): string {
  return flatten('', object)
    .map(([key, value]) => `${key}=${doubleCommas(value)}`)
    .join(',');
}

export function doubleCommas(value: string): string {
  return value.replaceAll(',', ',,');
}

/** How a single value reads on the command line. */
export function scalar(value: JsonValue): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (value instanceof Double) return String(value.value);
  assert(
    typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint',
    'a single value',
  );
  return String(value);
}

function flatten(prefix: string, value: JsonValue): [string, string][] {
  if (Array.isArray(value)) return value.flatMap((element, index) => flatten(`${prefix}.${index}`, element));
  if (!isJsonObject(value)) return [[prefix, scalar(value)]];
  return Object.entries(value).flatMap(([key, member]) =>
    flatten(prefix === '' ? key : `${prefix}.${key}`, member),
  );
}

function renamed(object: JsonObject, keys: Readonly<Record<string, string>>): JsonObject {
  const result: JsonObject = Object.create(null);
  for (const [key, value] of Object.entries(object)) result[keys[key] ?? key] = value;
  return result;
}

/** The schema has promised a string. */
export function stringOf(value: JsonValue | undefined): string {
  assert(typeof value === 'string', 'the schema promises a string');
  return value;
}

/** The schema has promised an object. */
export function objectOf(value: JsonValue | undefined): JsonObject {
  assert(isJsonObject(value), 'the schema promises an object');
  return value;
}

/** The schema has promised a list. */
export function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  assert(Array.isArray(value), 'the schema promises a list');
  return value;
}
