// The text behind an option of QEMU's command line: "pc,accel=kvm,,tcg,nofoo" (QEMU: util/qemu-option.c, util/keyval.c).
// Two commas stand for one in a value; the first part may lack its key; a bare key means on, and one that begins with
// "no" means off. Or JSON, where QEMU takes it. What the words mean is not known here: all values are strings.

import { parseJson } from '../../../json/parse.ts';
import { isJsonObject, type JsonObject, type JsonValue, jsonObject } from '../../../json/value.ts';
import { QmpError } from '../../../qmp/error.ts';

export { truth } from '../../../machine/chardev-words.ts';

export type Pair = readonly [key: string, value: string];

/** List indexes in dotted keys go up to here. */
const listIndexMax = 1023;

/** In the order in which they are written. `implied` is the key of a first part without one. */
export function pairsIn(text: string, implied?: string): Pair[] {
  const pairs: Pair[] = [];
  for (let at = 0; at < text.length; ) {
    const key = /[=,]/.exec(text.slice(at));
    const keyEnd = key === null ? text.length : at + key.index;
    if (key?.[0] === '=') {
      const { value, end } = valueAt(text, keyEnd + 1);
      pairs.push([text.slice(at, keyEnd), value]);
      at = end;
    } else if (at === 0 && implied !== undefined) {
      const { value, end } = valueAt(text, 0);
      pairs.push([implied, value]);
      at = end;
    } else {
      const name = text.slice(at, keyEnd);
      pairs.push(name.startsWith('no') ? [name.slice(2), 'off'] : [name, 'on']);
      at = keyEnd + 1;
    }
  }
  return pairs;
}

/** The value that begins at `at`, with single commas, and where the next part begins. */
function valueAt(text: string, at: number): { value: string; end: number } {
  let value = '';
  for (let index = at; index < text.length; index += 1) {
    if (text[index] !== ',') value += text.charAt(index);
    else if (text[index + 1] === ',') {
      value += ',';
      index += 1;
    } else return { value, end: index + 1 };
  }
  return { value, end: text.length };
}

/** The last value of each key. */
export function recordOf(pairs: readonly Pair[]): JsonObject {
  return jsonObject(Object.fromEntries(pairs));
}

/** Dotted keys become objects, keys that are all digits lists. Throws a QmpError. */
export function treeOf(pairs: readonly Pair[]): JsonObject {
  const root = jsonObject();
  for (const [name, value] of pairs) {
    const keys = name.split('.');
    let place = root;
    for (const key of keys.slice(0, -1)) {
      const next = place[key] ?? jsonObject();
      if (!isJsonObject(next)) throw new QmpError(`'${name}': '${key}' has a value already`);
      place[key] = next;
      place = next;
    }
    place[keys.at(-1) ?? ''] = value;
  }
  return jsonObject(Object.fromEntries(Object.entries(root).map(([key, value]) => [key, withLists(value)])));
}

function withLists(value: JsonValue): JsonValue {
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(([key, member]) => [key, withLists(member)] as const);
  const indexes = entries.map(([key]) => (/^\d{1,4}$/.test(key) ? Number(key) : -1));
  if (entries.length === 0 || indexes.some((index) => index < 0 || index > listIndexMax)) {
    return jsonObject(Object.fromEntries(entries));
  }
  const list = new Map(entries.map(([, member], position) => [indexes[position], member]));
  return [...list.keys()].sort((a = 0, b = 0) => a - b).flatMap((index) => list.get(index) ?? []);
}

/** JSON if it is that, else pairs with dotted keys. Throws a QmpError. */
export function objectIn(text: string, implied?: string): JsonObject {
  return jsonIn(text) ?? treeOf(pairsIn(text, implied));
}

/** Undefined when it is not a JSON object. Throws a QmpError for a bad one. */
export function jsonIn(text: string): JsonObject | undefined {
  if (!text.startsWith('{')) return undefined;
  let value: JsonValue | undefined;
  try {
    value = parseJson(text);
  } catch {
    value = undefined;
  }
  if (value === undefined || !isJsonObject(value)) throw new QmpError(`bad JSON: ${text}`);
  return value;
}

/** Splits off some members under new names; what is left comes second. */
export function take<Name extends string>(
  members: JsonObject,
  names: Readonly<Record<string, Name>>,
): [JsonObject, JsonObject] {
  const taken = jsonObject();
  const rest = jsonObject();
  for (const [key, value] of Object.entries(members)) {
    const name = Object.hasOwn(names, key) ? names[key] : undefined;
    if (name === undefined) rest[key] = value;
    else taken[name] = value;
  }
  return [taken, rest];
}

const units: Readonly<Record<string, number>> = { '': 0, B: 0, K: 10, M: 20, G: 30, T: 40, P: 50, E: 60 };

/** "2G" in bytes; a bare number counts `bare`, which is a unit. Throws a QmpError. */
export function bytesOf(text: string, bare = 'B'): number {
  const match = /^(\d+(?:\.\d+)?)([BKMGTPE]?)$/i.exec(text);
  const unit = (match?.[2] === '' ? bare : match?.[2])?.toUpperCase() ?? '';
  const bytes = Math.round(Number(match?.[1]) * 2 ** (units[unit] ?? 0));
  if (!Number.isSafeInteger(bytes)) {
    throw new QmpError(`expected a size such as 512M (B, K, M, G, T, P, E allowed), got '${text}'`);
  }
  return bytes;
}

/** "0-3" is 0, 1, 2, 3. Throws a QmpError. */
export function rangeOf(text: string): number[] {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (!(first <= last && last - first <= 65_535)) {
    throw new QmpError(`expected a number or a range such as 0-3, got '${text}'`);
  }
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
