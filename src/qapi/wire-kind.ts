// What a value on the wire tells of its type by itself: by this an alternate's value is told apart.

import { builtinTypes } from './builtin-types.ts';
import type { TypeDefinition, TypeRef } from './schema.ts';
import { elementTypeOf } from './schema-index.ts';

/** What the parser of a wire value can tell apart. */
export type WireKind = 'null' | 'bool' | 'number' | 'string' | 'object' | 'array';

interface Types {
  type(name: string): TypeDefinition | undefined;
}

/** How values of a type look on the wire; undefined for types that have no one look (any, alternates). */
export function wireKindOf(types: Types, ref: TypeRef): WireKind | undefined {
  if (elementTypeOf(ref) !== undefined) return 'array';
  switch (builtinTypes.get(ref)) {
    case 'string':
      return 'string';
    case 'int':
    case 'number':
      return 'number';
    case 'boolean':
      return 'bool';
    case 'null':
      return 'null';
    case undefined:
      break;
    default:
      return undefined;
  }
  const kind = types.type(ref)?.kind;
  return kind === 'enum' ? 'string' : kind === 'object' ? 'object' : undefined;
}
