// Back end: the intermediate form itself as a TypeScript module, so that a program has its schema without compiling
// it at every start.

import type { Schema } from '../schema.ts';
import { stringLiteral } from './code-writer.ts';

export interface SchemaModuleOptions {
  /** Comment lines at the top. */
  readonly header: readonly string[];
  /** Where the generated module imports the type Schema from. */
  readonly schemaModule: string;
}

const lineWidthMax = 110;

function literal(value: unknown, indent: string): string {
  if (typeof value === 'string') return stringLiteral(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((item) => literal(item, inner))
    : Object.entries(value).map(([key, item]) => `${key}: ${literal(item, inner)}`);
  if (parts.length === 0) return open + close;
  const oneLine = `${open}${open === '{' ? ' ' : ''}${parts.join(', ')}${open === '{' ? ' ' : ''}${close}`;
  if (indent !== '' && !oneLine.includes('\n') && indent.length + oneLine.length < lineWidthMax)
    return oneLine;
  return `${open}\n${parts.map((part) => `${inner}${part},\n`).join('')}${indent}${close}`;
}

export function schemaModule(schema: Schema, options: SchemaModuleOptions): string {
  const header = options.header.map((line) => `// ${line}`.trimEnd()).join('\n');
  const type = stringLiteral(options.schemaModule);
  return `${header}\n\nimport type { Schema } from ${type};\n\nexport const schema: Schema = ${literal(schema, '')};\n`;
}
