// Replaces the names of types throughout a schema.

import type { Definition, Schema, TypeRef } from './schema.ts';
import { arrayOf, elementTypeOf } from './schema-index.ts';

/** Names that are not in the map stay. The caller sees to it that no two types end up with one name. */
export function renameTypes(schema: Schema, names: ReadonlyMap<string, string>): Schema {
  const renamed = (ref: TypeRef): TypeRef => {
    const element = elementTypeOf(ref);
    return element === undefined ? (names.get(ref) ?? ref) : arrayOf(renamed(element));
  };
  const retyped = <Part extends { readonly type: TypeRef }>(parts: readonly Part[]): Part[] => {
    return parts.map((part) => ({ ...part, type: renamed(part.type) }));
  };
  const definitions = schema.definitions.map((definition): Definition => {
    switch (definition.kind) {
      case 'enum':
        return { ...definition, name: renamed(definition.name) };
      case 'alternate':
        return {
          ...definition,
          name: renamed(definition.name),
          alternatives: retyped(definition.alternatives),
        };
      case 'object':
        return {
          ...definition,
          name: renamed(definition.name),
          members: retyped(definition.members),
          ...(definition.base === undefined ? {} : { base: renamed(definition.base) }),
          ...(definition.branches === undefined ? {} : { branches: retyped(definition.branches) }),
        };
      case 'command':
        return {
          ...definition,
          ...(definition.arguments === undefined ? {} : { arguments: renamed(definition.arguments) }),
          ...(definition.returns === undefined ? {} : { returns: renamed(definition.returns) }),
        };
      case 'event':
        return definition.data === undefined ? definition : { ...definition, data: renamed(definition.data) };
    }
    return definition;
  });
  const modules = schema.modules.map(({ name, items }) => ({
    name,
    items: items.map((item) => ('text' in item ? item : { definition: renamed(item.definition) })),
  }));
  return { modules, definitions };
}
