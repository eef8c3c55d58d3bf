// Reads introspection back into the intermediate form. The types keep the names they have there; readable-names.ts
// gives them better ones.

import { assert } from '../../util/assert.ts';
import type { JsonType } from '../builtin-types.ts';
import type { Definition, Feature, Member, Schema, TypeDefinition, TypeRef } from '../schema.ts';
import { arrayOf } from '../schema-index.ts';
import { wireKindOf } from '../wire-kind.ts';
import { IntrospectionError } from './parse-schema-info.ts';
import type {
  AlternateInfo,
  CommandInfo,
  EnumInfo,
  EventInfo,
  ObjectInfo,
  SchemaInfo,
} from './schema-info.ts';

const builtinOfJsonType: Readonly<Record<JsonType, string | undefined>> = {
  string: 'str',
  number: 'number',
  int: 'int',
  boolean: 'bool',
  null: 'null',
  value: 'any',
  // No built-in type has these two.
  object: undefined,
  array: undefined,
};

function featuresOf(info: { readonly features?: readonly string[] }): {
  readonly features?: readonly Feature[];
} {
  return info.features === undefined ? {} : { features: info.features.map((name) => ({ name })) };
}

class Reader {
  readonly #infos: ReadonlyMap<string, SchemaInfo>;
  readonly #refs = new Map<string, TypeRef>();
  readonly #underWay = new Set<string>();
  readonly #types = new Map<string, TypeDefinition>();

  readonly #prefix: string;

  constructor(infos: readonly SchemaInfo[], prefix: string) {
    this.#prefix = prefix;
    this.#infos = new Map(infos.map((info) => [info.name, info]));
  }

  read(): Definition[] {
    const definitions: Definition[] = [];
    const alternates: AlternateInfo[] = [];
    for (const info of this.#infos.values()) {
      const definition = this.#definition(info);
      if (info['meta-type'] === 'alternate') alternates.push(info);
      if (definition === undefined) continue;
      definitions.push(definition);
      if (definition.kind !== 'command' && definition.kind !== 'event') {
        this.#types.set(definition.name, definition);
      }
    }
    return [...definitions, ...alternates.map((info) => this.#alternate(info))];
  }

  /** Alternates are left for later: their alternatives are named after the other types. */
  #definition(info: SchemaInfo): Definition | undefined {
    switch (info['meta-type']) {
      case 'enum':
        return this.#enum(info);
      case 'object':
        return this.#object(info);
      case 'command':
        return this.#command(info);
      case 'event':
        return this.#event(info);
      default:
        return undefined;
    }
  }

  #ref(name: string): TypeRef {
    const known = this.#refs.get(name);
    if (known !== undefined) return known;
    const info = this.#infos.get(name);
    assert(info !== undefined, `type '${name}' was not checked`);
    if (this.#underWay.has(name)) throw new IntrospectionError(`entry '${name}' is an array of itself`);
    this.#underWay.add(name);
    const ref = this.#refOf(info);
    this.#refs.set(name, ref);
    return ref;
  }

  #refOf(info: SchemaInfo): TypeRef {
    if (info['meta-type'] === 'array') return arrayOf(this.#ref(info['element-type']));
    if (info['meta-type'] !== 'builtin') return this.#prefix + info.name;
    const builtin = builtinOfJsonType[info['json-type']];
    if (builtin !== undefined) return builtin;
    throw new IntrospectionError(
      `entry '${info.name}' is a built-in type of json-type '${info['json-type']}'`,
    );
  }

  #enum(info: EnumInfo): Definition {
    const values = info.members.map((member) => ({ name: member.name, ...featuresOf(member) }));
    return { kind: 'enum', name: this.#prefix + info.name, values, ...featuresOf(info) };
  }

  #object(info: ObjectInfo): Definition {
    const members = info.members.map((member): Member => {
      return {
        name: member.name,
        type: this.#ref(member.type),
        ...(member.default === undefined ? {} : { optional: true as const }),
        ...featuresOf(member),
      };
    });
    const object = { kind: 'object' as const, name: this.#prefix + info.name, members, ...featuresOf(info) };
    if (info.tag === undefined) return object;
    this.#checkTag(info);
    const branches = (info.variants ?? []).map((variant) => {
      if (this.#infos.get(variant.type)?.['meta-type'] !== 'object') {
        throw new IntrospectionError(
          `entry '${info.name}': variant '${variant.case}' must be an object type`,
        );
      }
      return { name: variant.case, type: this.#ref(variant.type) };
    });
    return { ...object, tag: info.tag, branches };
  }

  #checkTag(info: ObjectInfo): void {
    const type = info.members.find((member) => member.name === info.tag)?.type;
    const tagInfo = type === undefined ? undefined : this.#infos.get(type);
    if (tagInfo?.['meta-type'] !== 'enum') {
      throw new IntrospectionError(
        `entry '${info.name}': tag '${info.tag}' must be a member of an enum type`,
      );
    }
  }

  #alternate(info: AlternateInfo): Definition {
    const types = { type: (name: string) => this.#types.get(name) };
    const alternatives = info.members.map((member, index) => {
      const type = this.#ref(member.type);
      return { name: wireKindOf(types, type) ?? `alternative-${index}`, type };
    });
    return { kind: 'alternate', name: this.#prefix + info.name, alternatives, ...featuresOf(info) };
  }

  #argumentsOf(info: CommandInfo | EventInfo): TypeRef {
    const type = info['arg-type'];
    if (this.#infos.get(type)?.['meta-type'] === 'object') return this.#prefix + type;
    throw new IntrospectionError(`entry '${info.name}': arg-type '${type}' must be an object type`);
  }

  #command(info: CommandInfo): Definition {
    return {
      kind: 'command',
      name: info.name,
      arguments: this.#argumentsOf(info),
      returns: this.#ref(info['ret-type']),
      ...(info['allow-oob'] ? { allowOob: true as const } : {}),
      ...featuresOf(info),
    };
  }

  #event(info: EventInfo): Definition {
    return { kind: 'event', name: info.name, data: this.#argumentsOf(info), ...featuresOf(info) };
  }
}

/**
 * The schema that the entries describe, in one module. `prefix` goes in front of the names of types, for who wants to
 * put two schemas together. Throws an IntrospectionError.
 */
export function schemaOfIntrospection(infos: readonly SchemaInfo[], prefix = ''): Schema {
  const definitions = new Reader(infos, prefix).read();
  const items = definitions.map((definition) => ({ definition: definition.name }));
  return { modules: [{ name: 'introspection', items }], definitions };
}
