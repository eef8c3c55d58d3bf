// Splits a schema file into tokens. The language is JSON with comments and single-quoted strings; numbers, null and
// escapes other than `\\` do not exist in it. A documentation comment (from a line `##` to the next) is one token.
// Answers to qapi-code-gen.rst, "Schema syntax".

import type { DocFaults, SourceFile } from './source.ts';
import { SchemaError } from './source.ts';

/** One line of a documentation comment, without `# `. */
export interface DocLine {
  readonly text: string;
  readonly line: number;
}

export type Token =
  | { readonly kind: '{' | '}' | '[' | ']' | ':' | ',' | 'end'; readonly line: number; readonly at: number }
  | { readonly kind: 'string'; readonly value: string; readonly line: number; readonly at: number }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly line: number; readonly at: number }
  | { readonly kind: 'doc'; readonly lines: readonly DocLine[]; readonly line: number; readonly at: number };

const tab = 9;
const newline = 10;
const carriageReturn = 13;
const space = 32;
const hash = 35;
const quote = 39;
const backslash = 92;

/** How much of a word that makes no sense is shown. */
const shownWordLengthMax = 60;

type Punctuation = '{' | '}' | '[' | ']' | ':' | ',';

function isPunctuation(character: string): character is Punctuation {
  return character.length === 1 && '{}[]:,'.includes(character);
}

function isBlank(code: number): boolean {
  return code === space || code === tab || code === carriageReturn;
}

export class Lexer {
  readonly #file: SourceFile;
  readonly #text: string;
  readonly #docFaults: DocFaults;
  #at = 0;
  #line = 1;
  #lineStart = 0;

  constructor(file: SourceFile, text: string, docFaults: DocFaults) {
    this.#file = file;
    this.#text = text;
    this.#docFaults = docFaults;
  }

  /** The next token; at the end of the file `end`, again and again. */
  next(): Token {
    this.#skipBlanksAndComments();
    const at = this.#at;
    const line = this.#line;
    const text = this.#text;
    if (at >= text.length) return { kind: 'end', line, at };
    const character = text.charAt(at);
    if (isPunctuation(character)) {
      this.#at += 1;
      return { kind: character, line, at };
    }
    if (character === "'") return this.#string();
    if (character === '#') return this.#docComment();
    return this.#word();
  }

  /** An error at a place of the current line. Columns count tabs up to the next multiple of 8. */
  errorAt(at: number, line: number, reason: string): SchemaError {
    if (line !== this.#line) return new SchemaError({ file: this.#file, line }, reason);
    let column = 1;
    for (let index = this.#lineStart; index < at; index += 1) {
      column = this.#text.charCodeAt(index) === tab ? column + 8 - ((column - 1) % 8) : column + 1;
    }
    return new SchemaError({ file: this.#file, line, column }, reason);
  }

  #skipBlanks(): void {
    const text = this.#text;
    for (;;) {
      const code = text.charCodeAt(this.#at);
      if (code === newline) {
        this.#line += 1;
        this.#lineStart = this.#at + 1;
      } else if (!isBlank(code)) {
        return;
      }
      this.#at += 1;
    }
  }

  #skipBlanksAndComments(): void {
    const text = this.#text;
    for (;;) {
      this.#skipBlanks();
      if (text.charCodeAt(this.#at) !== hash || text.charCodeAt(this.#at + 1) === hash) return;
      this.#restOfLine();
    }
  }

  /** The text from here to the end of the line, without blanks at its end. Moves there. */
  #restOfLine(): string {
    const end = this.#text.indexOf('\n', this.#at);
    const start = this.#at;
    this.#at = end < 0 ? this.#text.length : end;
    return this.#text.slice(start, this.#at).trimEnd();
  }

  #string(): Token {
    const text = this.#text;
    const at = this.#at;
    let value = '';
    let from = at + 1;
    for (let index = from; ; index += 1) {
      const code = text.charCodeAt(index);
      if (Number.isNaN(code) || code === newline) {
        throw this.errorAt(at, this.#line, "string is not closed with ' on its line");
      }
      if (code === quote) {
        this.#at = index + 1;
        return { kind: 'string', value: value + text.slice(from, index), line: this.#line, at };
      }
      if (code === backslash) {
        if (text.charCodeAt(index + 1) !== backslash) {
          throw this.errorAt(index, this.#line, "unknown escape in string: only '\\\\' is known");
        }
        value += text.slice(from, index + 1);
        index += 1;
        from = index + 1;
      } else if (code < space || code > 126) {
        throw this.errorAt(index, this.#line, 'string has a character that is not printable ASCII');
      }
    }
  }

  #word(): Token {
    const at = this.#at;
    const line = this.#line;
    const text = this.#text;
    if (text.startsWith('true', at)) {
      this.#at += 4;
      return { kind: 'boolean', value: true, line, at };
    }
    if (text.startsWith('false', at)) {
      this.#at += 5;
      return { kind: 'boolean', value: false, line, at };
    }
    const rest = text.slice(at, at + shownWordLengthMax);
    // The first character counts in any case: it may itself be a quote of the wrong kind.
    const word = rest.charAt(0) + (/^[^[\]{}:,\s'"]*/.exec(rest.slice(1))?.[0] ?? '');
    throw this.errorAt(at, line, `stray '${printable(word)}'`);
  }

  #docComment(): Token {
    const at = this.#at;
    const line = this.#line;
    if (this.#restOfLine() !== '##') {
      this.#docFaults(this.errorAt(at, line, "documentation comment must start with a line of just '##'"));
      // Then it is an ordinary comment, such as a line of dashes.
      return this.next();
    }
    const lines: DocLine[] = [];
    for (;;) {
      this.#skipBlanks();
      const start = this.#at;
      if (this.#text.charCodeAt(start) !== hash) {
        this.#docFaults(this.errorAt(start, this.#line, "documentation comment must end with a line '##'"));
        return { kind: 'doc', lines, line, at };
      }
      const text = this.#restOfLine();
      if (text.startsWith('##')) {
        if (text === '##') return { kind: 'doc', lines, line, at };
        this.#docFaults(
          this.errorAt(start, this.#line, "documentation comment must end with a line of just '##'"),
        );
      }
      const spaced = text.length < 2 || text.charAt(1) === ' ';
      if (!spaced && !text.startsWith('##')) {
        this.#docFaults(this.errorAt(start, this.#line, "documentation comment lacks a space after '#'"));
      }
      lines.push({ text: text.slice(spaced ? 2 : 1), line: this.#line });
    }
  }
}

function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those must not reach a terminal.
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}
