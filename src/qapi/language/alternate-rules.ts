// An alternate's value says by its JSON type alone which alternative it is; here is checked that it can
// (qapi-code-gen.rst, "Alternate types").

import type { AlternateType, Branch, TypeDefinition, TypeRef } from '../schema.ts';
import type { WireKind } from '../wire-kind.ts';
import { wireKindOf } from '../wire-kind.ts';
import type { DefinitionContext } from './definition-parts.ts';

interface Types {
  type(name: string): TypeDefinition | undefined;
  describe(ref: TypeRef): string;
}

/**
 * The kinds that an alternative takes for itself. Where a value may come from a command line, everything is a
 * string: text that could be a number or a boolean must then not be ambiguous.
 */
function takenKinds(types: Types, alternative: Branch, kind: WireKind): readonly WireKind[] {
  if (kind !== 'string') return [kind];
  const type = types.type(alternative.type);
  if (type?.kind !== 'enum') return ['string', 'number', 'bool'];
  const taken: WireKind[] = ['string'];
  if (type.values.some((value) => value.name === 'on' || value.name === 'off')) taken.push('bool');
  if (type.values.some((value) => /^[-+0-9.]/.test(value.name))) taken.push('number');
  return taken;
}

export function checkAlternate(context: DefinitionContext, types: Types, alternate: AlternateType): void {
  const takenBy = new Map<WireKind, string>();
  for (const alternative of alternate.alternatives) {
    const kind = wireKindOf(types, alternative.type);
    if (kind === undefined) {
      context.fail(
        alternative,
        `alternative '${alternative.name}' cannot be ${types.describe(alternative.type)}`,
      );
    } else {
      const taken = takenKinds(types, alternative, kind);
      for (const each of taken) {
        const other = takenBy.get(each);
        if (other !== undefined) {
          context.fail(alternative, `alternative '${alternative.name}' cannot be told apart from '${other}'`);
        }
      }
      for (const each of taken) takenBy.set(each, alternative.name);
    }
  }
}
