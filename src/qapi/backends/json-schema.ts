// Back end: a description for other languages' tools. Commands are methods of an OpenRPC document, types are JSON
// Schemas (2020-12) in its components; events, which OpenRPC does not know, are in `x-events` in the same form.
// Limits: JSON Schema cannot tell 1.0 from 1, and numbers beyond 2^53 are the reader's own care.

import { builtinTypes } from '../builtin-types.ts';
import type {
  AlternateType,
  Command,
  Definition,
  EnumType,
  Event,
  Member,
  ObjectType,
  Schema,
  TypeRef,
} from '../schema.ts';
import { hasFeature } from '../schema.ts';
import { elementTypeOf, SchemaIndex } from '../schema-index.ts';

type Json = string | number | boolean | null | readonly Json[] | JsonMembers;
interface JsonMembers {
  readonly [key: string]: Json;
}

export interface DescriptionInfo {
  readonly title: string;
  readonly version: string;
}

const integerRanges: ReadonlyMap<string, readonly [minimum: number, maximum: number]> = new Map([
  ['int8', [-(2 ** 7), 2 ** 7 - 1]],
  ['int16', [-(2 ** 15), 2 ** 15 - 1]],
  ['int32', [-(2 ** 31), 2 ** 31 - 1]],
  ['uint8', [0, 2 ** 8 - 1]],
  ['uint16', [0, 2 ** 16 - 1]],
  ['uint32', [0, 2 ** 32 - 1]],
]);

function builtinSchema(name: string): JsonMembers | undefined {
  const jsonType = builtinTypes.get(name);
  if (jsonType === undefined) return undefined;
  if (jsonType === 'value') return {};
  if (jsonType !== 'int') return { type: jsonType };
  const range = integerRanges.get(name);
  return range === undefined
    ? { type: 'integer' }
    : { type: 'integer', minimum: range[0], maximum: range[1] };
}

function notes(of: Parameters<typeof hasFeature>[0], text: string): JsonMembers {
  return {
    ...(text === '' ? {} : { description: text }),
    ...(hasFeature(of, 'deprecated') ? { deprecated: true } : {}),
    ...(hasFeature(of, 'unstable') ? { 'x-unstable': true } : {}),
  };
}

function docOf(definition: Definition, part: string): string {
  return definition.doc?.members.find((entry) => entry.name === part)?.text ?? '';
}

class Description {
  readonly #index: SchemaIndex;

  constructor(schema: Schema) {
    this.#index = new SchemaIndex(schema);
  }

  document(info: DescriptionInfo): JsonMembers {
    const schemas = this.#index.schema.definitions
      .filter((definition) => definition.kind !== 'command' && definition.kind !== 'event')
      .map((type): [string, Json] => [type.name, this.#type(type)]);
    return {
      openrpc: '1.3.2',
      info: { title: info.title, version: info.version },
      methods: this.#index.commands().map((command) => this.#method(command)),
      'x-events': this.#index.events().map((event) => this.#event(event)),
      components: { schemas: Object.fromEntries(schemas) },
    };
  }

  #ref(ref: TypeRef): JsonMembers {
    const element = elementTypeOf(ref);
    if (element !== undefined) return { type: 'array', items: this.#ref(element) };
    return (
      builtinSchema(ref) ?? (ref === 'QType' ? { type: 'string' } : { $ref: `#/components/schemas/${ref}` })
    );
  }

  #type(type: EnumType | ObjectType | AlternateType): JsonMembers {
    const common = notes(type, type.doc?.overview ?? '');
    if (type.kind === 'enum')
      return { ...common, type: 'string', enum: type.values.map((value) => value.name) };
    if (type.kind === 'alternate') {
      return { ...common, oneOf: type.alternatives.map((alternative) => this.#ref(alternative.type)) };
    }
    return { ...common, type: 'object', ...this.#members(type), unevaluatedProperties: false };
  }

  /** Without `unevaluatedProperties`, so that it can stand inside the schema of a union. */
  #members(type: ObjectType): JsonMembers {
    const members = this.#index.membersOf(type);
    const properties = members.map((member): [string, Json] => {
      return [
        member.name,
        { ...this.#ref(member.type), ...notes(member, docOf(this.#describing(type), member.name)) },
      ];
    });
    const required = members.filter((member) => !member.optional).map((member) => member.name);
    const branches = this.#index.branchesOf(type).map((branch) => {
      const own = this.#members(this.#index.object(branch.type));
      const tag = { [type.tag ?? '']: { const: branch.name } };
      return { ...own, properties: { ...tag, ...(own.properties as JsonMembers) } };
    });
    return {
      properties: Object.fromEntries(properties),
      ...(required.length === 0 ? {} : { required }),
      ...(branches.length === 0 ? {} : { oneOf: branches }),
    };
  }

  #describing(type: ObjectType): Definition {
    if (!type.implicit) return type;
    return this.#index.definition(type.name.replace(/^q_obj_(.*)-(arg|base)$/, '$1')) ?? type;
  }

  #method(command: Command): JsonMembers {
    const type = command.arguments === undefined ? undefined : this.#index.object(command.arguments);
    const returns =
      command.returns === undefined ? { type: 'object', maxProperties: 0 } : this.#ref(command.returns);
    const plain = type === undefined || type.tag === undefined;
    const members = type === undefined || !plain ? [] : this.#index.membersOf(type);
    return {
      name: command.name,
      ...notes(command, command.doc?.overview ?? ''),
      paramStructure: 'by-name',
      params: members.map((member) => this.#parameter(command, member)),
      // A union's members depend on each other: they are one schema, not a list.
      ...(plain ? {} : { 'x-arguments': this.#ref(command.arguments ?? '') }),
      result: { name: 'return', schema: returns },
      ...(command.allowOob ? { 'x-allow-oob': true } : {}),
      ...(command.allowPreconfig ? { 'x-allow-preconfig': true } : {}),
    };
  }

  #parameter(command: Command, member: Member): JsonMembers {
    return {
      name: member.name,
      required: member.optional !== true,
      schema: this.#ref(member.type),
      ...notes(member, docOf(command, member.name)),
    };
  }

  #event(event: Event): JsonMembers {
    return {
      name: event.name,
      ...notes(event, event.doc?.overview ?? ''),
      data: event.data === undefined ? { type: 'object', maxProperties: 0 } : this.#ref(event.data),
    };
  }
}

/** An OpenRPC document of the schema, ready for JSON.stringify. */
export function openRpcDocument(schema: Schema, info: DescriptionInfo): object {
  return new Description(schema).document(info);
}
