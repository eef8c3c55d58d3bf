// `qmpd/qapi`: the QAPI compiler as a library. Nothing here reads a file, prints or exits; docs/qapi.md is the guide.

export { typescriptTypes } from './backends/typescript.ts';
export { compileSchema } from './compile.ts';
export { configureSchema } from './condition.ts';
export type { ReadFile } from './load.ts';
export type * from './schema.ts';
export { SchemaIndex } from './schema-index.ts';
export { SchemaError } from './source.ts';
export { Validator } from './validate.ts';
export { WireTypeError } from './wire-type-error.ts';
