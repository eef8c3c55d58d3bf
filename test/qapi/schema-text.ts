// Schemas for tests, written where they are used.

import { compileSchema } from '../../src/qapi/language/compile.ts';
import type { Schema } from '../../src/qapi/schema.ts';

/** Compiles the text as the file `schema.json`; `others` can be included by name. */
export function compileText(text: string, others: Readonly<Record<string, string>> = {}): Schema {
  const files: Readonly<Record<string, string>> = { ...others, 'schema.json': text };
  return compileSchema('schema.json', (path) => files[path] ?? new Error('no such file'));
}
