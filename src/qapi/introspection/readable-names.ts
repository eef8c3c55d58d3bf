// Gives the numbered types of an introspection names, made from where they are used: the arguments of blockdev-add
// become BlockdevAddArguments, the type of its member `detect-zeroes` BlockdevAddDetectZeroes. A type that is used
// only by members of one name, and is the only one there, is called by that name alone. The outcome depends on
// nothing but the schema, and not on the order of its parts: the same program gives the same names every time.

import { pascalCase } from '../backends/identifiers.ts';
import { renameTypes } from '../rename-types.ts';
import type { Definition, Schema, TypeDefinition, TypeRef } from '../schema.ts';
import { elementTypeOf, SchemaIndex } from '../schema-index.ts';

/** One place where a type is used: what it would be called there. */
interface Use {
  readonly type: TypeRef;
  readonly name: string;
}

const stemEnding = /(Arguments|Result|Data)$/;

function baseTypeOf(ref: TypeRef): TypeRef {
  const element = elementTypeOf(ref);
  return element === undefined ? ref : baseTypeOf(element);
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

class Namer {
  readonly #index: SchemaIndex;
  readonly #names = new Map<string, string>();
  readonly #taken = new Set<string>();
  readonly #queue: TypeDefinition[] = [];

  constructor(schema: Schema) {
    this.#index = new SchemaIndex(schema);
    // Commands, events and types share one name space.
    for (const root of [...this.#index.commands(), ...this.#index.events()]) this.#taken.add(root.name);
  }

  names(): ReadonlyMap<string, string> {
    const roots = [...this.#index.commands().toSorted(byName), ...this.#index.events().toSorted(byName)];
    for (const [type, name] of this.#lonelyMemberNames()) this.#take(type, name);
    for (const root of roots) for (const use of rootUses(root)) this.#give(use);
    // Breadth first: the shortest way to a type names it.
    for (let next = 0; next < this.#queue.length; next += 1) {
      const type = this.#queue[next];
      if (type !== undefined) for (const use of this.#usesIn(type)) this.#give(use);
    }
    return this.#names;
  }

  /** Types that several members use, all of one name that no other defined type is used under. */
  #lonelyMemberNames(): ReadonlyMap<string, string> {
    const typesOfMember = new Map<string, Set<TypeRef>>();
    const membersOfType = new Map<TypeRef, string[]>();
    for (const definition of this.#index.schema.definitions) {
      if (definition.kind !== 'object') continue;
      for (const member of definition.members) {
        const type = baseTypeOf(member.type);
        if (!this.#isDefined(type)) continue;
        const name = pascalCase(member.name);
        typesOfMember.set(name, (typesOfMember.get(name) ?? new Set()).add(type));
        membersOfType.set(type, [...(membersOfType.get(type) ?? []), name]);
      }
    }
    const roots = this.#index.schema.definitions.flatMap(rootUses).map((use) => baseTypeOf(use.type));
    const usedByRoots = new Set(roots);
    const result = new Map<string, string>();
    for (const [type, names] of membersOfType) {
      const [name = ''] = names;
      const only = names.length > 1 && names.every((other) => other === name);
      if (only && typesOfMember.get(name)?.size === 1 && !usedByRoots.has(type)) result.set(type, name);
    }
    return result;
  }

  #isDefined(name: string): boolean {
    return this.#index.definition(name) !== undefined;
  }

  #take(type: string, name: string): void {
    this.#names.set(type, name);
    this.#taken.add(name);
  }

  #give({ type: ref, name }: Use): void {
    const type = baseTypeOf(ref);
    const definition = this.#isDefined(type) ? this.#index.type(type) : undefined;
    if (definition === undefined) return;
    const known = this.#names.get(type);
    if (known === undefined) this.#take(type, this.#free(name));
    if (!this.#queue.includes(definition)) this.#queue.push(definition);
  }

  #free(wanted: string): string {
    const name = /^[A-Za-z]/.test(wanted) ? wanted : `Type${wanted}`;
    let free = name;
    for (let count = 2; this.#taken.has(free); count += 1) free = `${name}${count}`;
    return free;
  }

  #usesIn(owner: TypeDefinition): Use[] {
    const stem = (this.#names.get(owner.name) ?? '').replace(stemEnding, '');
    if (owner.kind === 'alternate') {
      return owner.alternatives.map(({ name, type }) => ({ type, name: stem + pascalCase(name) }));
    }
    if (owner.kind === 'enum') return [];
    const parts = [...owner.members.toSorted(byName), ...(owner.branches ?? []).toSorted(byName)];
    return parts.map((part) => ({ type: part.type, name: stem + pascalCase(part.name) }));
  }
}

function rootUses(root: Definition): Use[] {
  const name = pascalCase(root.name);
  if (root.kind === 'event') return root.data === undefined ? [] : [{ type: root.data, name: `${name}Data` }];
  if (root.kind !== 'command') return [];
  const uses: Use[] = [];
  if (root.arguments !== undefined) uses.push({ type: root.arguments, name: `${name}Arguments` });
  if (root.returns !== undefined) uses.push({ type: root.returns, name: `${name}Result` });
  return uses;
}

/** Drops references to types without members, which say no more than that there is nothing. */
function withoutEmptyTypes(schema: Schema): Schema {
  const empty = new Set(
    schema.definitions
      .filter((definition) => definition.kind === 'object')
      .filter((type) => type.members.length === 0 && type.tag === undefined && type.base === undefined)
      .map((type) => type.name),
  );
  const keep = (ref: TypeRef | undefined): boolean => ref !== undefined && !empty.has(ref);
  const definitions = schema.definitions.map((definition): Definition => {
    if (definition.kind === 'command') {
      const { arguments: args, returns, ...rest } = definition;
      return {
        ...rest,
        ...(args !== undefined && keep(args) ? { arguments: args } : {}),
        ...(returns !== undefined && keep(returns) ? { returns } : {}),
      };
    }
    if (definition.kind === 'event') {
      const { data, ...rest } = definition;
      return data !== undefined && keep(data) ? { ...rest, data } : rest;
    }
    if (definition.kind === 'object' && definition.branches !== undefined) {
      return { ...definition, branches: definition.branches.filter((branch) => keep(branch.type)) };
    }
    return definition;
  });
  return { modules: schema.modules, definitions };
}

/** The same schema with readable type names, and without types that nothing uses. */
export function withReadableNames(schema: Schema): Schema {
  const tidy = withoutEmptyTypes(schema);
  const names = new Namer(tidy).names();
  const used = (definition: Definition): boolean => {
    return definition.kind === 'command' || definition.kind === 'event' || names.has(definition.name);
  };
  const definitions = tidy.definitions.filter(used);
  const left = new Set(definitions.map((definition) => definition.name));
  const modules = tidy.modules.map(({ name, items }) => ({
    name,
    items: items.filter((item) => 'text' in item || left.has(item.definition)),
  }));
  return renameTypes({ modules, definitions }, names);
}
