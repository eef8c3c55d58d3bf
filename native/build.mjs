// Builds the native parts: descriptor passing (unix-fd.node, from this folder) and terminals (from the folder of that
// name). In a checkout `npm run build` calls it; in an installed package it builds what was not shipped for this kind of
// machine: `node node_modules/qmpd/native/build.mjs`. Needs a C compiler (CC, default cc) and the headers of Node, of the
// package node-api-headers or beside the program that runs this.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, realpathSync, renameSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = path.dirname(fileURLToPath(import.meta.url));

/** Where native-addon.ts looks first. */
export const builtFolder = path.join(path.dirname(folder), 'dist', 'native');

/** Each native part's name and the folder of its sources. */
export const parts = [
  ['unix-fd', folder],
  ...readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => [name, path.join(folder, name)]),
];

/** Whether there is a compiler of that name; it may be one for other machines. */
export function compilerWorks(compiler) {
  return spawnSync(compiler, ['--version'], { stdio: 'ignore' }).status === 0;
}

function newer(source, target) {
  return !existsSync(target) || statSync(source).mtimeMs > statSync(target).mtimeMs;
}

function headers() {
  try {
    return createRequire(import.meta.url)('node-api-headers').include_dir;
  } catch {
    const beside = path.join(path.dirname(path.dirname(process.execPath)), 'include', 'node');
    if (existsSync(path.join(beside, 'node_api.h'))) return beside;
    throw new Error(
      `no headers of Node: neither the package node-api-headers nor ${beside}/node_api.h is there`,
    );
  }
}

/** Builds a part into a folder, unless it is there and newer than its sources. */
export function buildPart(name, sourceFolder, targetFolder, compiler, more = []) {
  const target = path.join(targetFolder, `${name}.node`);
  const files = readdirSync(sourceFolder).map((file) => path.join(sourceFolder, file));
  if (!files.some((file) => newer(file, target))) return;
  mkdirSync(targetFolder, { recursive: true });
  const flags = ['-O2', '-fPIC', '-shared', '-s', '-std=c11', '-Wall', '-Wextra', '-I', headers(), ...more];
  const sources = files.filter((file) => file.endsWith('.c'));
  // Into a new file: a running qmpd may have the old one mapped.
  execFileSync(compiler, [...flags, '-o', `${target}.new`, ...sources], { stdio: ['ignore', 2, 2] });
  renameSync(`${target}.new`, target);
}

/** For the machine that this runs on. Answers false, and says so, when there is no compiler. */
export function buildHere() {
  const compiler = process.env.CC ?? 'cc';
  if (!compilerWorks(compiler)) {
    console.error(`qmpd: no C compiler found: built without ${parts.map(([name]) => name).join(' and ')}`);
    return false;
  }
  for (const [name, sources] of parts) buildPart(name, sources, builtFolder, compiler);
  return true;
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    if (!buildHere()) process.exit(1);
    console.log(`qmpd: the native parts are in ${builtFolder}`);
  } catch (error) {
    console.error(`qmpd: ${error.message}`);
    process.exit(1);
  }
}
