// `qmpd/qapi`: the QAPI compiler as a library. Nothing here reads a file, prints or exits; docs/qapi.md is the guide.

export type { JsonInteger, JsonValue } from '../json/value.ts';
export { Double } from '../json/value.ts';
export { helpText } from './backends/help.ts';
export type { DescriptionInfo } from './backends/json-schema.ts';
export { openRpcDocument } from './backends/json-schema.ts';
export type { MarkdownOptions } from './backends/markdown.ts';
export { markdownPages } from './backends/markdown.ts';
export { normalForm } from './backends/normal-form.ts';
export type { TypeScriptOptions } from './backends/typescript.ts';
export { typescriptTypes } from './backends/typescript.ts';
export { compileSchema } from './compile.ts';
export { configureSchema } from './condition.ts';
export type { SchemaChange } from './diff.ts';
export { changeText, diffSchemas } from './diff.ts';
export { introspect } from './introspection/introspect.ts';
export { mergeIntrospection } from './introspection/merge.ts';
export { IntrospectionError, parseSchemaInfo } from './introspection/parse-schema-info.ts';
export { withReadableNames } from './introspection/readable-names.ts';
export type { SchemaInfo } from './introspection/schema-info.ts';
export { schemaOfIntrospection } from './introspection/schema-of-introspection.ts';
export type { ReadFile } from './load.ts';
export type * from './schema.ts';
export { SchemaIndex } from './schema-index.ts';
export { SchemaError } from './source.ts';
export { Validator } from './validate.ts';
export { WireTypeError } from './wire-type-error.ts';
