// Runs the compiled tests with Node's test runner: all of them, or those whose path contains one of the arguments.
// `--update` rewrites golden files (QMPD_UPDATE=1 for the tests).
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const update = process.argv.includes('--update');
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
// From the sources: what an earlier build left of a test that has gone is not run.
const files = readdirSync(path.join(root, 'test'), { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => name.replace(/\.ts$/, '.js'))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .map((name) => path.join(root, 'dist', 'test', name))
  .sort();
if (files.length === 0) {
  console.error('qmpd: no test matches');
  process.exit(1);
}
const environment = path.join(root, 'scripts', 'test-environment.mjs');
const { status } = spawnSync(
  process.execPath,
  [
    '--enable-source-maps',
    `--import=${environment}`,
    '--test',
    '--test-concurrency=2',
    '--test-timeout=300000',
    ...files,
  ],
  { stdio: 'inherit', env: { ...process.env, ...(update ? { QMPD_UPDATE: '1' } : {}) } },
);
process.exit(status ?? 1);
