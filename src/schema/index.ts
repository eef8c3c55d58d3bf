// The schema of qmpd itself, as its own compiler made it from qapi/*.json: types, commands, events and the validator
// for them. What is generated lies in generated/; nothing here is specific to one command.

import type { TypeRef } from '../qapi/schema.ts';
import { emptyTypeName } from '../qapi/schema.ts';
import { SchemaIndex } from '../qapi/schema-index.ts';
import { Validator } from '../qapi/wire/validate.ts';
import { schema } from './generated/schema.ts';

export { schema } from './generated/schema.ts';
export type * from './generated/types.ts';

/** What the schema says of one command. */
export interface CommandSchema {
  readonly name: string;
  readonly arguments: TypeRef;
  readonly returns: TypeRef;
  readonly allowOob: boolean;
  /** Legal before the machine is created. */
  readonly allowPreconfig: boolean;
  /** False: the handler checks its arguments itself. */
  readonly checkArguments: boolean;
  readonly features: readonly string[];
  /** The overview of its documentation. */
  readonly doc: string;
}

export interface EventSchema {
  readonly name: string;
  readonly data: TypeRef;
  readonly features: readonly string[];
  readonly doc: string;
}

export const schemaIndex: SchemaIndex = new SchemaIndex(schema);

/** Checks arguments and results of own commands. */
export const validator: Validator = new Validator(schemaIndex);

function featureNames(of: { readonly features?: readonly { readonly name: string }[] }): string[] {
  return of.features?.map((feature) => feature.name) ?? [];
}

export const commandSchemas: ReadonlyMap<string, CommandSchema> = new Map(
  schemaIndex.commands().map((command): [string, CommandSchema] => [
    command.name,
    {
      name: command.name,
      arguments: command.arguments ?? emptyTypeName,
      returns: command.returns ?? emptyTypeName,
      allowOob: command.allowOob ?? false,
      allowPreconfig: command.allowPreconfig ?? false,
      checkArguments: command.gen ?? true,
      features: featureNames(command),
      doc: command.doc?.overview ?? '',
    },
  ]),
);

export const eventSchemas: ReadonlyMap<string, EventSchema> = new Map(
  schemaIndex.events().map((event): [string, EventSchema] => [
    event.name,
    {
      name: event.name,
      data: event.data ?? emptyTypeName,
      features: featureNames(event),
      doc: event.doc?.overview ?? '',
    },
  ]),
);
