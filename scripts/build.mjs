// Builds everything into dist/: the native addon (where a C compiler is found), then the TypeScript projects.
// `npm run build` is incremental; without a compiler the addon is left out and qmpd says so when it starts.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);

function newer(source, target) {
  return !existsSync(target) || statSync(source).mtimeMs > statSync(target).mtimeMs;
}

// The addons: descriptor passing from native/ itself, and one from each folder in it.
function buildNative() {
  const folder = path.join(root, 'native');
  const subfolders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  buildAddon('unix-fd', folder);
  for (const { name } of subfolders) buildAddon(name, path.join(folder, name));
}

function buildAddon(name, folder) {
  const target = path.join(root, 'dist', 'native', `${name}.node`);
  const files = readdirSync(folder).map((file) => path.join(folder, file));
  if (!files.some((file) => newer(file, target))) return;
  const compiler = process.env.CC ?? 'cc';
  if (spawnSync(compiler, ['--version'], { stdio: 'ignore' }).status !== 0) {
    console.error(`qmpd: no C compiler found: built without ${name}`);
    return;
  }
  mkdirSync(path.dirname(target), { recursive: true });
  const { include_dir: headers } = require('node-api-headers');
  const flags = ['-O2', '-fPIC', '-shared', '-s', '-std=c11', '-Wall', '-Wextra', '-I', headers];
  const sources = files.filter((file) => file.endsWith('.c'));
  // Into a new file: a running qmpd may have the old one mapped.
  execFileSync(compiler, [...flags, '-o', `${target}.new`, ...sources], { stdio: 'inherit' });
  renameSync(`${target}.new`, target);
}

function buildTypeScript() {
  const compiler = path.join(root, 'node_modules', '.bin', 'tsc');
  const { status } = spawnSync(compiler, ['-b', root], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  const executable = path.join(root, 'dist', 'src', 'cli', 'main.js');
  if (existsSync(executable)) chmodSync(executable, 0o755);
}

buildNative();
buildTypeScript();
