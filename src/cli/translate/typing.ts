// Strings of a command line become what the schema, or the device, wants at their places: "on" a truth, "2G" a number.
// What nobody knows the type of stays a string, which is noted for devices.

import { Introspection } from '../../client/index.ts';
import { type WordType, wordValue } from '../../client/notation/values.ts';
import { deviceTypes } from '../../engines/qemu/options/device-aliases.ts';
import { isJsonObject, type JsonObject, type JsonValue, jsonObject } from '../../json/value.ts';
import type { Note, TranslatedCommand } from './index.ts';

/** Carries out a QMP command that changes nothing. */
type Ask = (command: string, args?: object) => Promise<JsonValue>;
type TypeAt = (keys: readonly string[]) => WordType | undefined;

export interface Typed {
  readonly commands: readonly TranslatedCommand[];
  readonly notes: readonly Note[];
}

export async function withTypes(commands: readonly TranslatedCommand[], ask: Ask): Promise<Typed> {
  const introspection = new Introspection(await ask('query-qmp-schema'));
  const typed: TranslatedCommand[] = [];
  const notes: Note[] = [];
  for (const command of commands) {
    const { execute, arguments: args } = command;
    if (args === undefined) {
      typed.push(command);
    } else if (execute === 'device_add') {
      const types = await propertyTypes(String(args.driver), ask);
      if (types === undefined) {
        const text = `the types of the properties of '${String(args.driver)}' are not known: they stay strings`;
        notes.push({ option: '-device', kind: 'changed', text });
      }
      typed.push({ execute, arguments: convertAll(args, (keys) => types?.get(keys.join('.'))) });
    } else {
      const written = (keys: readonly string[]): string | undefined => stringAt(args, keys);
      const typeAt: TypeAt = (keys) => introspection.place(execute, keys, written).wordType;
      typed.push({ execute, arguments: convertAll(args, typeAt) });
    }
  }
  return { commands: typed, notes };
}

/** What `device-list-properties` calls the types of numbers. */
const integerType = /^(u?int\d*|size\d*)$/;

/** Undefined when nobody knows the device. */
async function propertyTypes(
  driver: string,
  ask: Ask,
): Promise<ReadonlyMap<string, WordType | undefined> | undefined> {
  let list: JsonValue | undefined;
  for (const typename of deviceTypes(driver)) {
    list ??= await ask('device-list-properties', { typename }).catch(() => undefined);
  }
  if (!Array.isArray(list)) return undefined;
  return new Map(
    list.filter(isJsonObject).map(({ name, type }): [string, WordType | undefined] => {
      // A PCI address is a number in the list, but "3.1" and "10" (which is 16) on the command line.
      if (name === 'addr') return ['addr', 'string'];
      if (type === 'bool') return [String(name), 'boolean'];
      return [String(name), integerType.test(String(type)) ? 'integer' : 'string'];
    }),
  );
}

function convertAll(args: JsonObject, typeAt: TypeAt): JsonObject {
  const converted = convert(args, [], typeAt);
  return isJsonObject(converted) ? converted : args;
}

function convert(value: JsonValue, keys: readonly string[], typeAt: TypeAt): JsonValue {
  if (Array.isArray(value)) {
    return value.map((element, index) => convert(element, [...keys, String(index)], typeAt));
  }
  if (isJsonObject(value)) {
    const members = Object.entries(value).map(([key, member]): [string, JsonValue] => [
      key,
      convert(member, [...keys, key], typeAt),
    ]);
    return jsonObject(Object.fromEntries(members));
  }
  if (typeof value !== 'string') return value;
  const wanted = typeAt(keys);
  if (wanted === undefined) return value;
  // Sizes may have their unit in small letters there.
  const text = wanted === 'integer' ? value.replace(/^(\d+)([kmgtpe])b?$/i, upperCase) : value;
  return wordValue(text, wanted);
}

function upperCase(text: string): string {
  return text.toUpperCase().replace(/B$/, '');
}

function stringAt(value: JsonValue, keys: readonly string[]): string | undefined {
  let place: JsonValue | undefined = value;
  for (const key of keys) {
    if (Array.isArray(place)) place = place[Number(key)];
    else place = isJsonObject(place) ? place[key] : undefined;
  }
  return typeof place === 'string' ? place : undefined;
}
