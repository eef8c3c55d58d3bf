// The part of `npm run check` that is about the addons in native/: warnings as errors, cppcheck, and their tests with the
// addons built for the address and undefined-behaviour sanitizers. What is not installed is left out, with a word about
// it. A user's build has none of this: a newer compiler that warns of more must not break an installation.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const folder = path.join(root, 'dist', 'native-sanitized');
const stamp = path.join(folder, 'passed');
const compiler = process.env.CC ?? 'cc';
const { include_dir: headers } = createRequire(import.meta.url)('node-api-headers');
/** As scripts/build.mjs has them: one from native/ itself, and one from each folder in it. */
const addons = { 'unix-fd': sources('native') };
for (const entry of readdirSync(path.join(root, 'native'), { withFileTypes: true })) {
  if (entry.isDirectory()) addons[entry.name] = sources(path.join('native', entry.name));
}

const warnings =
  '-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2';
const moreWarnings =
  '-Wundef -Wpointer-arith -Wwrite-strings -Wnull-dereference -Wimplicit-fallthrough -Wold-style-definition';
// The headers are Node's: what they make a compiler warn of is not ours to mend.
const common = ['-std=c11', '-fPIC', '-shared', '-isystem', headers];
const strict = [...warnings.split(' '), ...moreWarnings.split(' '), '-Werror', '-O2', ...common];
const sanitizers = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-fno-omit-frame-pointer'];

/** The addons' own tests, except those that take long for reasons outside of the addon. */
const tests = [
  'transports/unix/awake',
  'transports/unix/descriptors',
  'transports/unix/exhausted',
  'transports/unix/refusals',
  'transports/unix/socket-path',
  'transports/unix/threads',
  'chardevs/kinds/terminals',
  'chardevs/ports/serial-line',
];
/** What the outcome of those tests depends on: as long as none of it changes, what has passed is not run again. */
const subjects = [
  'native',
  'src/transports/unix',
  'src/chardevs/ports',
  'test/transports/unix',
  'scripts/tests',
];

function sources(name) {
  const files = readdirSync(path.join(root, name));
  return files.filter((file) => file.endsWith('.c')).map((file) => path.join(root, name, file));
}

const installed = (program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
const run = (program, args, env = process.env) =>
  spawnSync(program, args, { cwd: root, stdio: 'inherit', env }).status === 0;
const compile = (name, flags, target) => run(compiler, [...flags, '-o', target, ...addons[name]]);

function lint() {
  if (!installed('cppcheck')) {
    console.log('check: native: no cppcheck: not linted');
    return true;
  }
  const checks = ['--enable=warning,performance,portability,style', '--error-exitcode=1', '--quiet'];
  const language = ['--std=c11', '--inline-suppr', '--suppress=missingIncludeSystem', '-I', headers];
  return run('cppcheck', [...checks, ...language, ...new Set(Object.values(addons).flat())]);
}

function fingerprint() {
  const hash = createHash('sha256')
    .update(process.version)
    .update(execFileSync(compiler, ['--version']));
  for (const subject of subjects) {
    for (const name of readdirSync(path.join(root, subject), { recursive: true }).map(String).sort()) {
      const file = path.join(root, subject, name);
      if (statSync(file).isFile()) hash.update(`${subject}/${name}\0`).update(readFileSync(file));
    }
  }
  return hash.update(readFileSync(fileURLToPath(import.meta.url))).digest('hex');
}

function sanitize() {
  const library = execFileSync(compiler, ['-print-file-name=libasan.so'], { encoding: 'utf8' }).trim();
  if (!path.isAbsolute(library)) {
    console.log(`check: native: ${compiler} has no libasan.so: not run with sanitizers`);
    return true;
  }
  const print = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === print) return true;
  for (const name of Object.keys(addons)) {
    const target = path.join(folder, `${name}.node`);
    if (!compile(name, ['-O1', '-g', ...sanitizers, ...common], target)) return false;
  }
  const env = {
    ...process.env,
    // Node itself is built without: what is loaded later needs the library to be there before.
    LD_PRELOAD: library,
    // Node does not free what it has until its end.
    ASAN_OPTIONS: 'detect_leaks=0',
    UBSAN_OPTIONS: 'print_stacktrace=1',
    NODE_OPTIONS: `--import=${path.join(root, 'scripts', 'tests', 'sanitized-addons.mjs')}`,
    QMPD_SANITIZED: folder,
  };
  // Without the addon its tests would only be skipped.
  const loads = Object.keys(addons)
    .map(
      (name) =>
        `process.dlopen({ exports: {} }, ${JSON.stringify(path.join(root, 'dist', 'native', `${name}.node`))});`,
    )
    .join(' ');
  if (!run(process.execPath, ['-e', loads], env)) return false;
  if (!run(process.execPath, [path.join(root, 'scripts', 'test.mjs'), '--quiet', ...tests], env))
    return false;
  writeFileSync(stamp, print);
  return true;
}

if (!installed(compiler)) {
  console.log('check: native: no C compiler: not checked');
  process.exit(0);
}
mkdirSync(folder, { recursive: true });
const steps = [
  ['warnings', () => Object.keys(addons).every((name) => compile(name, strict, '/dev/null'))],
  ['cppcheck', lint],
  ['tests with sanitizers', sanitize],
];
let failed = false;
for (const [name, step] of steps) {
  if (step()) continue;
  console.error(`check: native: ${name}: failed`);
  failed = true;
}
process.exit(failed ? 1 : 0);
