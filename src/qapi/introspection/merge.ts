// One introspection out of two: what qmpd itself answers and what the QEMU behind it does. Both are read into one
// schema, in which their types keep apart by name, and that is introspected anew: so what nothing uses is gone, and
// numbers cannot collide.

import type { Command, Definition, Event, TypeDefinition } from '../schema.ts';
import { emptyTypeName } from '../schema.ts';
import { SchemaIndex } from '../schema-index.ts';
import { TypeExtender } from './extend-types.ts';
import { introspect } from './introspect.ts';
import type { SchemaInfo } from './schema-info.ts';
import { schemaOfIntrospection } from './schema-of-introspection.ts';

export interface MergeOptions {
  /**
   * Commands of both that `theirs` answers, while `own` knows further values of their arguments: theirs counts, with
   * what own adds to the arguments.
   */
  readonly extended?: ReadonlySet<string>;
}

type Root = Command | Event;

function isRoot(definition: Definition): definition is Root {
  return definition.kind === 'command' || definition.kind === 'event';
}

function isType(definition: Definition): definition is TypeDefinition {
  return !isRoot(definition);
}

/** A valid introspection with all of `own`, and of `theirs` what `own` does not have. */
export function mergeIntrospection(
  own: readonly SchemaInfo[],
  theirs: readonly SchemaInfo[],
  options: MergeOptions = {},
): SchemaInfo[] {
  const [ownSchema, theirSchema] = [
    schemaOfIntrospection(own, 'own:'),
    schemaOfIntrospection(theirs, 'theirs:'),
  ];
  const types = [...ownSchema.definitions, ...theirSchema.definitions].filter(isType);
  const extender = new TypeExtender(new SchemaIndex({ modules: [], definitions: types }));
  const ownRoots = new Map(ownSchema.definitions.filter(isRoot).map((root) => [root.name, root]));
  const theirRoots = theirSchema.definitions.filter(isRoot);
  const roots = new Map(ownRoots);
  for (const root of theirRoots) {
    const ours = ownRoots.get(root.name);
    if (ours === undefined) roots.set(root.name, root);
    else if (options.extended?.has(root.name)) roots.set(root.name, extended(extender, ours, root));
  }
  const definitions = [...roots.values(), ...types, ...extender.made];
  return introspect({ modules: [], definitions });
}

function extended(extender: TypeExtender, own: Root, theirs: Root): Root {
  if (own.kind !== 'command' || theirs.kind !== 'command') return theirs;
  const args = extender.extend(own.arguments ?? emptyTypeName, theirs.arguments ?? emptyTypeName);
  return { ...theirs, arguments: args };
}
