// Every file, folder and test that the pages about the source name is there, and the drawing of the folders is what
// scripts/import-lines.json says.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (name: string): string => readFileSync(path.join(root, name), 'utf8');

const folders = ['.ci', 'bench', 'docs', 'examples', 'native', 'qapi', 'scripts', 'src', 'test'];
/** Files and folders of the tree, each with a slash in front of it. */
const tree = [
  ...readdirSync(root).map((name) => `/${name}`),
  ...folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true }).map((name) => `/${folder}/${String(name)}`),
  ),
];

/** What only looks like a path. */
const noPath = /^(\/|@|qmpd\/|node:|\.\w+\.)|\/X\b|[*:=]/;
const looksLikeFile = /^[\w./-]*\w\.(ts|mjs|json|jsonl|md|txt|tsv|c|sh)$/;
const looksLikeFolder = /^\.?[\w-]+(\/[\w.-]+)*\/?$/;

/** Paths in backticks; without their folder, as in "`handover.ts`", where the page has named it before. */
function pathsOf(text: string): string[] {
  const words = [...text.matchAll(/`([^`\s]+)`/g)].map(([, word = '']) => word);
  return words.filter(
    (word) =>
      !noPath.test(word) && (looksLikeFile.test(word) || (word.includes('/') && looksLikeFolder.test(word))),
  );
}

function isThere(name: string): boolean {
  const wanted = `/${name.replace(/\/$/, '')}`;
  return tree.some((file) => file.endsWith(wanted));
}

for (const page of ['docs/design.md', 'CONTRIBUTING.md']) {
  test(`each path that ${page} names is there`, () => {
    const named = pathsOf(read(page).replaceAll(/^```.*?^```/gms, ''));
    assert.ok(named.length > 10, 'paths are found');
    assert.deepEqual(
      named.filter((name) => !isThere(name)),
      [],
    );
  });
}

test('each test that CONTRIBUTING.md says to run is there', () => {
  const runs = [...read('CONTRIBUTING.md').matchAll(/`npm test -- ([^`]+)`/g)];
  const parts = runs
    .flatMap(([, words = '']) => words.split(/\s+/))
    .filter((word) => !/^(--|[A-Z])/.test(word));
  assert.ok(parts.length > 1, 'runs are found');
  const tests = tree.filter((name) => name.endsWith('.test.ts'));
  assert.deepEqual(
    parts.filter((part) => !tests.some((name) => name.slice('/test/'.length).includes(part))),
    [],
  );
});

test('the folders are drawn with their lines', () => {
  const table: Record<string, { node?: boolean; uses: string[] }> = JSON.parse(
    read('scripts/import-lines.json'),
  );
  const lines = new Map<string, number>();
  for (const [folder, { uses }] of Object.entries(table)) {
    lines.set(folder, 1 + Math.max(-1, ...uses.map((use) => lines.get(use) ?? Number.NaN)));
  }
  const expected = [...lines].map(
    ([folder, line]) => `${line} src/${folder}${table[folder]?.node === true ? '' : ' (no I/O)'}`,
  );
  const drawn = [...read('docs/design.md').matchAll(/^(\d+) +(src\/\S+) +(.*)$/gm)].map(
    ([, line, folder, text = '']) => `${line} ${folder}${/ No I\/O$/.test(text) ? ' (no I/O)' : ''}`,
  );
  assert.deepEqual(drawn.sort(), expected.sort());
});
