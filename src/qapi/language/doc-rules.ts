// A definition's documentation must describe each member and feature, and nothing else
// (qapi-code-gen.rst, "Definition documentation").

import type { Definition, Feature, Member, TypeDefinition, TypeRef } from '../schema.ts';
import type { DefinitionContext } from './definition-parts.ts';
import type { DefinitionDoc, DocPart } from './doc-comment.ts';

interface Types {
  type(name: string): TypeDefinition | undefined;
}

interface DocumentedPart {
  readonly name: string;
  readonly features?: readonly Feature[];
}

interface Documented {
  readonly role: string;
  readonly parts: readonly DocumentedPart[];
}

function implicitMembers(types: Types, ref: TypeRef | undefined): readonly Member[] {
  const type = ref === undefined ? undefined : types.type(ref);
  return type?.kind === 'object' && type.implicit ? type.members : [];
}

/** What a definition's comment describes with `@name:` lines. Members of a named base are described there. */
export function documentedParts(types: Types, definition: Definition): Documented {
  switch (definition.kind) {
    case 'enum':
      return { role: 'value', parts: definition.values };
    case 'object':
      return {
        role: 'member',
        parts: [...implicitMembers(types, definition.base), ...definition.members],
      };
    case 'alternate':
      return { role: 'alternative', parts: definition.alternatives };
    case 'command':
      return { role: 'argument', parts: implicitMembers(types, definition.arguments) };
    case 'event':
      return { role: 'argument', parts: implicitMembers(types, definition.data) };
  }
}

function checkDescriptions(
  context: DefinitionContext,
  role: string,
  parts: readonly { readonly name: string }[],
  described: readonly DocPart[],
  optional: boolean,
): void {
  const names = new Set(described.map((part) => part.name));
  for (const part of parts) {
    if (optional || names.has(part.name)) continue;
    context.docFault(part, `${role} '${part.name}' is not documented`);
  }
  const known = new Set(parts.map((part) => part.name));
  for (const part of described) {
    if (known.has(part.name)) continue;
    context.docFault(part.line, `documented ${role} '${part.name}' does not exist`);
  }
}

export function checkDoc(
  context: DefinitionContext,
  types: Types,
  definition: Definition,
  doc: DefinitionDoc,
): void {
  for (const section of doc.sections) {
    if (section.name !== 'Returns' && section.name !== 'Errors') continue;
    if (definition.kind !== 'command') {
      context.docFault(section.line, `section '${section.name}:' is only for commands`);
    } else if (section.name === 'Returns' && definition.returns === undefined) {
      context.docFault(section.line, "section 'Returns:' does not fit a command that returns nothing");
    }
  }
  const { role, parts } = documentedParts(types, definition);
  const excepted = context.pragmas.documentationExceptions.has(definition.name);
  checkDescriptions(context, role, parts, doc.members, excepted);
  // The features of members are described together with those of the definition.
  const features = [definition, ...parts].flatMap(
    (part: Pick<DocumentedPart, 'features'>) => part.features ?? [],
  );
  checkDescriptions(context, 'feature', features, doc.features, false);
}
