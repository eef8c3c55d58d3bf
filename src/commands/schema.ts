// The schema at run time: checks arguments, and answers `query-qmp-schema` and `query-commands`. With QEMU as the engine
// both show QEMU's part and ours as one: ours for what is answered here, QEMU's for the rest.

import { parseJson } from '../json/parse.ts';
import { print } from '../json/print.ts';
import { type JsonObject, type JsonValue, jsonObject } from '../json/value.ts';
import { introspect, mergeIntrospection, parseSchemaInfo, type SchemaInfo } from '../qapi/index.ts';
import { Printed } from '../qmp/command.ts';
import { QmpError } from '../qmp/error.ts';
import { commandSchemas, schema, validator } from '../schema/index.ts';
import type { SchemaView } from './context.ts';
import { commands } from './handlers/index.ts';

/** The arguments as the handler gets them; throws a QmpError with QEMU's text for what is wrong with them. */
export function checkArguments(command: string, args: JsonObject | undefined): JsonObject {
  const given = args ?? jsonObject();
  const found = commandSchemas.get(command);
  if (found === undefined || !found.checkArguments) return given;
  const fault = validator.faultOf(found.arguments, given);
  if (fault !== undefined) throw new QmpError(fault);
  return given;
}

/** The capabilities that a `qmp_capabilities` asks for. */
export function checkCapabilities(args: JsonObject): readonly string[] {
  const { enable } = checkArguments('qmp_capabilities', args);
  return Array.isArray(enable) ? enable.map(String) : [];
}

let own: SchemaView | undefined;

/** Without a QEMU. */
export function ownSchemaView(): SchemaView {
  own ??= schemaView(introspect(schema));
  return own;
}

/** Together with a QEMU, given its answer to `query-qmp-schema`. */
export function mergedSchemaView(theirText: string | Uint8Array): SchemaView {
  const theirs = parseSchemaInfo(parseJson(theirText));
  const theirNames = new Set(theirs.map(({ name }) => name));
  const answeredHere = (name: string): boolean => commands.get(name)?.kind === 'own';
  // QEMU answers these unless the arguments name something that qmpd has, so they take both forms.
  const extended = new Set(
    [...commands.values()].filter(({ isOwn }) => isOwn !== undefined).map(({ name }) => name),
  );
  const definitions = schema.definitions.filter(
    ({ kind, name }) =>
      (kind !== 'command' && kind !== 'event') ||
      !theirNames.has(name) ||
      answeredHere(name) ||
      extended.has(name),
  );
  return schemaView(mergeIntrospection(introspect({ ...schema, definitions }), theirs, { extended }));
}

function schemaView(infos: readonly SchemaInfo[]): SchemaView {
  const text = print(infos as unknown as JsonValue);
  const names = infos.filter((info) => info['meta-type'] === 'command').map(({ name }) => name);
  return {
    text: new Printed(Uint8Array.from(text, (character) => character.charCodeAt(0))),
    commandNames: names,
  };
}
