// `npm run check`: format, lint, import lines, plain words, dead code, the addons and the generated files. The only
// tests that it runs are those of the addons, with sanitizers.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const bin = (name) => path.join(root, 'node_modules', '.bin', name);
const steps = [
  ['format and lint', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['import lines', process.execPath, [path.join(root, 'scripts', 'import-lines.mjs')]],
  ['plain words', process.execPath, [path.join(root, 'scripts', 'plain-words.mjs')]],
  ['dead code', bin('knip'), []],
  ['native', process.execPath, [path.join(root, 'scripts', 'check-native.mjs')]],
  ['generated files', process.execPath, [path.join(root, 'scripts', 'generate.mjs'), '--check']],
];
let failed = false;
for (const [name, command, args] of steps) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) {
    console.error(`check: ${name}: failed`);
    failed = true;
  }
}
process.exit(failed ? 1 : 0);
