// What each back end makes of a schema with everything that the language has (fixtures/everything.json).
// `node scripts/test.mjs golden --update` rewrites the answers; look at the difference before committing it.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { helpText } from '../../../src/qapi/backends/help.ts';
import { openRpcDocument } from '../../../src/qapi/backends/json-schema.ts';
import { markdownPages } from '../../../src/qapi/backends/markdown.ts';
import { normalForm } from '../../../src/qapi/backends/normal-form.ts';
import { typescriptTypes } from '../../../src/qapi/backends/typescript.ts';
import { configureSchema } from '../../../src/qapi/condition.ts';
import { introspect } from '../../../src/qapi/introspection/introspect.ts';
import { SchemaIndex } from '../../../src/qapi/schema-index.ts';
import { compileText } from '../schema-text.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../..');
const folder = path.join(root, 'test', 'qapi', 'golden', 'everything');
const schema = compileText(readFileSync(path.join(root, 'test/qapi/fixtures/everything.json'), 'utf8'));
const index = new SchemaIndex(schema);

function help(): string {
  const texts = schema.definitions.map((definition) => helpText(index, definition.name) ?? '');
  return texts.filter((_, position) => !schema.definitions[position]?.name.startsWith('q_')).join('\n');
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 1)}\n`;
}

const outputs: [string, string, () => string][] = [
  [
    'TypeScript types',
    'types.ts.txt',
    () => typescriptTypes(schema, { header: ['Made for a test.'], valueModule: 'qmpd/qapi' }),
  ],
  ['introspection', 'introspection.json', () => json(introspect(schema))],
  [
    'introspection of a build in which little is defined',
    'introspection-bare.json',
    () => json(introspect(configureSchema(schema, new Set(['HAVE_KIND'])))),
  ],
  ['the intermediate form', 'ir.json', () => json(schema)],
  ['the normal form', 'normal-form.txt', () => normalForm(schema)],
  ['help', 'help.txt', help],
  [
    'an OpenRPC document',
    'openrpc.json',
    () => json(openRpcDocument(schema, { title: 'Everything', version: '1' })),
  ],
  [
    'Markdown pages',
    'pages.md',
    () =>
      [...markdownPages(schema, { title: 'Everything', introduction: 'All of it.' }).values()].join(
        '\n---\n\n',
      ),
  ],
];

for (const [what, name, make] of outputs) {
  test(`a schema with everything becomes ${what}`, () => {
    const text = make();
    const golden = path.join(folder, name);
    if (process.env.QMPD_UPDATE === '1') writeFileSync(golden, text);
    assert.equal(text, existsSync(golden) ? readFileSync(golden, 'utf8') : '');
  });
}
