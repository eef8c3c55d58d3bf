// The runner of test files (scripts/tests/file-run.mjs): what it makes of files that pass, fail, break off and hang.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { promisify } from 'node:util';

const runner = new URL('../../../scripts/tests/file-run.mjs', import.meta.url).href;

interface FileResult {
  readonly output: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly skipped: readonly { readonly test: string; readonly reason: string }[];
  readonly ending: string;
  readonly failed: boolean;
}

/** The runner is a script without types: it runs in a process of its own, as it does in `npm test`. */
async function run(fixture: string, limitMs: number): Promise<FileResult> {
  const program = `
    import { runFile } from ${JSON.stringify(runner)};
    console.log(JSON.stringify(await runFile('scripts/fixtures/${fixture}.ts', ${limitMs}, {})));
  `;
  // Without the sign by which a child tells that it runs below another test runner.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    env,
  });
  return JSON.parse(stdout) as FileResult;
}

test('counts what a file says, and knows why a test was skipped', async () => {
  const { counts, skipped, failed } = await run('mixed', 60_000);
  assert.equal(failed, true);
  assert.deepEqual(counts, { tests: 3, suites: 1, pass: 1, fail: 1, cancelled: 0, skipped: 1, todo: 0 });
  assert.deepEqual(skipped, [{ test: 'is skipped', reason: 'no QEMU # 10' }]);
});

test('a file that ends without a count has failed', async () => {
  const { counts, failed } = await run('breaks', 60_000);
  assert.equal(failed, true);
  assert.equal(counts.fail, 1);
});

test('a file that hangs is ended at its limit, with what it has started', async () => {
  const { counts, failed, ending, output } = await run('hangs', 5000);
  assert.equal(failed, true);
  assert.equal(ending, 'not done after 5 s: ended');
  assert.equal(counts.fail, 1);
  const pid = /child (\d+)/.exec(output)?.[1];
  assert.ok(pid !== undefined, output);
  assert.ok(gone(pid), `process ${pid} is still there`);
});

/** Whether a process has ended: one that nobody has waited for yet is a zombie. */
function gone(pid: string): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return true;
  return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
}
