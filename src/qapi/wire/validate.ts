// Checks wire values against a schema as QEMU's input visitor does: members in schema order, what is missing before
// what is unexpected, integers by range, alternates by kind; with QEMU's texts, to the letter.
// Each type becomes a function once, at its first use. Answers to QEMU's qapi/qobject-input-visitor.c and to the
// visitors that its generator writes.

import type { JsonObject, JsonValue } from '../../json/value.ts';
import { Double, isJsonObject } from '../../json/value.ts';
import { assert } from '../../util/assert.ts';
import type { AlternateType, EnumType, ObjectType, Schema, TypeRef } from '../schema.ts';
import { elementTypeOf, SchemaIndex } from '../schema-index.ts';
import type { WireKind } from '../wire-kind.ts';
import { wireKindOf } from '../wire-kind.ts';
import type { Check } from './scalar-checks.ts';
import { builtinChecks } from './scalar-checks.ts';
import { unexpectedMember } from './unexpected-member.ts';
import { WireFault } from './wire-fault.ts';

/** What QEMU calls a list element, which has no name of its own, where it only tells names. */
const noName = 'null';

/** The keys of one object that its type knows. Their names are only collected when they are needed for a text. */
interface Taken {
  count: number;
  names: string[] | undefined;
}

/** Checks the members that a type contributes to an object; counts the keys it found in `taken`. */
type MembersCheck = (object: JsonObject, taken: Taken) => WireFault | undefined;

function kindOf(value: JsonValue): WireKind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (value instanceof Double) return 'number';
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'number':
    case 'bigint':
      return 'number';
    case 'string':
      return 'string';
    default:
      return 'object';
  }
}

/** Checks values of one schema's types. Making one costs little; types are prepared when first used. */
export class Validator {
  readonly #index: SchemaIndex;
  readonly #checks = new Map<TypeRef, Check>(builtinChecks);
  readonly #membersChecks = new Map<string, MembersCheck>();

  constructor(schema: Schema | SchemaIndex) {
    this.#index = schema instanceof SchemaIndex ? schema : new SchemaIndex(schema);
  }

  /**
   * What is wrong with a value, as QEMU words it, or undefined. `path` is the value's place in what the client sent
   * (`actions[0].data`), empty for a command's arguments as a whole.
   */
  faultOf(ref: TypeRef, value: JsonValue, path = ''): string | undefined {
    return this.#check(ref)(value, lastName(path))?.text(path);
  }

  #check(ref: TypeRef): Check {
    const known = this.#checks.get(ref);
    if (known !== undefined) return known;
    // Types may contain themselves: until the function is made, another stands for it.
    let made: Check | undefined;
    this.#checks.set(ref, (value, name) => made?.(value, name));
    made = this.#make(ref);
    this.#checks.set(ref, made);
    return made;
  }

  #make(ref: TypeRef): Check {
    const element = elementTypeOf(ref);
    if (element !== undefined) return listCheck(this.#check(element));
    const type = this.#index.type(ref);
    assert(type !== undefined, `type '${ref}' has no check`);
    switch (type.kind) {
      case 'enum':
        return enumCheck(type);
      case 'alternate':
        return this.#alternateCheck(type);
      default:
        return objectCheck(this.#membersCheck(type));
    }
  }

  #alternateCheck(type: AlternateType): Check {
    const byKind = new Map<WireKind, Check>();
    for (const alternative of type.alternatives) {
      const kind = wireKindOf(this.#index, alternative.type);
      if (kind !== undefined) byKind.set(kind, this.#check(alternative.type));
    }
    return (value, name) => {
      const check = byKind.get(kindOf(value));
      if (check !== undefined) return check(value, name);
      return WireFault.of(`Invalid parameter type for '${name}', expected: ${type.name}`);
    };
  }

  #membersCheck(type: ObjectType): MembersCheck {
    const known = this.#membersChecks.get(type.name);
    if (known !== undefined) return known;
    const members = this.#index.membersOf(type).map(({ name, type: ref, optional }) => {
      return { name, check: this.#check(ref), optional: optional === true };
    });
    const ofTag = this.#branchCheck(type);
    const check: MembersCheck = (object, taken) => {
      for (const member of members) {
        const { name } = member;
        const value = object[name];
        if (value === undefined) {
          if (member.optional) continue;
          return WireFault.at("Parameter '", "' is missing", name);
        }
        const fault = member.check(value, name);
        if (fault !== undefined) return fault.inMember(name);
        taken.count += 1;
        taken.names?.push(name);
      }
      return ofTag?.(object, taken);
    };
    this.#membersChecks.set(type.name, check);
    return check;
  }

  /** The check of the branch that the tag chooses, made when a value first takes it: few ever do. */
  #branchCheck(type: ObjectType): MembersCheck | undefined {
    const { tag } = type;
    if (tag === undefined) return undefined;
    const types = new Map((type.branches ?? []).map((branch) => [branch.name, branch.type]));
    return (object, taken) => {
      const value = object[tag];
      const branch = typeof value === 'string' ? types.get(value) : undefined;
      if (branch === undefined) return undefined;
      return this.#membersCheck(this.#index.object(branch))(object, taken);
    };
  }
}

/** The name that a text without a whole place uses for the value at this place. */
function lastName(path: string): string {
  return /(?:^|\.)([^.[\]]+)$/.exec(path)?.[1] ?? noName;
}

function enumCheck(type: EnumType): Check {
  const values = new Set(type.values.map((value) => value.name));
  return (value, name) => {
    if (typeof value !== 'string') return WireFault.invalidType('string');
    return values.has(value)
      ? undefined
      : WireFault.of(`Parameter '${name}' does not accept value '${value}'`);
  };
}

function listCheck(element: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return WireFault.invalidType('array');
    for (let index = 0; index < value.length; index += 1) {
      const item = value[index];
      const fault = item === undefined ? undefined : element(item, noName);
      if (fault !== undefined) return fault.inElement(index);
    }
    return undefined;
  };
}

function objectCheck(check: MembersCheck): Check {
  return (value) => {
    if (!isJsonObject(value)) return WireFault.invalidType('object');
    const taken: Taken = { count: 0, names: undefined };
    const fault = check(value, taken);
    if (fault !== undefined) return fault;
    let count = 0;
    for (const _ in value) count += 1;
    if (count === taken.count) return undefined;
    const names: string[] = [];
    check(value, { count: 0, names });
    const unexpected = unexpectedMember(value, names) ?? '';
    return WireFault.at("Parameter '", "' is unexpected", unexpected);
  };
}
