// Runs the compiled tests: all but the long ones, or those whose path contains one of the arguments (long ones, too).
//   --unit, --long   only tests of this kind (scripts/tests/kinds.mjs)
//   --slow           the time of each file at the end, slowest first
//   --verbose        everything that the files print, not only of those that fail
//   --quiet          only what fails, why tests are skipped, and the counts
//   --update         rewrites golden files (QMPD_UPDATE=1 for the tests)
//   --minutes=N      begins no further file after so many minutes, and says at the end which are left out
// Ends with the reasons for which tests were skipped, and the counts in the words of Node's own test runner.
import { availableParallelism } from 'node:os';
import { countNames, endAll, runFile } from './tests/file-run.mjs';
import { testFiles } from './tests/kinds.mjs';

/**
 * What a file has before it is ended: twenty times what the slowest takes on two quiet cores, since on a machine that
 * ten others use as well each takes ten times as long. Long ones have an hour.
 */
const limitMs = 900_000;
const longLimitMs = 3_600_000;
/** No more at once than this: more files side by side time each other out on small machines. */
const atOnce = Math.max(2, Math.min(4, Math.floor(availableParallelism() / 2)));

const flags = new Set(process.argv.slice(2).filter((argument) => argument.startsWith('--')));
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const known = ['--unit', '--long', '--slow', '--verbose', '--quiet', '--update'];
const [, minutes] = /^--minutes=(\d+)$/m.exec([...flags].join('\n')) ?? [];
for (const flag of flags)
  if (!known.includes(flag) && flag !== `--minutes=${minutes}`)
    fail(`unknown option ${flag}; there are ${known.join(', ')}, --minutes=N`);
/** No file begins after this. */
const endMs = minutes === undefined ? Infinity : minutes * 60_000;

function fail(text) {
  console.error(`qmpd: ${text}`);
  process.exit(1);
}

function chosen({ name, kind }) {
  if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) return false;
  if (flags.has('--unit') || flags.has('--long')) return flags.has(`--${kind}`);
  return kind !== 'long' || wanted.length > 0;
}

function report(result, number) {
  const { name, failed, ending, counts, milliseconds, output } = result;
  if (failed || flags.has('--verbose')) process.stdout.write(output.endsWith('\n') ? output : `${output}\n`);
  if (!failed && flags.has('--quiet')) return;
  const verdict = failed ? 'not ok' : 'ok';
  const note = ending === '' ? '' : `, ${ending}`;
  console.log(`${verdict} ${number} - ${name} # ${counts.tests} tests, ${seconds(milliseconds)}${note}`);
}

const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;

function reportSkipped(results) {
  const reasons = new Map();
  for (const { name, skipped } of results) {
    for (const { reason } of skipped) {
      const places = reasons.get(reason) ?? new Map();
      places.set(name, (places.get(name) ?? 0) + 1);
      reasons.set(reason, places);
    }
  }
  if (reasons.size > 0) console.log('\n# Skipped, and why:');
  for (const [reason, places] of reasons) {
    const number = [...places.values()].reduce((sum, one) => sum + one, 0);
    console.log(`# ${String(number).padStart(4)}  ${reason} (${[...places.keys()].join(', ')})`);
  }
}

function reportSlow(results) {
  if (!flags.has('--slow')) return;
  console.log('\n# Times, slowest first:');
  const sorted = [...results].sort((a, b) => b.milliseconds - a.milliseconds);
  for (const { name, milliseconds } of sorted) console.log(`# ${seconds(milliseconds).padStart(8)}  ${name}`);
}

const files = testFiles().filter(chosen);
if (files.length === 0) fail('no test matches');
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    endAll();
    process.exit(1);
  });
}
const started = performance.now();
const results = [];
const variables = flags.has('--update') ? { QMPD_UPDATE: '1' } : {};
const waiting = [...files];
async function work() {
  while (waiting.length > 0 && performance.now() - started < endMs) {
    const next = waiting.shift();
    const result = await runFile(next.name, next.kind === 'long' ? longLimitMs : limitMs, variables);
    results.push(result);
    report(result, results.length);
  }
}
await Promise.all(Array.from({ length: atOnce }, work));

const failures = results.filter(({ failed }) => failed);
reportSkipped(results);
reportSlow(results);
if (waiting.length > 0)
  console.log(`\n# Left out after ${minutes} minutes: ${waiting.map(({ name }) => name).join(', ')}`);
if (failures.length > 0) console.log(`\n# Failed: ${failures.map(({ name }) => name).join(', ')}`);
console.log(`1..${results.length}`);
for (const name of countNames)
  console.log(`# ${name} ${results.reduce((sum, { counts }) => sum + counts[name], 0)}`);
console.log(`# duration_ms ${performance.now() - started}`);
process.exit(failures.length > 0 ? 1 : 0);
