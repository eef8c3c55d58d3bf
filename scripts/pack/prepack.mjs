// Before `npm pack` and `npm publish`: a list in dist/src/.npmignore of what the package has no use for, and modules without the comment that names their source map, since maps without sources are not
// shipped. `--undo` (after it) puts the comments back, which tests want.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { contentsOf } from './contents.mjs';

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const folder = path.join(root, 'dist', 'src');
const ignored = path.join(folder, '.npmignore');
const { kept, left } = contentsOf(root);

function rewrite(name, change) {
  const file = path.join(folder, name);
  const before = readFileSync(file, 'utf8');
  const after = change(before);
  if (after === before) return;
  // In one step: somebody may be running it.
  writeFileSync(`${file}.new`, after, { mode: name === 'cli/main.js' ? 0o755 : 0o644 });
  renameSync(`${file}.new`, file);
}

const withoutComment = (text) => text.replace(/^\/\/# sourceMappingURL=.*\n?/m, '');
const modules = kept.filter((name) => name.endsWith('.js'));
if (process.argv.includes('--undo')) {
  for (const name of modules) {
    rewrite(name, (text) => `${withoutComment(text)}//# sourceMappingURL=${path.basename(name)}.map`);
  }
  rmSync(ignored, { force: true });
} else {
  for (const name of modules) rewrite(name, withoutComment);
  // Each from the folder's root, as it is: no name there has a character that such a list gives a meaning to.
  writeFileSync(
    ignored,
    left
      .filter((name) => name !== '.npmignore')
      .map((name) => `/${name}\n`)
      .join(''),
  );
}
