// Pragmas: settings inside a schema that hold for all of it (qapi-code-gen.rst, "Pragma directives").

import type { Expression } from './parser.ts';
import type { Location } from './source.ts';
import { SchemaError } from './source.ts';

export interface Pragmas {
  /** Every definition must have a documentation comment. */
  docRequired: boolean;
  /** Commands whose names may contain `_`. */
  commandNameExceptions: ReadonlySet<string>;
  /** Commands that may return something other than an object or a list of objects. */
  commandReturnsExceptions: ReadonlySet<string>;
  /** Definitions whose members need no documentation. */
  documentationExceptions: ReadonlySet<string>;
  /** Types whose member names may contain upper case letters and `_`. */
  memberNameExceptions: ReadonlySet<string>;
}

export function noPragmas(): Pragmas {
  return {
    docRequired: false,
    commandNameExceptions: new Set(),
    commandReturnsExceptions: new Set(),
    documentationExceptions: new Set(),
    memberNameExceptions: new Set(),
  };
}

const exceptionLists: ReadonlyMap<string, Exclude<keyof Pragmas, 'docRequired'>> = new Map([
  ['command-name-exceptions', 'commandNameExceptions'],
  ['command-returns-exceptions', 'commandReturnsExceptions'],
  ['documentation-exceptions', 'documentationExceptions'],
  ['member-name-exceptions', 'memberNameExceptions'],
] as const);

/** Records one setting. A list replaces the one that was set before. */
export function applyPragma(pragmas: Pragmas, name: string, value: Expression, location: Location): void {
  if (name === 'doc-required') {
    if (value.kind !== 'boolean')
      throw new SchemaError(location, "pragma 'doc-required' must be true or false");
    pragmas.docRequired = value.value;
    return;
  }
  const list = exceptionLists.get(name);
  if (list === undefined) throw new SchemaError(location, `unknown pragma '${name}'`);
  const names: string[] = [];
  for (const item of value.kind === 'list' ? value.items : []) {
    if (item.kind === 'string') names.push(item.value);
  }
  if (value.kind !== 'list' || names.length !== value.items.length) {
    throw new SchemaError(location, `pragma '${name}' must be a list of strings`);
  }
  pragmas[list] = new Set(names);
}
