// Documentation comments: what a `##` block says about the definition after it, or about nothing in particular.
// The text inside stays as written; only its division into members, features and tagged sections is known here.
// Answers to qapi-code-gen.rst, "Documentation comments", as of QEMU 10.

import type { Doc, DocSection } from '../schema.ts';
import type { DocLine } from './lexer.ts';
import type { DocComment } from './parser.ts';
import type { SourceFile } from './source.ts';
import { SchemaError } from './source.ts';

type SectionTag = Exclude<DocSection['tag'], ''>;

/** A named description or a section, while its lines come in. */
export interface DocPart {
  readonly name: string;
  readonly line: number;
  text: string;
}

export interface DefinitionDoc {
  readonly kind: 'definition';
  readonly symbol: string;
  readonly file: SourceFile;
  readonly line: number;
  readonly overview: DocPart;
  readonly members: DocPart[];
  readonly features: DocPart[];
  /** `name` is the tag, '' for text without one. */
  readonly sections: DocPart[];
}

export interface FreeFormDoc {
  readonly kind: 'free-form';
  readonly file: SourceFile;
  readonly line: number;
  readonly text: string;
}

export type ParsedDoc = DefinitionDoc | FreeFormDoc;

const describedName = /^@([^:]*): */;
// A double colon begins a literal block of reStructuredText, not a section.
const sectionTag = /^(Returns|Errors|Since|TODO|Notes?|Examples?)(?!::): */;

/** What 10.x wants in place of sections that older schemas have. */
function refusedTagAdvice(tag: string): string | undefined {
  if (tag.startsWith('Note')) return "write '.. note::' and indent the text under it";
  if (tag.startsWith('Example')) return "write '.. qmp-example::' and indent the text under it";
  return undefined;
}

function isSectionTag(tag: string): tag is SectionTag {
  return tag === 'Returns' || tag === 'Errors' || tag === 'Since' || tag === 'TODO';
}

function indentOf(text: string): number {
  return text.length - text.trimStart().length;
}

class DefinitionDocParser {
  readonly #lines: readonly DocLine[];
  readonly #doc: DefinitionDoc;
  #index = 1;
  #membersAreOver = false;

