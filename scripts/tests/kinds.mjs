// Which kind a test file is, told by the file itself, so that no list can be out of date:
// - long: its name ends in .long.test.ts;
// - unit: no chain of imports, through test/ and src/, leads from it to a module of Node that starts processes or
//   threads. Such a test cannot start a QEMU or a server of its own, whatever it does;
// - system: every other.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const starters = new Set(['node:child_process', 'node:cluster', 'node:worker_threads']);
/** `import ... from 'x'`, `export ... from 'x'`, `import 'x'` and `import('x')`; imports of types only are erased. */
const imports =
  /^\s*(?:import|export)\s+(?!type\b)(?:[^'";]*?\sfrom\s+)?'([^']+)'|\bimport\(\s*'([^']+)'\s*\)|\bcreateRequire\(import\.meta\.url\)\('([^']+)'\)/gm;

/** Test files, from `test/` on and sorted: { name: 'json/print.test.ts', kind }. */
export function testFiles() {
  const startsMore = walker();
  return readdirSync(path.join(root, 'test'), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.test.ts'))
    .sort()
    .map((name) => ({ name, kind: kindOf(name, startsMore) }));
}

function kindOf(name, startsMore) {
  if (name.endsWith('.long.test.ts')) return 'long';
  return startsMore(path.join(root, 'test', name)) ? 'system' : 'unit';
}

/** Whether a file leads to a starter. Each file is read once. */
function walker() {
  const found = new Map();
  const direct = (file) => {
    if (!found.has(file)) found.set(file, importsOf(file));
    return found.get(file);
  };
  return (start) => {
    const seen = new Set([start]);
    for (const file of seen) {
      for (const name of direct(file)) {
        if (starters.has(name)) return true;
        if (name.startsWith('/')) seen.add(name);
      }
    }
    return false;
  };
}

function importsOf(file) {
  if (!file.endsWith('.ts')) return [];
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(imports)]
    .map((match) => match[1] ?? match[2] ?? match[3])
    .map((name) => (name.startsWith('.') ? path.resolve(path.dirname(file), name) : name))
    .filter((name) => !name.startsWith('/') || name.endsWith('.ts'));
}
