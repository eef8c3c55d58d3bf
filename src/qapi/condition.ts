// Build-time conditions, the value of `if` (qapi-code-gen.rst, "Configuring the schema"): evaluated and printed here,
// read in definition-parts.ts.

import { LocalError } from '../util/local-error.ts';
import { builtinTypes, qtypeName } from './builtin-types.ts';
import type { Condition, Definition, Schema, TypeRef } from './schema.ts';

export function conditionHolds(condition: Condition | undefined, defined: ReadonlySet<string>): boolean {
  if (condition === undefined) return true;
  if (typeof condition === 'string') return defined.has(condition);
  if ('all' in condition) return condition.all.every((part) => conditionHolds(part, defined));
  if ('any' in condition) return condition.any.some((part) => conditionHolds(part, defined));
  return !conditionHolds(condition.not, defined);
}

/** In words: `CONFIG_A and not (CONFIG_B or CONFIG_C)`. */
export function conditionText(condition: Condition, nested = false): string {
  if (typeof condition === 'string') return condition;
  if ('not' in condition) return `not ${conditionText(condition.not, true)}`;
  const [parts, word] = 'all' in condition ? [condition.all, 'and'] : [condition.any, 'or'];
  const text = parts.map((part) => conditionText(part, true)).join(` ${word} `);
  return nested && parts.length > 1 ? `(${text})` : text;
}

type Conditional = { readonly if?: Condition };

/** A condition may leave out a type that something else still uses: the schema is wrong for these symbols. */
function checkReferences(schema: Schema): void {
  const left = new Set(schema.definitions.map((definition) => definition.name));
  for (const definition of schema.definitions) {
    for (const ref of referencesIn(definition)) {
      const name = ref.replaceAll(/[[\]]/g, '');
      if (left.has(name) || builtinTypes.has(name) || name === qtypeName) continue;
      const reason = `${definition.kind} '${definition.name}' uses type '${name}', whose condition does not hold`;
      throw new LocalError('ERR_QMPD_SCHEMA', reason);
    }
  }
}

function referencesIn(definition: Definition): readonly TypeRef[] {
  switch (definition.kind) {
    case 'enum':
      return [];
    case 'alternate':
      return definition.alternatives.map((alternative) => alternative.type);
    case 'command':
      return [definition.arguments, definition.returns].filter((ref) => ref !== undefined);
    case 'event':
      return definition.data === undefined ? [] : [definition.data];
    case 'object': {
      const parts = [...definition.members, ...(definition.branches ?? [])].map((part) => part.type);
      return definition.base === undefined ? parts : [definition.base, ...parts];
    }
  }
}

/**
 * The schema of one build: what has a condition that does not hold is gone, and no condition is left. Throws a
 * LocalError when something that is left needs a type that is gone.
 */
export function configureSchema(schema: Schema, defined: ReadonlySet<string>): Schema {
  const keep = <Item extends Conditional>(items: readonly Item[]): Item[] => {
    return items.filter((item) => conditionHolds(item.if, defined)).map((item) => strip(item));
  };
  const strip = <Item extends Conditional & { features?: readonly Conditional[] }>(item: Item): Item => {
    const { if: _, ...rest } = item;
    return (rest.features === undefined ? rest : { ...rest, features: keep(rest.features) }) as Item;
  };
  const definitions = keep(schema.definitions).map((definition): Definition => {
    switch (definition.kind) {
      case 'enum':
        return { ...definition, values: keep(definition.values) };
      case 'object': {
        const members = keep(definition.members);
        return definition.branches === undefined
          ? { ...definition, members }
          : { ...definition, members, branches: keep(definition.branches) };
      }
      case 'alternate':
        return { ...definition, alternatives: keep(definition.alternatives) };
      default:
        return definition;
    }
  });
  const left = new Set(definitions.map((definition) => definition.name));
  const modules = schema.modules.map(({ name, items }) => ({
    name,
    items: items.filter((item) => 'text' in item || left.has(item.definition)),
  }));
  const configured = { modules, definitions };
  checkReferences(configured);
  return configured;
}
