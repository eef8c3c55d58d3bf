// What of dist/src goes into the package: the modules that its commands and exports reach, and the declarations that the
// exports reach. The rest is for building and testing.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** Modules and workers that a file names. Types of declarations are imported as well as exported. */
const named = /(?:\bfrom\s*|\bimport\s*\(?\s*|new URL\(\s*)['"](\.{1,2}\/[^'"]+)['"]/g;

function reach(roots, resolve) {
  const reached = new Set();
  const visit = (file) => {
    if (reached.has(file) || !statSync(file, { throwIfNoEntry: false })?.isFile()) return;
    reached.add(file);
    for (const [, name] of readFileSync(file, 'utf8').matchAll(named))
      visit(resolve(path.join(path.dirname(file), name)));
  };
  for (const root of roots) visit(root);
  return reached;
}

/** Paths of files that the package is to have, and of those that it is not to have, both from `dist/src`. */
export function contentsOf(root) {
  const { bin, exports } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const entries = Object.values(exports).filter((entry) => typeof entry === 'object');
  const from = (file) => path.join(root, file);
  const folder = path.join(root, 'dist', 'src');
  const modules = reach(
    [...Object.values(bin), ...entries.map((entry) => entry.default)].map(from),
    (file) => file,
  );
  const declarations = reach(
    entries.map((entry) => from(entry.types)),
    (file) => file.replace(/(?:\.d)?\.(ts|js)$/, '.d.ts'),
  );
  const kept = new Set([...modules, ...declarations].filter((file) => /\.(?:js|d\.ts)$/.test(file)));
  const all = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
  const relative = (file) => path.relative(folder, file);
  return {
    kept: [...kept].map(relative).sort(),
    left: all
      .filter((file) => !kept.has(file))
      .map(relative)
      .sort(),
  };
}
