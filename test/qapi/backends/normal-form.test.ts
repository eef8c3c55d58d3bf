import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { normalForm } from '../../../src/qapi/backends/normal-form.ts';
import { compileSchema } from '../../../src/qapi/language/compile.ts';
import type { Schema } from '../../../src/qapi/schema.ts';
import { compileText } from '../schema-text.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../../..');

function sorted(schema: Schema): unknown {
  return schema.definitions.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

test('our own schema in normal form compiles to the same definitions, and prints the same again', () => {
  const schema = compileSchema('qapi/main.json', (name) => readFileSync(path.join(root, name)));
  const text = normalForm(schema);
  const again = compileText(text);
  assert.deepEqual(sorted(again), sorted(schema));
  assert.equal(normalForm(again), text);
});

test('everything that the language has keeps its meaning in normal form', () => {
  const schema = compileText(readFileSync(path.join(root, 'test/qapi/fixtures/everything.json'), 'utf8'));
  const again = compileText(normalForm(schema));
  assert.deepEqual(again.definitions, schema.definitions);
});

test('the normal form looks like the schemas that people write', () => {
  const schema =
    compileText(`{'enum':'Colour','data':['red',{'name':'green','if':'CONFIG_GREEN'}],'if':{'not':'MONO'}}
    ## \n# @paint:\n#\n# Paints it.\n# @with: the colour\n#  to use\n##
    {'data':{'*with':'Colour'},'command':'paint','allow-oob':true}`);
  assert.equal(
    normalForm(schema),
    `{ 'enum': 'Colour',
  'data': [ 'red', { 'name': 'green', 'if': 'CONFIG_GREEN' } ],
  'if': { 'not': 'MONO' } }

##
# @paint:
#
# Paints it.
#
# @with: the colour
#     to use
##
{ 'command': 'paint', 'data': { '*with': 'Colour' }, 'allow-oob': true }
`,
  );
});
