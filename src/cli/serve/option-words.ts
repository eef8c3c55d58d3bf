// The words behind --chardev and --mon of qmpd's own command line. They are checked at once, and in QEMU's words, since
// nobody else will look at them (QEMU: util/qemu-option.c). Translating a QEMU's command line is lenient instead
// (translate/).

import type { WordKind } from '../../chardevs/words.ts';
import { bytesOf, type Pair, recordOf, truth } from '../../engines/qemu/options/key-values.ts';
import { type JsonObject, type JsonValue, jsonObject } from '../../json/value.ts';
import { QmpError } from '../../qmp/error.ts';

/** Undefined when none was given. Throws a QmpError. */
export function identifierIn(pairs: readonly Pair[]): string | undefined {
  const id = pairs.find(([key]) => key === 'id')?.[1];
  if (id === undefined || /^[A-Za-z][A-Za-z0-9._-]*$/.test(id)) return id;
  throw new QmpError("Parameter 'id' expects an identifier");
}

/** All but the id. Throws a QmpError for a word that is unknown, or whose value is not of its kind. */
export function typedWords(pairs: readonly Pair[], kinds: ReadonlyMap<string, WordKind>): JsonObject {
  const words = jsonObject();
  for (const [key, text] of Object.entries(recordOf(pairs))) {
    if (key === 'id') continue;
    const kind = kindOf(key, kinds);
    if (kind === undefined) throw new QmpError(`Invalid parameter '${key}'`);
    words[key] = typed(key, String(text), kind);
  }
  return words;
}

/** The elements of a list have words of their own: "chardevs.0". */
function kindOf(key: string, kinds: ReadonlyMap<string, WordKind>): Exclude<WordKind, 'list'> | undefined {
  const kind = kinds.get(key);
  if (kind !== undefined && kind !== 'list') return kind;
  const list = /^(.*)\.\d{1,4}$/.exec(key)?.[1];
  return list !== undefined && kinds.get(list) === 'list' ? 'string' : undefined;
}

function typed(key: string, text: string, kind: Exclude<WordKind, 'list'>): JsonValue {
  switch (kind) {
    case 'string':
      return text;
    case 'boolean': {
      const value = truth(text);
      if (typeof value !== 'boolean') throw new QmpError(`Parameter '${key}' expects 'on' or 'off'`);
      return value;
    }
    case 'number': {
      const value = /^(\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : Number.NaN;
      if (!Number.isSafeInteger(value)) throw new QmpError(`Parameter '${key}' expects a number`);
      return value;
    }
    case 'size':
      return sizeOf(key, text);
  }
}

function sizeOf(key: string, text: string): number {
  try {
    return bytesOf(text);
  } catch {
    throw new QmpError(`Parameter '${key}' expects a non-negative number below 2^64`);
  }
}
