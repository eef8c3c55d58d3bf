// Documentation comments: what a `##` block says about the definition after it, or about nothing in particular.
// The text inside stays as written; only its division into members, features and tagged sections is known here.
// Answers to qapi-code-gen.rst, "Documentation comments", as of QEMU 10. A comment that breaks its rules is told as a
// fault. Whoever lets that pass gets the comment all the same, as far as it makes sense: those of QEMU 7.2 have
// sections that became directives, and sections without indentation.

import type { Doc, DocSection } from '../schema.ts';
import type { DocLine } from './lexer.ts';
import type { DocComment } from './parser.ts';
import type { DocFaults, SourceFile } from './source.ts';
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
  /** One, or one for each heading where a comment has several. */
  readonly texts: readonly string[];
}

export type ParsedDoc = DefinitionDoc | FreeFormDoc;

const describedName = /^@([^:]*): */;
// A double colon begins a literal block of reStructuredText, not a section.
const sectionTag = /^(Returns|Errors|Since|TODO|Notes?|Examples?)(?!::): */;

/** How far the text under a directive is indented. */
const directiveIndent = '   ';

/** What 10.x wants in place of sections that older schemas have. */
function directiveInPlaceOf(tag: string): string | undefined {
  if (tag.startsWith('Note')) return '.. note::';
  if (tag.startsWith('Example')) return '.. qmp-example::';
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
  readonly #docFaults: DocFaults;
  #index = 1;
  #membersAreOver = false;

  constructor(file: SourceFile, comment: DocComment, symbol: string, docFaults: DocFaults) {
    this.#lines = comment.lines;
    this.#docFaults = docFaults;
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
      else this.#paragraph(line);
    }
    this.#end();
    return this.#doc;
  }

  #fault(line: number, reason: string): void {
    this.#docFaults(new SchemaError({ file: this.#doc.file, line }, reason));
  }

  #current(): DocLine | undefined {
    return this.#lines[this.#index];
  }

  #features(heading: DocLine): void {
    const before = this.#doc.features.length;
    if (before > 0) this.#fault(heading.line, "second 'Features:' line");
    this.#index += 1;
    while (this.#current()?.text === '') this.#index += 1;
    this.#descriptions(this.#doc.features, 'feature');
    if (this.#doc.features.length === before) {
      this.#fault(
        this.#current()?.line ?? heading.line,
        "'Features:' must be followed by feature descriptions",
      );
    }
    this.#membersAreOver = true;
  }

  #members(line: DocLine, name: string): void {
    if (this.#membersAreOver) this.#fault(line.line, `description of '@${name}' comes after another section`);
    this.#descriptions(this.#doc.members, 'member');
    this.#membersAreOver = true;
  }

  /** A run of `@name: text`, each with indented lines after it. */
  #descriptions(into: DocPart[], what: string): void {
    for (let line = this.#current(); line !== undefined; line = this.#current()) {
      const match = describedName.exec(line.text);
      if (match === null) return;
      const name = match[1] ?? '';
      const part: DocPart = { name, line: line.line, text: line.text.slice(match[0].length) };
      if (name === '') this.#fault(line.line, `${what} description lacks a name after '@'`);
      else if (into.some((other) => other.name === name)) {
        this.#fault(line.line, `${what} '${name}' is documented twice`);
      } else into.push(part);
      this.#indented(part);
      if (part.text === '') this.#notIndented(part);
    }
  }

  #section(line: DocLine, tag: string, text: string): void {
    const directive = directiveInPlaceOf(tag);
    const part: DocPart = { name: tag, line: line.line, text };
    if (directive !== undefined) {
      this.#olderSection(part, directive);
      return;
    }
    const first = this.#doc.sections.find((section) => section.name === tag);
    this.#indented(part);
    this.#membersAreOver = true;
    if (tag === 'TODO' || first === undefined) {
      this.#doc.sections.push(part);
      return;
    }
    this.#fault(line.line, `second '${tag}:' section`);
    addParagraph(first, part.text);
  }

  /** Such a section need not be indented: it goes on up to the next one. */
  #olderSection(part: DocPart, directive: string): void {
    this.#fault(
      part.line,
      `section '${part.name}:' does not exist: write '${directive}' and indent the text under it`,
    );
    const texts: string[] = [];
    this.#index += 1;
    for (let line = this.#current(); line !== undefined; line = this.#current()) {
      if (line.text === 'Features:' || describedName.test(line.text) || sectionTag.test(line.text)) break;
      texts.push(line.text);
      this.#index += 1;
    }
    // The text after the tag starts in the same column as the lines below it.
    const rest = indented(trimBlankLines(texts).split('\n'), directiveIndent);
    const first = part.text === '' ? '' : `${directiveIndent}${part.text.trimStart()}\n`;
    const gap = part.text !== '' && texts[0] === '' ? '\n' : '';
    addParagraph(this.#untaggedPart(part.line), `${directive}\n\n${first}${gap}${rest}`.trimEnd());
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
          this.#fault(line.line, `line is indented less than the ${indent} spaces of the lines before it`);
          if (lineIndent === 0 && sectionTag.test(line.text)) break;
        }
      }
      afterBlank = line.text === '';
      texts.push(line.text.slice(Math.min(indent, lineIndent)));
      this.#index += 1;
    }
    part.text = trimBlankLines(texts);
  }

  /** What stands under a bare `@name:` without being indented. */
  #notIndented(part: DocPart): void {
    this.#fault(part.line, `text is missing after '@${part.name}:'`);
    const texts: string[] = [];
    for (let line = this.#current(); line !== undefined && line.text !== ''; line = this.#current()) {
      if (line.text === 'Features:' || describedName.test(line.text) || sectionTag.test(line.text)) break;
      texts.push(line.text);
      this.#index += 1;
    }
    part.text = texts.join('\n');
  }

  #paragraph(first: DocLine): void {
    if (first.text.startsWith('=')) {
      this.#fault(first.line, "heading ('=') is not allowed in definition documentation");
    }
    const texts: string[] = [];
    for (let line = this.#current(); line !== undefined && line.text !== ''; line = this.#current()) {
      if (texts.length > 0 && describedName.test(line.text)) break;
      texts.push(line.text);
      this.#index += 1;
    }
    addParagraph(this.#untaggedPart(first.line), texts.join('\n'));
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
    for (const part of this.#doc.sections) {
      if (part.text === '') this.#fault(part.line, `text is missing after '${part.name}:'`);
    }
  }
}

