// Back end: a schema as query-qmp-schema shows it. Commands and events come in schema order, then the types they
// use in the order in which they are first met. Names of types are replaced by numbers, since they are not part of
// the interface; all integer types are one. Answers to QEMU's scripts/qapi/introspect.py and its documentation.

import { assert } from '../../util/assert.ts';
import { builtinTypes } from '../builtin-types.ts';
import type {
  AlternateType,
  Command,
  EnumType,
  Event,
  Feature,
  ObjectType,
  Schema,
  TypeRef,
} from '../schema.ts';
import { emptyTypeName } from '../schema.ts';
import { elementTypeOf, SchemaIndex } from '../schema-index.ts';
import type { ObjectMemberInfo, SchemaInfo } from './schema-info.ts';

function featureNames(of: { readonly features?: readonly Feature[] }): { readonly features?: string[] } {
  const names = of.features?.map((feature) => feature.name) ?? [];
  return names.length === 0 ? {} : { features: names };
}

/** All integer types look the same on the wire. */
function withOneInteger(ref: TypeRef): TypeRef {
  const element = elementTypeOf(ref);
  if (element !== undefined) return `[${withOneInteger(element)}]`;
  return builtinTypes.get(ref) === 'int' ? 'int' : ref;
}

class Introspection {
  readonly #index: SchemaIndex;
  readonly #used: TypeRef[] = [];
  readonly #seen = new Set<TypeRef>();
  readonly #numbers = new Map<string, string>();

  constructor(schema: Schema) {
    this.#index = new SchemaIndex(schema);
  }

  all(): SchemaInfo[] {
    const result: SchemaInfo[] = [];
    for (const definition of this.#index.schema.definitions) {
      if (definition.kind === 'command') result.push(this.#command(definition));
      else if (definition.kind === 'event') result.push(this.#event(definition));
    }
    // Telling of a type adds the types that it uses to the end of the list.
    for (let next = 0; next < this.#used.length; next += 1) {
      const ref = this.#used[next];
      if (ref !== undefined) result.push(this.#type(ref));
    }
    return result;
  }

  /** The name by which a type is referred to; sees to it that the type is told of. */
  #use(written: TypeRef): string {
    const ref = withOneInteger(written);
    if (!this.#seen.has(ref)) {
      this.#seen.add(ref);
      this.#used.push(ref);
    }
    return this.#name(ref);
  }

  #name(ref: TypeRef): string {
    if (builtinTypes.has(ref)) return ref;
    const element = elementTypeOf(ref);
    if (element !== undefined) return `[${this.#use(element)}]`;
    const known = this.#numbers.get(ref);
    if (known !== undefined) return known;
    const number = String(this.#numbers.size);
    this.#numbers.set(ref, number);
    return number;
  }

  #command(command: Command): SchemaInfo {
    return {
      name: command.name,
      'meta-type': 'command',
      'arg-type': this.#use(command.arguments ?? emptyTypeName),
      'ret-type': this.#use(command.returns ?? emptyTypeName),
      ...(command.allowOob ? { 'allow-oob': true } : {}),
      ...featureNames(command),
    };
  }

  #event(event: Event): SchemaInfo {
    const type = this.#use(event.data ?? emptyTypeName);
    return { name: event.name, 'meta-type': 'event', 'arg-type': type, ...featureNames(event) };
  }

  #type(ref: TypeRef): SchemaInfo {
    const name = this.#name(ref);
    const jsonType = builtinTypes.get(ref);
    if (jsonType !== undefined) return { name, 'meta-type': 'builtin', 'json-type': jsonType };
    const element = elementTypeOf(ref);
    if (element !== undefined) return { name, 'meta-type': 'array', 'element-type': this.#use(element) };
    const type = this.#index.type(ref);
    assert(type !== undefined, `type '${ref}' cannot be introspected`);
    switch (type.kind) {
      case 'enum':
        return this.#enum(name, type);
      case 'alternate':
        return this.#alternate(name, type);
      default:
        return this.#object(name, type);
    }
  }

  #enum(name: string, type: EnumType): SchemaInfo {
    return {
      name,
      'meta-type': 'enum',
      members: type.values.map((value) => ({ name: value.name, ...featureNames(value) })),
      values: type.values.map((value) => value.name),
      ...featureNames(type),
    };
  }

  #alternate(name: string, type: AlternateType): SchemaInfo {
    const members = type.alternatives.map((alternative) => ({ type: this.#use(alternative.type) }));
    return { name, 'meta-type': 'alternate', members, ...featureNames(type) };
  }

  #object(name: string, type: ObjectType): SchemaInfo {
    const members = this.#index.membersOf(type).map((member): ObjectMemberInfo => {
      return {
        name: member.name,
        type: this.#use(member.type),
        ...(member.optional ? { default: null } : {}),
        ...featureNames(member),
      };
    });
    const features = featureNames(type);
    if (type.tag === undefined) return { name, 'meta-type': 'object', members, ...features };
    const variants = this.#index.branchesOf(type).map((branch) => {
      return { case: branch.name, type: this.#use(branch.type) };
    });
    return { name, 'meta-type': 'object', members, tag: type.tag, variants, ...features };
  }
}

/** What query-qmp-schema answers for this schema. Conditions are not looked at: see configureSchema. */
export function introspect(schema: Schema): SchemaInfo[] {
  return new Introspection(schema).all();
}
