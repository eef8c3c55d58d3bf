// Documentation text as Markdown. The text is reStructuredText of the simple kind that schemas use: paragraphs and
// lists look the same in both; literal blocks and directives do not; `@name` is a reference.

/** Gives the Markdown for a reference; the name alone in code where it leads nowhere. */
export type LinkTo = (name: string) => string;

const directive = /^\.\. ([\w-]+)::\s*(.*)$/;
const codeDirectives: readonly string[] = ['qmp-example', 'code-block', 'parsed-literal', 'sourcecode'];

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

/** Text outside of code: references, double backticks, and characters that Markdown would take for markup. */
function inline(line: string, linkTo: LinkTo): string {
  return line
    .split(/(``[^`]*``|`[^`]*`)/)
    .map((piece, index) => {
      if (index % 2 === 1) return piece.replaceAll('``', '`');
      return piece
        .replaceAll('<', '&lt;')
        .replaceAll(/(^|[^\w@])@([A-Za-z_][\w.-]*\w|[A-Za-z])/g, (_, before: string, name: string) => {
          return before + linkTo(name);
        });
    })
    .join('');
}

class MarkdownText {
  readonly #lines: readonly string[];
  readonly #linkTo: LinkTo;
  readonly #out: string[] = [];
  #index = 0;

  constructor(text: string, linkTo: LinkTo) {
    this.#lines = text.split('\n');
    this.#linkTo = linkTo;
  }

  render(): string {
    for (let line = this.#lines[this.#index]; line !== undefined; line = this.#lines[this.#index]) {
      this.#index += 1;
      const match = directive.exec(line);
      if (match !== null) this.#directive(match[1] ?? '', match[2] ?? '');
      else if (line === '::') this.#code('');
      else if (line.endsWith('::')) {
        this.#out.push(inline(line.slice(0, -1), this.#linkTo));
        this.#code('');
      } else this.#out.push(inline(line, this.#linkTo));
    }
    return this.#out
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trimEnd();
  }

  /** The indented lines that follow, without their indentation. */
  #indentedBlock(): string[] {
    const block: string[] = [];
    for (let line = this.#lines[this.#index]; line !== undefined; line = this.#lines[this.#index]) {
      if (line !== '' && indentOf(line) === 0) break;
      block.push(line);
      this.#index += 1;
    }
    const indent = Math.min(...block.filter((line) => line !== '').map(indentOf));
    const text = block.map((line) => line.slice(indent));
    while (text[0] === '') text.shift();
    while (text.at(-1) === '') text.pop();
    return text;
  }

  #code(language: string): void {
    const block = this.#indentedBlock();
    if (block.length > 0) this.#out.push('', `\`\`\`${language}`, ...block, '```', '');
  }

  #directive(name: string, argument: string): void {
    if (codeDirectives.includes(name)) {
      this.#code(name === 'qmp-example' ? 'json' : '');
      return;
    }
    const title = name.charAt(0).toUpperCase() + name.slice(1);
    const text = [argument, ...this.#indentedBlock()].join('\n').trim();
    const body = new MarkdownText(text, this.#linkTo).render();
    this.#out.push('', ...`**${title}:** ${body}`.split('\n').map((line) => `> ${line}`.trimEnd()), '');
  }
}

export function markdownText(text: string, linkTo: LinkTo): string {
  return new MarkdownText(text, linkTo).render();
}
