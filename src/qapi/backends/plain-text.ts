// Documentation text for places that know no markup: directives of reStructuredText become headings.

/** `.. note:: text` becomes `Note: text`, an example's directive `Example:`. */
export function withoutDirectives(text: string): string {
  return text
    .replaceAll(/^\.\. qmp-example::$/gm, 'Example:')
    .replaceAll(
      /^\.\. (\w)([\w-]*)::/gm,
      (_, first: string, rest: string) => `${first.toUpperCase()}${rest}:`,
    );
}

/** `Errors: text`; a list begins on a line of its own. */
export function tagged(tag: string, text: string): string {
  return /^[-*] |^\d+\. /.test(text) ? `${tag}:\n${text}` : `${tag}: ${text}`;
}
