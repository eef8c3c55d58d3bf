// Arguments made up at random after a schema, most of them with something wrong: for comparing what is said about
// them with what QEMU says.

import type { JsonObject, JsonValue } from '../../src/json/value.ts';
import { jsonObject } from '../../src/json/value.ts';
import { builtinTypes } from '../../src/qapi/builtin-types.ts';
import type { Command, ObjectType, TypeRef } from '../../src/qapi/schema.ts';
import type { SchemaIndex } from '../../src/qapi/schema-index.ts';
import { elementTypeOf } from '../../src/qapi/schema-index.ts';

const depthMax = 4;
const strangers = ['foo', 'bar', 'zeta', 'unknown', 'a-b', 'x-y-z', 'zz1', 'zz2', 'zz3', 'a', 'b', 'c'];
const misfits: readonly JsonValue[] = [null, 1, 1.5, 'x', true, [], jsonObject()];

/** A small generator with a seed, so that a failure can be seen again. */
export class RandomArguments {
  readonly #index: SchemaIndex;
  #state: number;

  constructor(index: SchemaIndex, seed: number) {
    this.#index = index;
    this.#state = seed >>> 0;
  }

  forCommand(command: Command): JsonObject {
    return this.#object(this.#index.object(command.arguments ?? 'q_empty'), 0);
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.#next() * items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }

  #next(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return this.#state / 2 ** 32;
  }

  #chance(probability: number): boolean {
    return this.#next() < probability;
  }

  #value(ref: TypeRef, depth: number): JsonValue {
    if (this.#chance(0.05)) return this.pick(misfits);
    const element = elementTypeOf(ref);
    if (element !== undefined) {
      return Array.from({ length: Math.floor(this.#next() * 3) }, () => this.#value(element, depth + 1));
    }
    switch (ref) {
      case 'str':
        return this.pick(['', 's', 'disk0']);
      case 'number':
        return this.pick([1, 1.5]);
      case 'bool':
        return this.#chance(0.5);
      case 'null':
        return null;
      case 'any':
        return this.pick([1, 'x', null]);
      default:
        return builtinTypes.get(ref) === 'int' ? this.pick([0, 1, 5]) : this.#defined(ref, depth);
    }
  }

  #defined(ref: TypeRef, depth: number): JsonValue {
    const type = this.#index.type(ref);
    switch (type?.kind) {
      case 'enum':
        return this.#chance(0.05) ? 'bogus' : this.pick(type.values).name;
      case 'alternate':
        return this.#value(this.pick(type.alternatives).type, depth + 1);
      case 'object':
        return this.#object(type, depth);
      default:
        return null;
    }
  }

  #object(type: ObjectType, depth: number): JsonObject {
    const members: [string, JsonValue][] = [];
    this.#members(type, depth, members);
    if (this.#chance(0.3)) {
      const count = 1 + Math.floor(this.#next() * 6);
      for (let left = count; left > 0; left -= 1) members.push([this.pick(strangers), this.pick(misfits)]);
    }
    const shuffled = members
      .map((member) => ({ member, key: this.#next() }))
      .toSorted((a, b) => a.key - b.key)
      .map(({ member }) => member);
    return jsonObject(Object.fromEntries(shuffled));
  }

  #members(type: ObjectType, depth: number, into: [string, JsonValue][]): void {
    const leftOut = depth > depthMax ? 1 : 0.7;
    for (const member of this.#index.membersOf(type)) {
      if (this.#chance(member.optional ? leftOut : 0.03)) continue;
      const value = this.#value(member.type, depth + 1);
      into.push([member.name, value]);
      if (member.name !== type.tag) continue;
      const branch = this.#index.branchesOf(type).find((candidate) => candidate.name === value);
      if (branch !== undefined) this.#members(this.#index.object(branch.type), depth, into);
    }
  }
}
