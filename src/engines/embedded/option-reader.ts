// Reads members of the machine's options, whose types the schema has checked, and says in the client's terms what the
// embedded engine cannot do.

import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { QmpError } from '../../qmp/error.ts';

/** The wire error for an option, by its path ("memory.size") and what would be right. */
export function optionError(option: string, problem: string): QmpError {
  return new QmpError(`Option '${option}': ${problem}`);
}

export function optionalString(options: JsonObject, name: string): string | undefined {
  const value = options[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw optionError(name, 'a string is expected');
  return value;
}

export function optionalObject(options: JsonObject, name: string): JsonObject | undefined {
  const value = options[name];
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) throw optionError(name, 'an object is expected');
  return value;
}

export function optionalArray(options: JsonObject, name: string): readonly JsonValue[] | undefined {
  const value = options[name];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw optionError(name, 'an array is expected');
  return value;
}

/** Throws for the first member that this engine does not have; `why` says what it has instead. */
export function onlyMembers(
  options: JsonObject,
  path: string,
  supported: readonly string[],
  why: string,
): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === null || supported.includes(name)) continue;
    throw optionError(path === '' ? name : `${path}.${name}`, why);
  }
}
