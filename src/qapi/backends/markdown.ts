// Back end: the reference documentation as Markdown, one page a module and an index, all names linked.

import { conditionText } from '../condition.ts';
import { headingOf } from '../language/headings.ts';
import type {
  Command,
  Definition,
  Event,
  Module,
  ModuleItem,
  ObjectType,
  Schema,
  TypeRef,
} from '../schema.ts';
import { SchemaIndex } from '../schema-index.ts';
import type { DocumentedPart } from './documented-part.ts';
import { markdownText } from './markdown-text.ts';
import { typeText } from './type-text.ts';

export interface MarkdownOptions {
  /** The index page's heading. */
  readonly title: string;
  /** What the index page says below it. */
  readonly introduction: string;
}

const indexName = 'README.md';

function kindOf(definition: Definition): string {
  if (definition.kind !== 'object') return definition.kind.charAt(0).toUpperCase() + definition.kind.slice(1);
  return definition.tag === undefined ? 'Struct' : 'Union';
}

/** As the usual renderers make it from the heading. */
function anchorOf(definition: Definition): string {
  return `${kindOf(definition)} ${definition.name}`
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}

function pageName(module: Module): string {
  return `${module.name.replaceAll('/', '-')}.md`;
}

function hasDefinitions(module: Module): boolean {
  return module.items.some((item) => 'definition' in item);
}

function isHeading(item: ModuleItem | undefined): boolean {
  return item !== undefined && 'text' in item && headingOf(item.text) !== undefined;
}

/** Free-form documentation without its heading. */
function freeText(text: string): string {
  return headingOf(text) === undefined ? text : text.split('\n').slice(1).join('\n').trim();
}

function titleOf(module: Module): string {
  for (const item of module.items) {
    const heading = 'text' in item ? headingOf(item.text) : undefined;
    if (heading !== undefined) return heading.title;
  }
  return module.name;
}

class Pages {
  readonly #index: SchemaIndex;
  readonly #links = new Map<string, string>();

  constructor(index: SchemaIndex) {
    this.#index = index;
    for (const module of index.schema.modules) {
      for (const item of module.items) {
        const definition = 'definition' in item ? index.definition(item.definition) : undefined;
        if (definition !== undefined) {
          this.#links.set(definition.name, `${pageName(module)}#${anchorOf(definition)}`);
        }
      }
    }
  }

