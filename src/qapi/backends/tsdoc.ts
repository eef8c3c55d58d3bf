// Documentation comments as TSDoc, so that editors show them and strike out what is deprecated.

import { conditionText } from '../condition.ts';
import type { Condition, Definition, DocSection, Feature } from '../schema.ts';
import { tagged, withoutDirectives } from './plain-text.ts';

/** References (`@name`) would be taken for TSDoc tags: they become code. */
function plainText(text: string): string {
  return withoutDirectives(text)
    .replaceAll(/(^|[^\w`@])@([A-Za-z_][\w.-]*[\w]|[A-Za-z])/g, '$1`$2`')
    .replaceAll('@', '\\@');
}

interface Marked {
  readonly if?: Condition;
  readonly features?: readonly Feature[];
}

/** What is said of a part of a definition: a member, or a value. */
export function partComment(definition: Definition, part: Marked & { readonly name: string }): string {
  const text = definition.doc?.members.find((entry) => entry.name === part.name)?.text ?? '';
  return joined([plainText(text), ...marks(definition, part)]);
}

function marks(definition: Definition, marked: Marked): string[] {
  const texts: string[] = [];
  if (marked.if !== undefined) texts.push(`Only where ${conditionText(marked.if)}.`);
  for (const { name } of marked.features ?? []) {
    const text = definition.doc?.features.find((entry) => entry.name === name)?.text ?? '';
    if (name === 'deprecated') texts.push(`@deprecated ${plainText(text)}`.trimEnd());
    else if (name === 'unstable') texts.push(`@experimental ${plainText(text)}`.trimEnd());
    else texts.push(`Feature \`${name}\`${text === '' ? '' : `: ${plainText(text)}`}`);
  }
  return texts;
}

function sectionText({ tag, text }: DocSection): string {
  switch (tag) {
    case 'TODO':
      return '';
    case 'Returns':
      return `@returns ${plainText(text)}`;
    case '':
      return plainText(text);
    default:
      return tagged(tag, plainText(text));
  }
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n');
}

/** What is said of a definition as a whole. */
export function definitionComment(definition: Definition): string {
  const { doc } = definition;
  const sections = doc?.sections ?? [];
  // Block tags end the running text, so they come last.
  const plain = sections.filter((section) => section.tag !== 'Returns').map(sectionText);
  const tags = sections.filter((section) => section.tag === 'Returns').map(sectionText);
  return joined([plainText(doc?.overview ?? ''), ...plain, ...marks(definition, definition), ...tags]);
}

/** Values of an enumeration have no comments of their own in a union of literals: they are listed. */
export function valueList(
  definition: Definition,
  values: readonly (Marked & { readonly name: string })[],
): string {
  const described = values.flatMap((value) => {
    const text = partComment(definition, value)
      .replaceAll(/\s*\n\s*/g, ' ')
      .replaceAll(/@(deprecated|experimental)/g, '($1)');
    return text === '' ? [] : [`- \`${value.name}\`: ${text}`];
  });
  return described.join('\n');
}
