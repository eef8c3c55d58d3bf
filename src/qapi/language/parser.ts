// Turns one schema file into its top-level expressions, with the documentation comments between them. What an
// expression means is not known here: includes and pragmas are load.ts, definitions are definition.ts.
// Answers to qapi-code-gen.rst, "Schema syntax".

import type { DocLine, Token } from './lexer.ts';
import { Lexer } from './lexer.ts';
import type { DocFaults, SourceFile } from './source.ts';

/** Deeper nesting than this is refused; the deepest that means anything is 5. */
const nestingDepthMax = 64;

export interface ObjectExpression {
  readonly kind: 'object';
  readonly members: ReadonlyMap<string, Expression>;
  readonly line: number;
}

export interface ListExpression {
  readonly kind: 'list';
  readonly items: readonly Expression[];
  readonly line: number;
}

export interface StringExpression {
  readonly kind: 'string';
  readonly value: string;
  readonly line: number;
}

export interface BooleanExpression {
  readonly kind: 'boolean';
  readonly value: boolean;
  readonly line: number;
}

export type Expression = ObjectExpression | ListExpression | StringExpression | BooleanExpression;

export interface DocComment {
  readonly kind: 'doc';
  readonly lines: readonly DocLine[];
  readonly line: number;
}

export type TopLevel = Expression | DocComment;

class Parser {
  readonly #lexer: Lexer;
  #token: Token;
  #depth = 0;

  constructor(file: SourceFile, text: string, docFaults: DocFaults) {
    this.#lexer = new Lexer(file, text, docFaults);
    this.#token = this.#lexer.next();
  }

  *file(): Generator<TopLevel, void, void> {
    while (this.#token.kind !== 'end') {
      if (this.#token.kind === 'doc') {
        const { lines, line } = this.#token;
        this.#advance();
        yield { kind: 'doc', lines, line };
      } else {
        yield this.#expression("'{', '[', string or boolean");
      }
    }
  }

  #advance(): void {
    this.#token = this.#lexer.next();
  }

  #fail(reason: string): never {
    throw this.#lexer.errorAt(this.#token.at, this.#token.line, reason);
  }

  #expression(expected: string): Expression {
    const token = this.#token;
    switch (token.kind) {
      case 'string':
        this.#advance();
        return { kind: 'string', value: token.value, line: token.line };
      case 'boolean':
        this.#advance();
        return { kind: 'boolean', value: token.value, line: token.line };
      case '{':
        return this.#nested(() => this.#object(token.line));
      case '[':
        return this.#nested(() => this.#list(token.line));
      default:
        return this.#fail(`expected ${expected}`);
    }
  }

  #nested<Result>(parse: () => Result): Result {
    if (this.#depth >= nestingDepthMax) this.#fail(`nesting is deeper than ${nestingDepthMax} levels`);
    this.#depth += 1;
    this.#advance();
    const result = parse();
    this.#depth -= 1;
    return result;
  }

  #object(line: number): ObjectExpression {
    const members = new Map<string, Expression>();
    if (this.#token.kind === '}') {
      this.#advance();
      return { kind: 'object', members, line };
    }
    let expected = "string or '}'";
    for (;;) {
      const key = this.#token;
      if (key.kind !== 'string') return this.#fail(`expected ${expected}`);
      if (members.has(key.value)) this.#fail(`duplicate key '${key.value}'`);
      this.#advance();
      if (this.#token.kind !== ':') this.#fail("expected ':'");
      this.#advance();
      members.set(key.value, this.#expression("'{', '[', string or boolean"));
      if (this.#ends('}')) return { kind: 'object', members, line };
      expected = 'string';
    }
  }

  #list(line: number): ListExpression {
    const items: Expression[] = [];
    if (this.#token.kind === ']') {
      this.#advance();
      return { kind: 'list', items, line };
    }
    let expected = "'{', '[', ']', string or boolean";
    for (;;) {
      items.push(this.#expression(expected));
      if (this.#ends(']')) return { kind: 'list', items, line };
      expected = "'{', '[', string or boolean";
    }
  }

  /** Steps over a comma (false) or the closing bracket (true). */
  #ends(closing: '}' | ']'): boolean {
    const { kind } = this.#token;
    if (kind !== closing && kind !== ',') this.#fail(`expected ',' or '${closing}'`);
    this.#advance();
    return kind === closing;
  }
}

/**
 * The expressions one by one: a fault is found when its expression is asked for, so that what an expression before it
 * includes is read first. Throws a SchemaError.
 */
export function* parseSchemaFile(
  file: SourceFile,
  text: string,
  docFaults: DocFaults,
): Generator<TopLevel, void, void> {
  yield* new Parser(file, text, docFaults).file();
}