  #link = (name: string): string => {
    const target = this.#links.get(name);
    return target === undefined ? `\`${name}\`` : `[\`${name}\`](${target})`;
  };

  #text(text: string): string {
    return markdownText(text, this.#link);
  }

  index(options: MarkdownOptions): string {
    const out = [`# ${options.title}`, options.introduction];
    for (const module of this.#index.schema.modules) {
      if (hasDefinitions(module)) {
        out.push(`## [${titleOf(module)}](${pageName(module)})`, ...this.#contents(module));
      } else {
        // Text of a file that only includes others is about the whole schema.
        for (const item of module.items) if ('text' in item) out.push(this.#text(freeText(item.text)));
      }
    }
    return `${out.filter((part) => part !== '').join('\n\n')}\n`;
  }

  /** The commands and events of a module, linked. */
  #contents(module: Module): string[] {
    const names = module.items.flatMap((item) => ('definition' in item ? [item.definition] : []));
    const line = (title: string, kind: Definition['kind']): string[] => {
      const links = names.filter((name) => this.#index.definition(name)?.kind === kind).map(this.#link);
      return links.length === 0 ? [] : [`${title}: ${links.join(', ')}`];
    };
    return [...line('Commands', 'command'), ...line('Events', 'event')];
  }

  modules(): [string, string][] {
    const documented = this.#index.schema.modules.filter(hasDefinitions);
    return documented.map((module) => [pageName(module), this.#page(module)]);
  }

  #page(module: Module): string {
    const [first, ...rest] = module.items;
    const body: string[] = [];
    // The text that a module begins with is the page's own; later headings are inside it.
    const opening = first !== undefined && 'text' in first ? freeText(first.text) : '';
    for (const item of opening === '' && !isHeading(first) ? module.items : rest) {
      const definition = 'definition' in item ? this.#index.definition(item.definition) : undefined;
      if (definition !== undefined) body.push(...this.#definition(definition));
      else if ('text' in item) body.push(...this.#section(item.text));
    }
    const head = [`[All modules](${indexName})`, `# ${titleOf(module)}`, this.#text(opening)];
    const parts = [...head, ...this.#contents(module), ...body];
    return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
  }

  #section(text: string): string[] {
    const heading = headingOf(text);
    return [...(heading === undefined ? [] : [`## ${heading.title}`]), this.#text(freeText(text))];
  }

  #definition(definition: Definition): string[] {
    const out = [`## ${kindOf(definition)} \`${definition.name}\``];
    const notes = this.#notes(definition);
    if (notes !== '') out.push(notes);
    if (definition.doc !== undefined && definition.doc.overview !== '')
      out.push(this.#text(definition.doc.overview));
    switch (definition.kind) {
      case 'command':
        out.push(
          ...this.#arguments('Arguments', definition, definition.arguments),
          ...this.#returns(definition),
        );
        break;
      case 'event':
        out.push(...this.#arguments('Data', definition, definition.data));
        break;
      case 'enum':
        out.push(...this.#table('Value', definition, definition.values));
        break;
      case 'alternate':
        out.push(...this.#table('Alternative', definition, definition.alternatives));
        break;
      case 'object':
        out.push(...this.#members('Member', definition, definition));
        break;
    }
    return [...out, ...this.#sections(definition)];
  }

  #notes(definition: Definition): string {
    const notes: string[] = [];
    if (definition.kind === 'command') {
      if (definition.allowOob) notes.push('*can run out of band*');
      if (definition.allowPreconfig) notes.push('*legal before the machine is created*');
    }
    for (const feature of definition.features ?? []) {
      if (feature.name === 'deprecated' || feature.name === 'unstable') notes.push(`**${feature.name}**`);
    }
    if (definition.if !== undefined) notes.push(`*only where ${conditionText(definition.if)}*`);
    return notes.join(', ');
  }

  #arguments(title: string, definition: Command | Event, ref: TypeRef | undefined): string[] {
    if (ref === undefined) return [];
    const type = this.#index.object(ref);
    if (!type.implicit) return [`${title}: the members of ${this.#link(type.name)}`];
    return this.#table(title === 'Data' ? 'Member' : 'Argument', definition, type.members);
  }

  #returns(command: Command): string[] {
    if (command.returns === undefined) return [];
    const text = command.doc?.sections.find((section) => section.tag === 'Returns')?.text ?? '';
    const type = typeText(command.returns, this.#link);
    return [`**Returns** ${type}${text === '' ? '' : `: ${this.#text(text)}`}`];
  }

  #members(title: string, described: Definition, type: ObjectType): string[] {
    const out: string[] = [];
    const base = type.base === undefined ? undefined : this.#index.object(type.base);
    const inherited = base?.implicit ? base.members : [];
    const table = this.#table(title, described, [...inherited, ...type.members]);
    if (base !== undefined && !base.implicit) {
      out.push(`All members of ${this.#link(base.name)}${table.length === 0 ? '.' : ', and:'}`);
    }
    out.push(...table);
    const branches = (type.branches ?? []).map(
      (branch) => `- \`${branch.name}\`: ${this.#link(branch.type)}`,
    );
    if (branches.length > 0) out.push(`By \`${type.tag}\`, also the members of:`, branches.join('\n'));
    return out;
  }

  #table(title: string, described: Definition, parts: readonly DocumentedPart[]): string[] {
    if (parts.length === 0) return [];
    const typed = parts.some((part) => part.type !== undefined);
    const head = typed ? `| ${title} | Type | |\n|---|---|---|` : `| ${title} | |\n|---|---|`;
    const rows = parts.map((part) => {
      const type = part.type === undefined ? '' : ` ${typeText(part.type, this.#link)} |`;
      return `| \`${part.name}\` |${type} ${this.#cell(described, part)} |`;
    });
    return [[head, ...rows].join('\n')];
  }

  /** All that is said of a part, on one line. */
  #cell(described: Definition, part: DocumentedPart): string {
    const notes: string[] = part.optional ? ['*optional*'] : [];
    for (const feature of part.features ?? []) notes.push(`**${feature.name}**`);
    if (part.if !== undefined) notes.push(`*only where ${conditionText(part.if)}*`);
    const text = described.doc?.members.find((entry) => entry.name === part.name)?.text ?? '';
    const lead = notes.length === 0 ? '' : `${notes.join(', ')}${text === '' ? '' : ': '}`;
    return (lead + tableCell(this.#text(text))).replaceAll('|', '\\|');
  }

  #sections(definition: Definition): string[] {
    const { doc } = definition;
    if (doc === undefined) return [];
    const features = doc.features.map(
      (feature) => `- \`${feature.name}\`: ${tableCell(this.#text(feature.text))}`,
    );
    const out = features.length === 0 ? [] : [`Features:\n\n${features.join('\n')}`];
    for (const { tag, text } of doc.sections) {
      if (tag === '') out.push(this.#text(text));
      else if (tag === 'Errors') out.push('**Errors**', this.#text(text));
      else if (tag === 'Since') out.push(`**Since** ${this.#text(text)}`);
    }
    return out;
  }
}

/** Paragraphs and lists cannot stand in a table: they are separated by line breaks. */
function tableCell(text: string): string {
  return text
    .replaceAll(/\n\n+/g, '<br>')
    .replaceAll(/\n(?=[-*] |\d+\. )/g, '<br>')
    .replaceAll(/\s*\n\s*/g, ' ');
}

/** The pages by file name; links lead from one to the other in one folder. */
export function markdownPages(schema: Schema, options: MarkdownOptions): ReadonlyMap<string, string> {
  const pages = new Pages(new SchemaIndex(schema));
  return new Map([[indexName, pages.index(options)], ...pages.modules()]);
}
