// From typed values to words of QEMU's command line (QEMU: util/qemu-option.c, util/keyval.c). A word is one element of
// argv; no shell is involved. In "key=value,..." words commas within values are doubled, truth is on or off, and nested
// values have dotted keys.

import { printCompact } from '../../../json/print.ts';
import {
  Double,
  isJsonObject,
  type JsonInteger,
  type JsonObject,
  type JsonValue,
} from '../../../json/value.ts';
import { QmpError } from '../../../qmp/error.ts';
import { assert } from '../../../util/assert.ts';
import type { ToWords } from './option.ts';

/** `-kernel FILE`: the value is the word. */
export function text(option: string): ToWords<string | JsonInteger> {
  return (value) => [option, String(value)];
}

/** `-snapshot`: there when true. */
export function flag(option: string): ToWords<boolean> {
  return (value) => (value ? [option] : []);
}

/** `-rtc base=utc,clock=host`. */
export function pairs(option: string): ToWords<JsonObject> {
  return (value) => pairsOf(option, value);
}

/** `-compat {...}`: one word of JSON. */
export function json(option: string): ToWords<JsonValue> {
  return (value) => [option, printCompact(value)];
}

/** Repeats the option for each element of a list. */
export function each<Value>(words: ToWords<Value>): ToWords<readonly Value[]> {
  return (values, creation) => values.flatMap((value) => words(value, creation));
}

/** The option with "a=1,b.c=on"; nothing at all when there is nothing to say. `first` goes before the pairs as it is. */
export function pairsOf(option: string, object: JsonObject, first?: string): readonly string[] {
  const parts = [...(first === undefined ? [] : [first]), ...pairTexts(object)];
  return parts.length === 0 ? [] : [option, parts.join(',')];
}

/** "a=1", "b.c=on" ...: members whose value is undefined are left out, empty strings are not. */
export function pairTexts(object: Readonly<Record<string, JsonValue | undefined>>): string[] {
  return Object.entries(object).flatMap(([key, value]) =>
    value === undefined ? [] : flatten(key, value).map(([name, leaf]) => `${name}=${doubleCommas(leaf)}`),
  );
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

/** The members of an open-ended object, which the schema knows only as a value of any kind. */
export function membersOf(value: JsonValue | undefined, place: string): JsonObject {
  if (value === undefined) return Object.create(null);
  if (isJsonObject(value)) return value;
  throw new QmpError(`Invalid parameter type for '${place}', expected: object`);
}

function flatten(key: string, value: JsonValue): [string, string][] {
  if (Array.isArray(value)) return value.flatMap((element, index) => flatten(`${key}.${index}`, element));
  if (!isJsonObject(value)) return [[key, scalar(value)]];
  return Object.entries(value).flatMap(([name, member]) => flatten(`${key}.${name}`, member));
}
