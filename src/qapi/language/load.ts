// Reads a schema and the files it includes, in order, into one list of definitions still unchecked. Directives end
// here: includes are followed, pragmas collected, documentation comments tied to the definition after them.
// Answers to qapi-code-gen.rst, "Include directives" and "Pragma directives".

import type { DefinitionDoc, ParsedDoc } from './doc-comment.ts';
import { parseDocComment } from './doc-comment.ts';
import type { DocComment, Expression, ObjectExpression, TopLevel } from './parser.ts';
import { parseSchemaFile } from './parser.ts';
import { moduleNameOf, normalizePath, resolveBeside } from './paths.ts';
import type { Pragmas } from './pragma.ts';
import { applyPragma, noPragmas } from './pragma.ts';
import type { DocFaults, Location, SourceFile } from './source.ts';
import { SchemaError } from './source.ts';

/** Gives a file's content, or what is wrong with it. Bytes are decoded here, so that bad UTF-8 has a line. */
export type ReadFile = (path: string) => string | Uint8Array | Error;

/** A larger file is refused: QEMU's whole schema is 1 MB. */
const fileSizeMax = 32 * 1024 * 1024;
const includeDepthMax = 32;
const fileCountMax = 1000;

/** A definition as written: an object with a documentation comment in front, or without. */
export interface RawDefinition {
  readonly expression: ObjectExpression;
  readonly doc?: DefinitionDoc;
  readonly location: Location;
  readonly module: string;
}

export interface RawModule {
  readonly name: string;
  readonly items: RawModuleItem[];
}

export type RawModuleItem = { readonly text: string; readonly location: Location } | RawDefinition;

export interface LoadedSchema {
  readonly modules: readonly RawModule[];
  /** Free text and definitions of all modules, in the order in which a reader of the files meets them. */
  readonly items: readonly RawModuleItem[];
  readonly pragmas: Pragmas;
}

function decode(file: SourceFile, content: string | Uint8Array): string {
  if (typeof content === 'string') return content.startsWith('\ufeff') ? content.slice(1) : content;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    throw new SchemaError({ file, line: firstBadLine(content) }, 'file is not valid UTF-8 here');
  }
}

function firstBadLine(content: Uint8Array): number {
  let line = 1;
  for (let start = 0; start < content.length; line += 1) {
    const newline = content.indexOf(10, start);
    const end = newline < 0 ? content.length : newline + 1;
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(content.subarray(start, end));
    } catch {
      return line;
    }
    start = end;
  }
  return line;
}

class Loader {
  readonly pragmas: Pragmas = noPragmas();
  readonly modules: RawModule[] = [];
  readonly items: RawModuleItem[] = [];
  readonly #readFile: ReadFile;
  readonly #root: string;
  readonly #docFaults: DocFaults;
  readonly #seen = new Set<string>();

  constructor(root: string, readFile: ReadFile, docFaults: DocFaults) {
    this.#root = root;
    this.#readFile = readFile;
    this.#docFaults = docFaults;
  }

  load(file: SourceFile, blame: (reason: string) => SchemaError): void {
    const content = this.#readFile(file.path);
    if (content instanceof Error) throw blame(`cannot read '${file.path}': ${content.message}`);
    if (content.length > fileSizeMax) {
      throw blame(`'${file.path}' is larger than ${fileSizeMax / 1024 / 1024} MiB`);
    }
    this.#seen.add(normalizePath(file.path));
    if (this.#seen.size > fileCountMax) throw blame(`schema has more than ${fileCountMax} files`);
    const module: RawModule = { name: moduleNameOf(this.#root, normalizePath(file.path)), items: [] };
    this.modules.push(module);
    this.#walk(file, module, parseSchemaFile(file, decode(file, content), this.#docFaults));
  }

  #walk(file: SourceFile, module: RawModule, expressions: Iterable<TopLevel>): void {
    /** The comment right before what comes next. */
    let comment: ParsedDoc | undefined;
    for (const expression of expressions) {
      if (expression.kind === 'doc') {
        this.#rejectDangling(comment);
        comment = this.#comment(file, module, expression);
      } else {
        this.#expression(module, expression, { file, line: expression.line }, comment);
        comment = undefined;
      }
    }
    this.#rejectDangling(comment);
  }

  #comment(file: SourceFile, module: RawModule, expression: DocComment): ParsedDoc {
    const doc = parseDocComment(file, expression, this.#docFaults);
    if (doc.kind === 'free-form') {
      for (const text of doc.texts) this.#add(module, { text, location: { file, line: doc.line } });
    }
    return doc;
  }

  #expression(
    module: RawModule,
    expression: Expression,
    location: Location,
    doc: ParsedDoc | undefined,
  ): void {
    if (expression.kind !== 'object') {
      throw new SchemaError(location, 'top-level expression must be an object');
    }
    if (expression.members.has('include') || expression.members.has('pragma')) {
      this.#rejectDangling(doc);
      this.#directive(expression, location);
      return;
    }
    if (doc?.kind === 'free-form') {
      const reason = "comment before a definition must document it, starting with '@NAME:'";
      this.#docFaults(new SchemaError({ file: doc.file, line: doc.line }, reason));
    }
    const documented = doc?.kind === 'definition' ? { doc } : {};
    this.#add(module, { expression, location, module: module.name, ...documented });
  }

  /** A definition's comment without a definition after it is left out. */
  #rejectDangling(doc: ParsedDoc | undefined): void {
    if (doc?.kind !== 'definition') return;
    const reason = `documentation for '${doc.symbol}' is not followed by its definition`;
    this.#docFaults(new SchemaError({ file: doc.file, line: doc.line }, reason));
  }

  #add(module: RawModule, item: RawModuleItem): void {
    module.items.push(item);
    this.items.push(item);
  }

  #directive(expression: ObjectExpression, location: Location): void {
    const name = expression.members.has('include') ? 'include' : 'pragma';
    if (expression.members.size !== 1) {
      throw new SchemaError(location, `'${name}' directive must have no other key`);
    }
    const value = expression.members.get(name);
    if (value === undefined) return;
    if (name === 'include') this.#include(value, location);
    else this.#pragma(value, location);
  }

  #pragma(value: Expression, location: Location): void {
    if (value.kind !== 'object') throw new SchemaError(location, "value of 'pragma' must be an object");
    for (const [name, setting] of value.members) applyPragma(this.pragmas, name, setting, location);
  }

  #include(value: Expression, location: Location): void {
    if (value.kind !== 'string') throw new SchemaError(location, "value of 'include' must be a string");
    const path = resolveBeside(location.file.path, value.value);
    let depth = 0;
    for (let file: SourceFile | undefined = location.file; file !== undefined; file = file.includedAt?.file) {
      if (normalizePath(file.path) === path) {
        throw new SchemaError(location, `'${value.value}' includes itself`);
      }
      depth += 1;
    }
    if (depth > includeDepthMax) {
      throw new SchemaError(location, `includes are nested deeper than ${includeDepthMax}`);
    }
    if (this.#seen.has(path)) return;
    this.load({ path, includedAt: location }, (reason) => new SchemaError(location, reason));
  }
}

/** Reads the file and all that it includes. Throws a SchemaError at the first fault that is not a comment's. */
export function loadSchema(path: string, readFile: ReadFile, docFaults: DocFaults): LoadedSchema {
  const loader = new Loader(path, readFile, docFaults);
  const file: SourceFile = { path };
  loader.load(file, (reason) => new SchemaError({ file, line: 1 }, reason));
  return { modules: loader.modules, items: loader.items, pragmas: loader.pragmas };
}
