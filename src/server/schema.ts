// The schema at run time: checks arguments, names the commands, and answers `query-qmp-schema`.

import { commands } from '../commands/index.ts';
import { type JsonObject, jsonObject } from '../json/value.ts';
import { Printed } from '../qmp/command.ts';
import { QmpError } from '../qmp/error.ts';
import { commandSchemas, validator } from '../schema/index.ts';

/** The arguments as the handler gets them; throws a QmpError with QEMU's text for what is wrong with them. */
export function checkArguments(command: string, args: JsonObject | undefined): JsonObject {
  const given = args ?? jsonObject();
  const schema = commandSchemas.get(command);
  if (schema === undefined || !schema.checkArguments) return given;
  const fault = validator.faultOf(schema.arguments, given);
  if (fault !== undefined) throw new QmpError(fault);
  return given;
}

/** The capabilities that a `qmp_capabilities` asks for. */
export function checkCapabilities(args: JsonObject): readonly string[] {
  const { enable } = checkArguments('qmp_capabilities', args);
  return Array.isArray(enable) ? enable.map(String) : [];
}

/** As `query-commands` gives them. */
export const commandNames: readonly string[] = ['qmp_capabilities', ...commands.keys()];

/** The answer of `query-qmp-schema`. */
export function schemaText(): Printed {
  return new Printed('[]');
}
