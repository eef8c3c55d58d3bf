// Text of generated files, line by line with indentation.

export class CodeWriter {
  readonly #lines: string[] = [];
  #indent = '';

  line(text = ''): void {
    this.#lines.push(text === '' ? '' : this.#indent + text);
  }

  /** Adds `opening`, what `body` writes indented by two spaces, and `closing` where there is one. */
  block(opening: string, closing: string, body: () => void): void {
    this.line(opening);
    const outer = this.#indent;
    this.#indent += '  ';
    body();
    this.#indent = outer;
    if (closing !== '') this.line(closing);
  }

  /** A TSDoc comment; nothing when there is nothing to say. */
  comment(text: string): void {
    if (text === '') return;
    const lines = text.replaceAll('*/', '*\\/').split('\n');
    if (lines.length === 1 && lines[0] !== undefined && lines[0].length < 100) {
      this.line(`/** ${lines[0]} */`);
      return;
    }
    this.line('/**');
    for (const line of lines) this.line(` * ${line}`.trimEnd());
    this.line(' */');
  }

  text(): string {
    return `${this.#lines.join('\n')}\n`;
  }
}

/** A string literal in the style of this project. */
export function stringLiteral(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
