// Compiles schema files into the intermediate form: load, read each definition, resolve. The first fault ends it, but
// for one in a documentation comment when the caller wants to hear of those.

import type { Module, Schema } from '../schema.ts';
import type { CheckedDefinition } from './definition.ts';
import { readDefinition } from './definition.ts';
import { checkHeadings } from './headings.ts';
import type { RawDefinition, RawModuleItem, ReadFile } from './load.ts';
import { loadSchema } from './load.ts';
import { Resolver } from './resolve.ts';
import type { DocFaults } from './source.ts';
import { throwFault } from './source.ts';

function isDefinition(item: RawModuleItem): item is RawDefinition {
  return 'expression' in item;
}

/**
 * Compiles the schema whose root file is `path`. All reading goes through `readFile`, whose paths are those of the
 * include directives joined to the including file's folder. Throws a SchemaError at the first fault. `docFaults` hears
 * of faults in documentation comments, in no particular order; unless it throws them, the schema is compiled.
 */
export function compileSchema(path: string, readFile: ReadFile, docFaults: DocFaults = throwFault): Schema {
  const loaded = loadSchema(path, readFile, docFaults);
  const checked = new Map<RawDefinition, CheckedDefinition>();
  for (const item of loaded.items) {
    if (isDefinition(item)) checked.set(item, readDefinition(item, loaded.pragmas, docFaults));
  }
  const resolver = new Resolver();
  for (const definition of checked.values()) resolver.define(definition);
  resolver.checkAll();
  checkHeadings(loaded.items, docFaults);
  const modules = loaded.modules.map(({ name, items }): Module => {
    return {
      name,
      items: items.map((item) => {
        const definition = isDefinition(item) ? checked.get(item) : undefined;
        if (definition !== undefined) return { definition: definition.definition.name };
        return { text: 'text' in item ? item.text : '' };
      }),
    };
  });
  // Module by module: what a file includes further down comes after all of its own, as QEMU's generator visits them.
  const definitions = loaded.modules.flatMap(({ items }) =>
    items.flatMap((item) => {
      const done = isDefinition(item) ? checked.get(item) : undefined;
      if (done === undefined) return [];
      return done.implicit === undefined ? [done.definition] : [done.implicit, done.definition];
    }),
  );
  return { modules, definitions };
}
