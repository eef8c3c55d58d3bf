// Every relative link in the project's pages leads to a file, and to a heading where it names one.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(path.join(root, 'docs'), { recursive: true })
    .map((name) => path.join('docs', String(name)))
    .filter((name) => name.endsWith('.md')),
];

/** As the usual renderers make them from headings. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.matchAll(/^#{1,6} +(.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  );
  const named = [...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, name = '']) => name);
  return new Set([...headings, ...named]);
}

for (const page of pages) {
  test(`the links of ${page} lead somewhere`, () => {
    const text = readFileSync(path.join(root, page), 'utf8').replaceAll(/^```.*?^```/gms, '');
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [file = '', anchor] = target.split('#');
      const found = file === '' ? path.join(root, page) : path.join(root, path.dirname(page), file);
      assert.ok(existsSync(found), `${target} is not there`);
      if (anchor === undefined || !found.endsWith('.md')) continue;
      const anchors = anchorsOf(readFileSync(found, 'utf8'));
      assert.ok(anchors.has(anchor), `${file} has no heading for #${anchor}`);
    }
  });
}
