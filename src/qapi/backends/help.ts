// Back end: plain text about one command, event or type, for a terminal: `help query-status` in the shell.

import { conditionText } from '../condition.ts';
import type { Definition, DocSection, Member, TypeRef } from '../schema.ts';
import { elementTypeOf, type SchemaIndex } from '../schema-index.ts';
import type { DocumentedPart } from './documented-part.ts';
import { tagged, withoutDirectives } from './plain-text.ts';
import { typeText } from './type-text.ts';

const indentStep = '  ';

/** Names lose their `@`, which only means something inside a schema. */
function plain(text: string): string {
  return withoutDirectives(text).replaceAll(/(^|[^\w@])@([A-Za-z_])/g, '$1$2');
}

function indented(text: string, indent: string): string[] {
  return plain(text)
    .split('\n')
    .map((line) => `${indent}${line}`.trimEnd());
}

class HelpWriter {
  readonly #index: SchemaIndex;
  readonly #lines: string[] = [];

  constructor(index: SchemaIndex) {
    this.#index = index;
  }

  text(definition: Definition): string {
    this.#heading(definition);
    this.#paragraph(definition.doc?.overview ?? '');
    this.#body(definition);
    for (const feature of definition.features ?? []) {
      const text = definition.doc?.features.find((entry) => entry.name === feature.name)?.text ?? '';
      this.#paragraph(`Feature ${feature.name}${text === '' ? '' : `: ${text}`}`);
    }
    for (const section of definition.doc?.sections ?? []) this.#section(section);
    return `${this.#lines.join('\n').trimEnd()}\n`;
  }

  #heading(definition: Definition): void {
    const notes: string[] = [];
    if (definition.kind === 'command' && definition.allowOob) notes.push('can run out of band');
    if (definition.kind === 'command' && definition.allowPreconfig) notes.push('legal without a machine');
    if (definition.if !== undefined) notes.push(`only where ${conditionText(definition.if)}`);
    const kind =
      definition.kind === 'object' ? (definition.tag === undefined ? 'struct' : 'union') : definition.kind;
    this.#lines.push(`${kind} ${definition.name}${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`, '');
  }

  #paragraph(text: string): void {
    if (text !== '') this.#lines.push(...indented(text, indentStep), '');
  }

  /** What is returned is told with its type. */
  #section({ tag, text }: DocSection): void {
    if (tag === 'TODO' || tag === 'Returns') return;
    this.#paragraph(tag === '' ? text : tagged(tag, text));
  }

  #body(definition: Definition): void {
    switch (definition.kind) {
      case 'command':
        this.#objectMembers('Arguments', definition, definition.arguments);
        if (definition.returns !== undefined) this.#returns(definition, definition.returns);
        break;
      case 'event':
        this.#objectMembers('Data', definition, definition.data);
        break;
      case 'object':
        this.#objectMembers('Members', definition, definition.name);
        break;
      case 'enum':
        this.#parts('Values', definition, definition.values);
        break;
      case 'alternate':
        this.#parts('One of', definition, definition.alternatives);
        break;
    }
  }

  #returns(command: Definition, ref: TypeRef): void {
    const text = command.doc?.sections.find((section) => section.tag === 'Returns')?.text ?? '';
    const [first = '', ...rest] = indented(text, '');
    this.#lines.push(`Returns ${typeText(ref)}${first === '' ? '' : `: ${first}`}`, ...rest);
    const type = this.#index.type(elementTypeOf(ref) ?? ref);
    if (type?.kind === 'object') this.#objectMembers('', type, type.name);
    else this.#lines.push('');
  }

  #objectMembers(title: string, described: Definition, ref: TypeRef | undefined): void {
    if (ref === undefined) return;
    const type = this.#index.object(ref);
    // Members of an implicit type are described with the command or event; others with their type.
    this.#parts(title, type.implicit ? described : type, this.#index.membersOf(type));
    for (const branch of this.#index.branchesOf(type)) {
      const members = this.#allMembers(branch.type);
      if (members.length === 0) continue;
      this.#parts(`With ${type.tag} '${branch.name}'`, this.#index.object(branch.type), members);
    }
  }

  #allMembers(name: string): readonly Member[] {
    return this.#index.membersOf(this.#index.object(name));
  }

  #parts(title: string, described: Definition, parts: readonly DocumentedPart[]): void {
    if (parts.length === 0) return;
    if (title !== '') this.#lines.push(`${title}:`);
    for (const part of parts) this.#part(this.#describing(described, part.name), part);
    this.#lines.push('');
  }

  /** The base of a type describes the members that come from there. */
  #describing(definition: Definition, member: string): Definition {
    const known = definition.doc?.members.some((entry) => entry.name === member) ?? false;
    if (known || definition.kind !== 'object' || definition.base === undefined) return definition;
    return this.#describing(this.#index.object(definition.base), member);
  }

  #part(described: Definition, part: DocumentedPart): void {
    const notes: string[] = [];
    if (part.type !== undefined) notes.push(typeText(part.type));
    if (part.optional) notes.push('optional');
    for (const feature of part.features ?? []) notes.push(feature.name);
    if (part.if !== undefined) notes.push(`only where ${conditionText(part.if)}`);
    this.#lines.push(`${indentStep}${part.name}${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`);
    const text = described.doc?.members.find((entry) => entry.name === part.name)?.text ?? '';
    if (text !== '') this.#lines.push(...indented(text, indentStep.repeat(3)));
  }
}

/** Help about the definition of that name; undefined when there is none. */
export function helpText(index: SchemaIndex, name: string): string | undefined {
  const definition = index.definition(name);
  return definition === undefined ? undefined : new HelpWriter(index).text(definition);
}