function addParagraph(part: DocPart, text: string): void {
  part.text = part.text === '' ? text : `${part.text}\n\n${text}`;
}

/** The lines with an indentation of `by` in place of the one that they have in common. */
function indented(lines: readonly string[], by: string): string {
  const common = Math.min(...lines.filter((line) => line !== '').map(indentOf));
  return lines.map((line) => (line === '' ? '' : by + line.slice(common))).join('\n');
}

function trimBlankLines(lines: readonly string[]): string {
  return lines.join('\n').replace(/^\n+|\n+$/g, '');
}

function parseFreeForm(file: SourceFile, comment: DocComment, docFaults: DocFaults): FreeFormDoc {
  comment.lines.forEach(({ text, line }, index) => {
    const name = describedName.exec(text);
    if (name !== null) {
      docFaults(new SchemaError({ file, line }, `'@${name[1]}:' is not allowed in free-form documentation`));
    }
    if (text.startsWith('=') && index > 0) {
      docFaults(new SchemaError({ file, line }, "heading ('=') must be the first line of its comment"));
    }
  });
  const texts: string[][] = [[]];
  for (const { text } of comment.lines) {
    if (text.startsWith('=') && texts.at(-1)?.some((line) => line !== '')) texts.push([]);
    texts.at(-1)?.push(text);
  }
  return { kind: 'free-form', file, line: comment.line, texts: texts.map(trimBlankLines) };
}

/** The definition that a comment's first line names: none in free text, and in `@NAME` with a fault. */
function symbolIn(first: DocLine): { symbol: string } | { fault: string } {
  if (!first.text.endsWith(':')) return { fault: "line that names the definition must end with ':'" };
  const symbol = first.text.slice(1, -1);
  return symbol === '' ? { fault: "name is missing after '@'" } : { symbol };
}

/** Divides a documentation comment into its parts. */
export function parseDocComment(file: SourceFile, comment: DocComment, docFaults: DocFaults): ParsedDoc {
  const [first] = comment.lines;
  if (first?.text.startsWith('@')) {
    const named = symbolIn(first);
    if ('symbol' in named) return new DefinitionDocParser(file, comment, named.symbol, docFaults).parse();
    docFaults(new SchemaError({ file, line: first.line }, named.fault));
  }
  return parseFreeForm(file, comment, docFaults);
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
