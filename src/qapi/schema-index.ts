// Lookups over a schema: definitions by name, and the members of an object type with those of its bases.

import { assert } from '../util/assert.ts';
import { builtinTypes, qtypeName, qtypeValues } from './builtin-types.ts';
import type {
  Branch,
  Command,
  Definition,
  EnumType,
  Event,
  Member,
  ObjectType,
  Schema,
  TypeDefinition,
  TypeRef,
} from './schema.ts';
import { emptyTypeName } from './schema.ts';

const emptyType: ObjectType = { kind: 'object', name: emptyTypeName, implicit: true, members: [] };
const qtype: EnumType = { kind: 'enum', name: qtypeName, values: qtypeValues.map((name) => ({ name })) };

/** The element type of `[NAME]`, or undefined when the reference is not an array. */
export function elementTypeOf(ref: TypeRef): TypeRef | undefined {
  return ref.startsWith('[') ? ref.slice(1, -1) : undefined;
}

export function arrayOf(element: TypeRef): TypeRef {
  return `[${element}]`;
}

/** A schema with its definitions by name. A reference to a type that the schema lacks is a programmer error. */
export class SchemaIndex {
  readonly schema: Schema;
  readonly #byName: ReadonlyMap<string, Definition>;
  readonly #members = new Map<string, readonly Member[]>();

  constructor(schema: Schema) {
    this.schema = schema;
    this.#byName = new Map(schema.definitions.map((definition) => [definition.name, definition]));
  }

  definition(name: string): Definition | undefined {
    return this.#byName.get(name);
  }

  command(name: string): Command | undefined {
    const found = this.#byName.get(name);
    return found?.kind === 'command' ? found : undefined;
  }

  event(name: string): Event | undefined {
    const found = this.#byName.get(name);
    return found?.kind === 'event' ? found : undefined;
  }

  commands(): readonly Command[] {
    return this.schema.definitions.filter((definition) => definition.kind === 'command');
  }

  events(): readonly Event[] {
    return this.schema.definitions.filter((definition) => definition.kind === 'event');
  }

  /** The defined type of that name; undefined for built-in types other than QType. */
  type(name: string): TypeDefinition | undefined {
    if (name === emptyTypeName) return emptyType;
    if (name === qtypeName) return qtype;
    const found = this.#byName.get(name);
    if (found !== undefined && found.kind !== 'command' && found.kind !== 'event') return found;
    assert(builtinTypes.has(name), `schema lacks type '${name}'`);
    return undefined;
  }

  object(name: string): ObjectType {
    const found = this.type(name);
    assert(found?.kind === 'object', `'${name}' must be an object type`);
    return found;
  }

  /** All common members of an object type in wire order: the base's first. Branches are not in it. */
  membersOf(type: ObjectType): readonly Member[] {
    if (type.base === undefined) return type.members;
    const known = this.#members.get(type.name);
    if (known !== undefined) return known;
    const members = [...this.membersOf(this.object(type.base)), ...type.members];
    this.#members.set(type.name, members);
    return members;
  }

  /** The branches of a union, with one of the empty type for each tag value that was left out. */
  branchesOf(type: ObjectType): readonly Branch[] {
    if (type.tag === undefined) return [];
    const written = type.branches ?? [];
    const covered = new Set(written.map((branch) => branch.name));
    const rest = this.tagType(type)
      .values.filter((value) => !covered.has(value.name))
      .map((value) => ({
        name: value.name,
        type: emptyTypeName,
        ...(value.if === undefined ? {} : { if: value.if }),
      }));
    return [...written, ...rest];
  }

  /** The enumeration that a union's tag takes its values from. */
  tagType(type: ObjectType): EnumType {
    const member = this.membersOf(type).find((candidate) => candidate.name === type.tag);
    const found = member && this.type(member.type);
    assert(found?.kind === 'enum', `union '${type.name}' has no enum tag`);
    return found;
  }
}
