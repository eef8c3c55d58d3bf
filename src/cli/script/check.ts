// Whether a command would be understood by a server, as far as its schema tells (`query-qmp-schema`): its name, and the
// types of its arguments. qmpd's own commands are checked against their own schema, which says more than introspection.

import type { WrittenCommand } from '../../client/notation/notation.ts';
import { commands } from '../../commands/handlers/index.ts';
import { type JsonObject, type JsonValue, jsonObject } from '../../json/value.ts';
import { parseSchemaInfo, SchemaIndex, schemaOfIntrospection, Validator } from '../../qapi/index.ts';
import { emptyTypeName } from '../../qapi/schema.ts';
import { commandSchemas, validator } from '../../schema/index.ts';

/** In the words of the error answer that the command would get. */
export interface CommandProblem {
  readonly class: 'GenericError' | 'CommandNotFound';
  readonly desc: string;
}

export class CommandCheck {
  readonly #index: SchemaIndex;
  readonly #validator: Validator;
  /** Another server's commands are not ours, even if their names are. */
  readonly #isQmpd: boolean;

  /** `schema` is the answer to `query-qmp-schema`. */
  constructor(schema: JsonValue) {
    this.#index = new SchemaIndex(schemaOfIntrospection(parseSchemaInfo(schema)));
    this.#validator = new Validator(this.#index);
    this.#isQmpd = this.#index.command('machine-set') !== undefined;
  }

  problemOf(
    { command: name, outOfBand }: WrittenCommand,
    args: JsonObject | undefined,
  ): CommandProblem | undefined {
    const command = this.#index.command(name);
    if (command === undefined) {
      return { class: 'CommandNotFound', desc: `The command ${name} has not been found` };
    }
    if (outOfBand && command.allowOob !== true) {
      return { class: 'GenericError', desc: `The command ${name} does not support OOB` };
    }
    const own = this.#isQmpd && commands.get(name)?.kind === 'own' ? commandSchemas.get(name) : undefined;
    if (commandSchemas.get(name)?.checkArguments === false) return undefined;
    const given = args ?? jsonObject();
    const fault =
      own === undefined
        ? this.#validator.faultOf(command.arguments ?? emptyTypeName, given)
        : validator.faultOf(own.arguments, given);
    return fault === undefined ? undefined : { class: 'GenericError', desc: fault };
  }
}
