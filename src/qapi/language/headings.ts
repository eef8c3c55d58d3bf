// Headings in free-form documentation (`= Title`, `== Title`): a heading may be at most one level below the one
// before it (qapi-code-gen.rst, "Headings and subheadings").

import type { RawModuleItem } from './load.ts';
import type { DocFaults } from './source.ts';
import { SchemaError } from './source.ts';

const headingPattern = /^(=+) +(\S.*)/;

export interface Heading {
  /** From 1. */
  readonly level: number;
  readonly title: string;
}

/** The heading that a free-form text begins with, if it does. */
export function headingOf(text: string): Heading | undefined {
  const match = headingPattern.exec(text);
  return match === null ? undefined : { level: match[1]?.length ?? 0, title: match[2] ?? '' };
}

export function checkHeadings(items: readonly RawModuleItem[], docFaults: DocFaults): void {
  let level = 0;
  for (const item of items) {
    if (!('text' in item)) continue;
    const heading = headingOf(item.text);
    if (heading === undefined) continue;
    if (heading.level > level + 1) {
      docFaults(
        new SchemaError(
          item.location,
          `heading of level ${heading.level} must be inside one of level ${level + 1}`,
        ),
      );
    }
    level = heading.level;
  }
}
