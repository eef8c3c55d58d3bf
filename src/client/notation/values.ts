// From assignments (notation.ts) to the arguments object of a command: dotted keys become objects, digits become list
// indexes, and a bare word becomes what the schema wants at that place, or without a schema what it looks like.

import { Double, isJsonObject, type JsonObject, type JsonValue, jsonObject } from '../../json/value.ts';
import { assert } from '../../util/assert.ts';
import { NotationError } from './error.ts';
import type { Assignment, WrittenCommand, WrittenValue } from './notation.ts';

/** What a schema may say about a place: a bare word there is a string, an integer, a number, a boolean. */
export type WordType = 'string' | 'integer' | 'number' | 'boolean';

/** List indexes go up to here, so that `a.999999999=1` does not make a list of that length. */
export const listIndexMax = 4095;

export interface NotationContext {
  /**
   * The type that is wanted at a place, if it is known. `written` gives the bare word or string that was assigned to
   * another place, for unions whose members depend on it.
   */
  wordType?(
    command: string,
    keys: readonly string[],
    written: (keys: readonly string[]) => string | undefined,
  ): WordType | undefined;
  /** The text of a file for `key=@FILE`; throws when it cannot be read. */
  readFile?(path: string): string;
}

/** Undefined when none were written. Throws a NotationError. */
export function argumentsOf(command: WrittenCommand, context: NotationContext = {}): JsonObject | undefined {
  const given = command.arguments;
  if (given === undefined || !isAssignments(given)) return given;
  const root = new Branch();
  const written = (keys: readonly string[]): string | undefined => writtenAt(given, keys);
  for (const assignment of given) {
    const wanted = context.wordType?.(command.command, assignment.keys, written);
    root.assign(assignment, valueFor(assignment, wanted, context));
  }
  const value = root.value();
  assert(isJsonObject(value), 'the outermost branch is an object');
  return value;
}

/** What was assigned to a place, when it is text; for completion and for unions. */
export function writtenAt(assignments: readonly Assignment[], keys: readonly string[]): string | undefined {
  const name = keys.join('.');
  const value = assignments.find((assignment) => assignment.keys.join('.') === name)?.value;
  if (value?.kind === 'word') return value.text;
  return value?.kind === 'json' && typeof value.value === 'string' ? value.value : undefined;
}

function isAssignments(given: JsonObject | readonly Assignment[]): given is readonly Assignment[] {
  return Array.isArray(given);
}

function valueFor(assignment: Assignment, wanted: WordType | undefined, context: NotationContext): JsonValue {
  const value: WrittenValue = assignment.value;
  switch (value.kind) {
    case 'json':
      return value.value;
    case 'word':
      return wordValue(value.text, wanted);
    case 'file': {
      if (context.readFile === undefined)
        throw new NotationError(assignment.column, 'files cannot be read here');
      return context.readFile(value.path);
    }
  }
}

/** What does not look like the wanted type goes as a string: the server's refusal names the argument. */
export function wordValue(text: string, wanted?: WordType): JsonValue {
  switch (wanted) {
    case 'string':
      return text;
    case 'boolean':
      return booleanWords.get(text) ?? text;
    case 'integer':
      return integerOf(text) ?? text;
    case 'number':
      return integerOf(text) ?? doubleOf(text) ?? text;
    case undefined:
      if (text === 'true' || text === 'false') return text === 'true';
      if (text === 'null') return null;
      return (/^-?\d+$/.test(text) ? integerOf(text) : undefined) ?? doubleOf(text) ?? text;
  }
}

/** As on QEMU's command line. */
const booleanWords: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['on', true],
  ['yes', true],
  ['false', false],
  ['off', false],
  ['no', false],
]);

const sizeSuffixes = 'KMGTPE';
const integerMin = -(2n ** 63n);
const integerMax = 2n ** 64n - 1n;

/** Decimal, 0x..., or with a size suffix: 512M. */
function integerOf(text: string): number | bigint | undefined {
  const match = /^(?<sign>-?)(?<digits>\d+|0x[\da-fA-F]+)(?<suffix>[KMGTPE]?)$/.exec(text);
  if (match === null) return undefined;
  const { sign = '', digits = '', suffix = '' } = match.groups ?? {};
  const shift = suffix === '' ? 0 : 10 * (sizeSuffixes.indexOf(suffix) + 1);
  const magnitude = BigInt(digits) << BigInt(shift);
  const value = sign === '-' ? -magnitude : magnitude;
  if (value < integerMin || value > integerMax) return undefined;
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

function doubleOf(text: string): number | Double | undefined {
  if (!/^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isInteger(value) ? new Double(value) : value;
}

/** An object or a list that is being put together. */
class Branch {
  readonly #children = new Map<string, Branch | { readonly leaf: JsonValue }>();

  assign(assignment: Assignment, value: JsonValue): void {
    let branch: Branch = this;
    const { keys, column } = assignment;
    for (const key of keys.slice(0, -1)) {
      const child = branch.#children.get(key) ?? new Branch();
      if (!(child instanceof Branch)) throw new NotationError(column, `'${key}' has a value already`);
      branch.#children.set(key, child);
      branch = child;
    }
    const last = keys.at(-1) ?? '';
    if (branch.#children.has(last)) throw new NotationError(column, `'${keys.join('.')}' is given twice`);
    branch.#children.set(last, { leaf: value });
  }

  value(outermost = true): JsonValue {
    const keys = [...this.#children.keys()];
    if (!outermost && keys.every((key) => /^\d{1,9}$/.test(key))) return this.#list(keys.map(Number));
    const object = jsonObject();
    for (const [key, child] of this.#children) object[key] = valueOfChild(child);
    return object;
  }

  #list(indexes: readonly number[]): JsonValue[] {
    const highest = Math.max(...indexes);
    if (highest > listIndexMax) throw new NotationError(0, `list index ${highest}: at most ${listIndexMax}`);
    return Array.from({ length: highest + 1 }, (_, index) => {
      const child = this.#children.get(String(index));
      if (child === undefined) throw new NotationError(0, `list element ${index} is missing`);
      return valueOfChild(child);
    });
  }
}

function valueOfChild(child: Branch | { readonly leaf: JsonValue }): JsonValue {
  return child instanceof Branch ? child.value(false) : child.leaf;
}
