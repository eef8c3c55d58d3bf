// Runs one test file in a process of its own and tells what became of it: { file, output, milliseconds, counts, skipped,
// failed }. A file that is not done after its limit is ended with all processes of its group, and counts as a failure:
// what node's own --test-timeout ends is a test, not a process that an open handle keeps alive.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const environment = path.join(root, 'scripts', 'test-environment.mjs');

/** The lines that Node's test runner ends its answer with, in their order. */
export const countNames = ['tests', 'suites', 'pass', 'fail', 'cancelled', 'skipped', 'todo'];

export function runFile(name, limitMs, variables) {
  const file = path.join(root, 'dist', 'test', name.replace(/\.ts$/, '.js'));
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [
      '--enable-source-maps',
      `--import=${environment}`,
      '--test-reporter=tap',
      '--test-reporter-destination=stdout',
      file,
    ],
    // A group of its own, so that what the file has started ends with it.
    { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env: { ...process.env, ...variables } },
  );
  running.add(child);
  const chunks = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  child.stderr.on('data', (chunk) => chunks.push(chunk));
  return new Promise((resolve) => {
    let ending = '';
    const timer = setTimeout(() => {
      ending = `not done after ${limitMs / 1000} s: ended`;
      endGroup(child);
    }, limitMs);
    const done = (code, signal) => {
      clearTimeout(timer);
      running.delete(child);
      // What the file has left behind has no reader any more.
      child.stdout.destroy();
      child.stderr.destroy();
      if (ending === '' && signal !== null) ending = `ended by ${signal}`;
      if (ending === '' && code !== 0) ending = `exit status ${code}`;
      const output = Buffer.concat(chunks).toString();
      resolve({ name, milliseconds: performance.now() - started, output, ...readTap(output, ending) });
    };
    child.once('error', (error) => done(1, null, chunks.push(Buffer.from(`${error.message}\n`))));
    // `close` also waits for pipes that a process of another group has inherited; that may be for ever.
    child.once('exit', (code, signal) => setTimeout(done, drainMs, code, signal));
  });
}

/** How long the pipes of a file that has exited are still read. Enough for what is in them: they hold 64 KiB each. */
const drainMs = 100;
const running = new Set();

function endGroup(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has gone by itself.
  }
}

/** Ends what is running: for an interrupted run. */
export function endAll() {
  for (const child of running) endGroup(child);
}

/** Counts, skipped tests and the verdict from the TAP that a file prints. */
function readTap(output, ending) {
  const counts = Object.fromEntries(countNames.map((name) => [name, 0]));
  const skipped = [];
  let complete = false;
  for (const line of output.split('\n')) {
    const count = /^# (\w+) (\d+)$/.exec(line);
    if (count !== null && count[1] in counts) {
      counts[count[1]] = Number(count[2]);
      complete ||= count[1] === 'tests';
    }
    const skip = /^\s*ok \d+ - (.*?) # SKIP ?(.*)$/.exec(line);
    if (skip !== null)
      skipped.push({ test: unescaped(skip[1]), reason: unescaped(skip[2]) || 'no reason is given' });
  }
  const bad = counts.fail + counts.cancelled > 0;
  // A file that ended before it could count is one failed test.
  if ((!complete || ending !== '') && !bad) {
    counts.tests += 1;
    counts.fail += 1;
  }
  return { counts, skipped, ending, failed: bad || !complete || ending !== '' };
}

const unescaped = (text) => text.replace(/\\([#\\])/g, '$1');
