// Builds everything into dist/: the native addon (where a C compiler is found), then the TypeScript projects.
// `npm run build` is incremental; without a compiler the addon is left out and qmpd says so when it starts.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildHere } from '../native/build.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

function buildTypeScript() {
  const compiler = path.join(root, 'node_modules', '.bin', 'tsc');
  const { status } = spawnSync(compiler, ['-b', root], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  const executable = path.join(root, 'dist', 'src', 'cli', 'main.js');
  if (existsSync(executable)) chmodSync(executable, 0o755);
}

buildHere();
buildTypeScript();
