// `npm run test:suites [SUITE...]`: builds, installs and tests this tree in each root of suites.tsv (or those named), one
// after the other, and prints a table at the end. Roots that are missing are made first (make-root.sh); what a run
// writes is gone afterwards (in-root.sh). Must be run by root.
//
// Options: --user runs the tests as an ordinary user, --only WORD (may be repeated) the tests whose path contains it.
// Logs are in the folder of the roots, logs/SUITE.log. Exit status 1 when a suite did not pass.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = path.dirname(fileURLToPath(import.meta.url));
const tree = path.dirname(path.dirname(here));
const cache = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
const roots = process.env.QMPD_SUITES || path.join(cache, 'qmpd-suites');
const inRoot = path.join(here, 'in-root.sh');

/** Longer than the suite takes on a slow and busy machine. */
const suiteLimitMs = 2 * 60 * 60 * 1000;

function known() {
  const lines = readFileSync(path.join(here, 'suites.tsv'), 'utf8').split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split('\t')[0]);
}

const output = (command, ...args) => spawnSync(command, args, { cwd: tree, encoding: 'utf8' }).stdout.trim();

/** The files that git knows, or would: what was built here does not get into the suites. */
function copyOfTree() {
  const folder = mkdtempSync(path.join(tmpdir(), 'qmpd-suites-'));
  const files = output('git', 'ls-files', '--cached', '--others', '--exclude-standard').split('\n');
  const deleted = new Set(output('git', 'ls-files', '--deleted').split('\n'));
  for (const file of files) if (!deleted.has(file)) cpSync(path.join(tree, file), path.join(folder, file));
  return folder;
}

async function test(suite, source, options) {
  const made = spawnSync(path.join(here, 'make-root.sh'), [suite], { stdio: ['ignore', 2, 2] });
  if (made.status !== 0) return { suite, failure: 'its root could not be made' };
  const npmCache = output('npm', 'config', 'get', 'cache');
  mkdirSync(npmCache, { recursive: true });
  const log = createWriteStream(path.join(roots, 'logs', `${suite}.log`));
  const binds = ['--bind', `${source}:/srv/source`, '--bind', `${npmCache}:/srv/npm`];
  const settings = [
    `npm_config_registry=${output('npm', 'config', 'get', 'registry')}`,
    `RUN_AS=${options.user ? 'tester' : ''}`,
  ];
  const inside = [
    'env',
    ...settings,
    'bash',
    '/srv/source/scripts/suites/test-in-root.sh',
    ...(options.only ?? []),
  ];
  const started = performance.now();
  const child = spawn(inRoot, [...binds, suite, ...inside], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: suiteLimitMs,
    // unshare(1) ignores other signals while it waits; with it everything in the root ends.
    killSignal: 'SIGKILL',
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (data) => (text += data));
  for (const stream of [child.stdout, child.stderr]) stream.pipe(log, { end: false });
  const [status] = await once(child, 'close');
  log.end();
  return { suite, ...resultOf(text, status), seconds: Math.round((performance.now() - started) / 1000) };
}

function resultOf(text, status) {
  const last = (pattern) => [...text.matchAll(pattern)].at(-1)?.[1];
  const count = (name) => Number(last(new RegExp(`^[#ℹ] ${name} (\\d+)`, 'gm')) ?? Number.NaN);
  const versions = { node: last(/^suite: node v(\S+)/gm), qemu: last(/^suite: qemu (\S+)/gm) };
  const counts = {
    passed: count('pass'),
    failed: count('fail') + count('cancelled'),
    skipped: count('skipped'),
  };
  const failure = Number.isNaN(counts.passed) ? 'ended before the tests did' : undefined;
  return { ...versions, ...counts, ...(status === 0 ? {} : { failure: failure ?? 'tests failed' }) };
}

function printTable(results) {
  const columns = ['suite', 'node', 'qemu', 'passed', 'failed', 'skipped', 'seconds'];
  const rows = [columns, ...results.map((result) => columns.map((name) => String(result[name] ?? '-')))];
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => row[index].length)));
  for (const [index, row] of rows.entries()) {
    const failure = index === 0 ? undefined : results[index - 1].failure;
    const cells = row.map((cell, column) => cell.padEnd(widths[column]));
    console.log(`${cells.join('  ')}${failure === undefined ? '' : `  ${failure}`}`.trimEnd());
  }
  console.log(`logs: ${path.join(roots, 'logs')}`);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { user: { type: 'boolean' }, only: { type: 'string', multiple: true } },
});
const wrong = positionals.find((name) => !known().includes(name));
if (wrong !== undefined || process.getuid() !== 0) {
  console.error(
    wrong === undefined ? 'test:suites must be run by root' : `no suite '${wrong}': ${known().join(', ')}`,
  );
  process.exit(2);
}
mkdirSync(path.join(roots, 'logs'), { recursive: true });
const source = copyOfTree();
const results = [];
try {
  for (const suite of positionals.length > 0 ? positionals : known()) {
    console.error(`test:suites: ${suite}`);
    results.push(await test(suite, source, values));
  }
} finally {
  rmSync(source, { recursive: true, force: true });
}
printTable(results);
process.exit(results.every(({ failure }) => failure === undefined) ? 0 : 1);