  constructor(file: SourceFile, comment: DocComment, first: DocLine) {
    this.#lines = comment.lines;
    if (!first.text.endsWith(':')) {
      throw new SchemaError({ file, line: first.line }, "line that names the definition must end with ':'");
    }
    const symbol = first.text.slice(1, -1);
    if (symbol === '') throw new SchemaError({ file, line: first.line }, "name is missing after '@'");
    this.#doc = {
      kind: 'definition',
      symbol,
      file,
      line: comment.line,
      overview: { name: '', line: comment.line, text: '' },
      members: [],
      features: [],
      sections: [],
    };
  }

  parse(): DefinitionDoc {
    for (let line = this.#current(); line !== undefined; line = this.#current()) {
      const tag = sectionTag.exec(line.text);
      const described = describedName.exec(line.text);
      if (line.text === '') this.#index += 1;
      else if (line.text === 'Features:') this.#features(line);
      else if (described !== null) this.#members(line, described[1] ?? '');
      else if (tag !== null) this.#section(line, tag[1] ?? '', line.text.slice(tag[0].length));
      else if (line.text.startsWith('='))
        this.#fail(line.line, "heading ('=') is not allowed in definition documentation");
      else this.#paragraph(line);
    }
    this.#end();
    return this.#doc;
  }

  #fail(line: number, reason: string): never {
    throw new SchemaError({ file: this.#doc.file, line }, reason);
  }

  #current(): DocLine | undefined {
    return this.#lines[this.#index];
  }

  #features(heading: DocLine): void {
    if (this.#doc.features.length > 0) this.#fail(heading.line, "second 'Features:' line");
    this.#index += 1;
    while (this.#current()?.text === '') this.#index += 1;
    this.#descriptions(this.#doc.features, 'feature');
    if (this.#doc.features.length === 0) {
      this.#fail(
        this.#current()?.line ?? heading.line,
        "'Features:' must be followed by feature descriptions",
      );
    }
    this.#membersAreOver = true;
  }

  #members(line: DocLine, name: string): void {
    if (this.#membersAreOver) this.#fail(line.line, `description of '@${name}' comes after another section`);
    this.#descriptions(this.#doc.members, 'member');
    this.#membersAreOver = true;
  }

  /** A run of `@name: text`, each with indented lines after it. */
  #descriptions(into: DocPart[], what: string): void {
    for (let line = this.#current(); line !== undefined; line = this.#current()) {
      const match = describedName.exec(line.text);
      if (match === null) return;
      const name = match[1] ?? '';
      if (name === '') this.#fail(line.line, `${what} description lacks a name after '@'`);
      if (into.some((part) => part.name === name)) {
        this.#fail(line.line, `${what} '${name}' is documented twice`);
      }
      const part: DocPart = { name, line: line.line, text: line.text.slice(match[0].length) };
      into.push(part);
      this.#indented(part);
    }
  }

  #section(line: DocLine, tag: string, text: string): void {
    const advice = refusedTagAdvice(tag);
    if (advice !== undefined) this.#fail(line.line, `section '${tag}:' does not exist: ${advice}`);
    if (tag !== 'TODO' && this.#doc.sections.some((section) => section.name === tag)) {
      this.#fail(line.line, `second '${tag}:' section`);
    }
    const part: DocPart = { name: tag, line: line.line, text };
    this.#doc.sections.push(part);
    this.#indented(part);
    this.#membersAreOver = true;
  }

  /** Takes the lines after the first of a description: as long as they are indented, or blank between such. */
  #indented(part: DocPart): void {
    const texts = [part.text];
    this.#index += 1;
    let indent = 0;
    let afterBlank = false;
    for (let line = this.#current(); line !== undefined; line = this.#current()) {
      const lineIndent = indentOf(line.text);
      if (line.text !== '') {
        if (indent === 0) {
          if (lineIndent === 0) break;
          indent = lineIndent;
        } else if (lineIndent < indent) {
          if (lineIndent === 0 && (afterBlank || describedName.test(line.text))) break;
          this.#fail(line.line, `line is indented less than the ${indent} spaces of the lines before it`);
        }
      }
      afterBlank = line.text === '';
      texts.push(line.text.slice(indent));
      this.#index += 1;
    }
    part.text = trimBlankLines(texts);
  }

  #paragraph(first: DocLine): void {
    const texts: string[] = [];
    for (let line = this.#current(); line !== undefined && line.text !== ''; line = this.#current()) {
      if (texts.length > 0 && describedName.test(line.text)) break;
      texts.push(line.text);
      this.#index += 1;
    }
    const part = this.#untaggedPart(first.line);
    part.text = part.text === '' ? texts.join('\n') : `${part.text}\n\n${texts.join('\n')}`;
  }

  #untaggedPart(line: number): DocPart {
    const { overview, sections, members, features } = this.#doc;
    const last = sections.at(-1);
    if (last?.name === '') return last;
    if (last === undefined && members.length === 0 && features.length === 0) return overview;
    const part: DocPart = { name: '', line, text: '' };
    sections.push(part);
    return part;
  }

  #end(): void {
    const { members, features, sections } = this.#doc;
    for (const part of [...members, ...features]) {
      if (part.text === '') this.#fail(part.line, `text is missing after '@${part.name}:'`);
    }
    for (const part of sections) {
      if (part.text === '') this.#fail(part.line, `text is missing after '${part.name}:'`);
    }
  }
}

function trimBlankLines(lines: readonly string[]): string {
  return lines.join('\n').replace(/^\n+|\n+$/g, '');
}

function parseFreeForm(file: SourceFile, comment: DocComment): FreeFormDoc {
  comment.lines.forEach(({ text, line }, index) => {
    const name = describedName.exec(text);
    if (name !== null) {
      throw new SchemaError({ file, line }, `'@${name[1]}:' is not allowed in free-form documentation`);
    }
    if (text.startsWith('=') && index > 0) {
      throw new SchemaError({ file, line }, "heading ('=') must be the first line of its comment");
    }
  });
  const text = trimBlankLines(comment.lines.map((line) => line.text));
  return { kind: 'free-form', file, line: comment.line, text };
}

/** Divides a documentation comment into its parts. Throws a SchemaError. */
export function parseDocComment(file: SourceFile, comment: DocComment): ParsedDoc {
  const [first] = comment.lines;
  if (first?.text.startsWith('@')) return new DefinitionDocParser(file, comment, first).parse();
  return parseFreeForm(file, comment);
}

/** The documentation as the intermediate form has it. */
export function docOf(parsed: DefinitionDoc): Doc {
  const entry = ({ name, text }: DocPart): { name: string; text: string } => ({ name, text });
  return {
    overview: parsed.overview.text,
    members: parsed.members.map(entry),
    features: parsed.features.map(entry),
    sections: parsed.sections.map(({ name, text }) => ({ tag: isSectionTag(name) ? name : '', text })),
  };
}
