// Files that nobody would write on purpose: each must end with an error that has a place, soon, and without a stack
// overflow.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileSchema } from '../../../src/qapi/language/compile.ts';
import type { ReadFile } from '../../../src/qapi/language/load.ts';
import { SchemaError } from '../../../src/qapi/language/source.ts';
import { compileText } from '../schema-text.ts';

function faultOf(readFile: ReadFile, root = 'schema.json'): string {
  try {
    compileSchema(root, readFile);
  } catch (error) {
    assert.ok(error instanceof SchemaError, String(error));
    return error.message;
  }
  return 'no fault';
}

test('bytes that are not UTF-8 are told with their line', () => {
  const bytes = new Uint8Array([35, 32, 195, 188, 10, 35, 32, 252, 10, 123, 125, 10]);
  assert.equal(
    faultOf(() => bytes),
    'schema.json:2: file is not valid UTF-8 here',
  );
});

test('UTF-8 in comments is fine, with or without a byte order mark', () => {
  compileText('\ufeff# Grün\n');
  compileSchema('schema.json', () => new TextEncoder().encode('\ufeff# Grün\n'));
});

test('lines may end as on Windows', () => {
  const schema = compileText("##\r\n# @quit:\r\n#\r\n# Ends it.\r\n##\r\n{ 'command':\r\n  'quit' }\r\n");
  assert.equal(schema.definitions[0]?.doc?.overview, 'Ends it.');
});

test('a file of 100 MB is refused without being read through', () => {
  assert.equal(
    faultOf(() => '{'.repeat(100_000_000)),
    "schema.json:1: 'schema.json' is larger than 32 MiB",
  );
});

test('a million brackets are refused where they become too deep', () => {
  for (const bracket of ['[', '{ "'.slice(0, 1), "{ 'a': "]) {
    assert.match(
      faultOf(() => bracket.repeat(1_000_000)),
      /^schema\.json:1:\d+: (nesting is deeper|expected)/,
    );
  }
});

test('a string of a million characters that does not end is refused', () => {
  assert.equal(
    faultOf(() => `'${'a'.repeat(1_000_000)}`),
    "schema.json:1:1: string is not closed with ' on its line",
  );
});

test('a word of a million characters is shown in part', () => {
  assert.ok(faultOf(() => 'a'.repeat(1_000_000)).length < 100);
});

test('files that include each other in a long chain are refused at a depth', () => {
  const chain: ReadFile = (path) => {
    const number = path === 'schema.json' ? 0 : Number(path.replace(/\D/g, ''));
    return `{ 'include': 'file${number + 1}.json' }`;
  };
  const message = faultOf(chain);
  assert.match(message, /^In file included from schema\.json:1:\nIn file included from file1\.json:1:\n/);
  assert.match(message, /\nfile32\.json:1: includes are nested deeper than 32$/);
});

test('a schema of too many files is refused', () => {
  const includes = Array.from({ length: 1001 }, (_, index) => `{ 'include': 'file${index}.json' }\n`).join(
    '',
  );
  const readFile: ReadFile = (path) => (path === 'schema.json' ? includes : '');
  assert.equal(faultOf(readFile), 'schema.json:1000: schema has more than 1000 files');
});

test('a file that is included again, under whatever path, is read once', () => {
  const files: Record<string, string> = {
    'dir/schema.json':
      "{ 'include': 'a.json' } { 'include': './a.json' } { 'include': '../dir/sub/../a.json' }",
    'dir/a.json': "{ 'include': 'sub/b.json' } { 'command': 'quit' }",
    'dir/sub/b.json': "{ 'include': '../c.json' }",
    'dir/c.json': "{ 'event': 'STOP' }",
  };
  const read: string[] = [];
  const schema = compileSchema('dir/schema.json', (path) => {
    read.push(path);
    return files[path] ?? new Error('no such file');
  });
  assert.deepEqual(read, ['dir/schema.json', 'dir/a.json', 'dir/sub/b.json', 'dir/c.json']);
  assert.deepEqual(
    schema.modules.map((module) => module.name),
    ['schema', 'a', 'sub/b', 'c'],
  );
});

test('a root file that cannot be read is told like any other fault', () => {
  assert.equal(
    faultOf(() => new Error('no such file')),
    "schema.json:1: cannot read 'schema.json': no such file",
  );
});

test('types that refer to each other in a circle are fine', () => {
  compileText(
    "{ 'struct': 'One', 'data': { 'two': 'Two' } } { 'struct': 'Two', 'data': { '*one': [ 'One' ] } }",
  );
});

test('a chain of bases of any length that a file can hold is fine', () => {
  const links = Array.from({ length: 2000 }, (_, index) => {
    return `{ 'struct': 'Link${index}x', 'base': 'Link${index + 1}x', 'data': {} }`;
  });
  assert.match(
    faultOf(() => links.join('\n')),
    /'base' uses unknown type 'Link2000x'$/,
  );
});
