// Arguments that the schema allows, and now and then does not, with values that nobody would think of.

import type { JsonValue } from '../../src/json/value.ts';
import type { Definition, ObjectType, TypeRef } from '../../src/qapi/schema.ts';
import { schemaIndex } from '../../src/schema/index.ts';

const integers = [0, 1, -1, 2, 3, 4096, 65_536, -(2 ** 31), 2 ** 31, 2 ** 20, Number.MAX_SAFE_INTEGER];
const smallIntegers = [0, 1, 2, 3, 4];
const nestingMax = 6;

/** What would reach beyond the test: its own standard input, the end of the process, the host's ports. */
const forbidden: ReadonlySet<string> = new Set(['stdio', 'testdev', 'serial', 'parallel']);

/** Never a name that has to be looked up. */
const byMember: Readonly<Record<string, JsonValue>> = {
  host: '127.0.0.1',
  port: '0',
  localaddr: '127.0.0.1',
};

export class RandomArguments {
  readonly #strings: readonly string[];
  #state: number;

  constructor(seed: number, strings: readonly string[]) {
    this.#state = seed;
    this.#strings = strings;
  }

  /** From 0 to 1. */
  next(): number {
    this.#state = (Math.imul(this.#state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (this.#state >>> 8) / 2 ** 23;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.next() * choices.length)] as T;
  }

  /** The arguments of a command; undefined for one that takes none. */
  of(type: TypeRef): Record<string, JsonValue> | undefined {
    const definition = schemaIndex.definition(type);
    if (definition?.kind !== 'object') return undefined;
    const value = this.#object(definition, 0);
    if (this.next() < 0.05) value['no-such-member'] = 1;
    return value;
  }

  #value(type: TypeRef, depth: number): JsonValue {
    if (depth > nestingMax) return null;
    if (type.startsWith('[')) {
      const element = type.slice(1, -1);
      return Array.from({ length: this.pick([0, 1, 2]) }, () => this.#value(element, depth + 1));
    }
    const definition = schemaIndex.definition(type);
    return definition === undefined ? this.#builtin(type) : this.#defined(definition, depth);
  }

  #defined(definition: Definition, depth: number): JsonValue {
    switch (definition.kind) {
      case 'enum':
        return this.pick(definition.values.filter(({ name }) => !forbidden.has(name))).name;
      case 'alternate':
        return this.#value(this.pick(definition.alternatives).type, depth + 1);
      case 'object':
        return this.#object(definition, depth);
      default:
        return null;
    }
  }

  #object(type: ObjectType, depth: number): Record<string, JsonValue> {
    const base = type.base === undefined ? undefined : schemaIndex.definition(type.base);
    const value = base?.kind === 'object' ? this.#object(base, depth) : {};
    for (const { name, type: memberType, optional } of type.members) {
      if (optional && this.next() > 0.35) continue;
      value[name] = byMember[name] ?? this.#value(memberType, depth + 1);
    }
    const { tag, branches = [] } = type;
    const branch = tag === undefined ? undefined : branches.find(({ name }) => name === value[tag]);
    const more = branch === undefined ? undefined : schemaIndex.definition(branch.type);
    return more?.kind === 'object' ? { ...value, ...this.#object(more, depth) } : value;
  }

  #builtin(type: TypeRef): JsonValue {
    if (/^u?int(8|16)$/.test(type)) return this.pick(smallIntegers);
    if (/^(u?int|size)/.test(type)) return this.pick(integers);
    switch (type) {
      case 'bool':
        return this.next() < 0.5;
      case 'number':
        return 1.5;
      case 'null':
        return null;
      case 'any':
        return this.pick<JsonValue>([1, 'x', [], null]);
      default:
        return this.pick(this.#strings);
    }
  }
}
