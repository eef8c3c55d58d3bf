// What types are called in text for people.

import type { TypeRef } from '../schema.ts';
import { elementTypeOf } from '../schema-index.ts';

const builtinWords: ReadonlyMap<string, string> = new Map([
  ['str', 'string'],
  ['int', 'integer'],
  ['bool', 'boolean'],
  ['any', 'any value'],
  ['size', 'size in bytes'],
]);

/** `string`, `integer`, `list of BlockInfo`; names of defined types are given through `named`. */
export function typeText(ref: TypeRef, named: (name: string) => string = (name) => name): string {
  const element = elementTypeOf(ref);
  if (element !== undefined) return `list of ${typeText(element, named)}`;
  return builtinWords.get(ref) ?? named(ref);
}
