// test/ has the folders of src/: who looks for the tests of a folder, or for what a test is about, looks at one path.

import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What is about no folder of src/: with what it is about. */
const exceptions = new Map([
  ['docs', 'the pages of docs/'],
  ['examples', 'the programs of examples/'],
  ['kit', 'no tests: what tests of several folders share'],
  ['scripts', 'the programs of scripts/'],
]);
/** What a folder of tests may have beside the rooms of its subject. */
const companions = new Set(['fixtures', 'golden']);

function testFolders(folder: string): string[] {
  return readdirSync(path.join(root, 'test', folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !companions.has(entry.name))
    .map((entry) => path.join(folder, entry.name))
    .filter((name) => !exceptions.has(name))
    .flatMap((name) => [name, ...testFolders(name)]);
}

test('each folder of tests is named after a folder of src', () => {
  const folders = testFolders('');
  assert.ok(folders.length > 20, 'the folders are found');
  assert.deepEqual(
    folders.filter((name) => !existsSync(path.join(root, 'src', name))),
    [],
  );
});

test('the exceptions exist, and are not folders of src', () => {
  for (const name of exceptions.keys()) {
    assert.ok(existsSync(path.join(root, 'test', name)), `test/${name} is gone: take it off the list`);
    assert.ok(
      !existsSync(path.join(root, 'src', name)),
      `src/${name} exists: test/${name} is not an exception`,
    );
  }
});

test('a file that is not a test lies in a folder that has tests, or in the kit', () => {
  const kit = new Set(testFiles().map((file) => path.dirname(file)));
  const lonely = readdirSync(path.join(root, 'test'), { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.ts') && !file.startsWith(`kit${path.sep}`))
    .filter((file) => !companions.has(path.basename(path.dirname(file))) && !kit.has(path.dirname(file)));
  assert.deepEqual(lonely, []);
});

function testFiles(): string[] {
  return readdirSync(path.join(root, 'test'), { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.test.ts'));
}
