// A command in the notation that people write (src/client/notation/notation.ts), such that reading it gives the same command,
// whatever the schema says of its places.

import { printCompact } from '../../json/print.ts';
import { isJsonObject, type JsonObject, type JsonValue, jsonObject } from '../../json/value.ts';
import type { TranslatedCommand } from '../translate/index.ts';

/** Words that are strings at every place: they look like no number, truth or bracket. */
const plainWord = /^[A-Za-z/_][\w./:@%+,=-]*$/;
const otherMeanings: ReadonlySet<string> = new Set(['true', 'false', 'null']);

export function commandText(command: TranslatedCommand): string {
  const { execute, arguments: args } = command;
  if (args === undefined) return execute;
  const parts = partsOf(args, '');
  // A null outside of JSON would be a string at some places.
  if (parts === undefined) return printCompact(jsonObject({ ...command }));
  return [execute, ...parts].join(' ');
}

/** Undefined when a member can only be written in JSON as a whole. */
function partsOf(object: JsonObject, prefix: string): string[] | undefined {
  const parts: string[] = [];
  for (const [key, value] of Object.entries(object)) {
    const name = `${prefix}${key}`;
    if (isJsonObject(value) && canBeDotted(value)) {
      const inner = partsOf(value, `${name}.`);
      if (inner === undefined) return undefined;
      parts.push(...inner);
    } else {
      const text = valueText(value);
      if (text === undefined || !/^[\w.-]+$/.test(key)) return undefined;
      parts.push(`${name}=${text}`);
    }
  }
  return parts;
}

function canBeDotted(object: JsonObject): boolean {
  const keys = Object.keys(object);
  return keys.length > 0 && keys.every((key) => /^[A-Za-z][\w-]*$/.test(key));
}

function valueText(value: JsonValue): string | undefined {
  if (value === null) return undefined;
  if (typeof value === 'string' && plainWord.test(value) && !otherMeanings.has(value)) return value;
  return printCompact(value);
}
