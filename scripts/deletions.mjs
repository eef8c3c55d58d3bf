// `npm run check:deletions`: takes one fact at a time out of a scratch copy of the tree (a member of a chardev kind, of
// a command's traits or of an option's entry, or such an entry as a whole) and finds out whether anything notices: the
// compiler, or the tests that hold those facts. What nothing notices is printed, and is the exit status.
//   --sample=N   only so many, chosen by --seed=S (1 unless told); all of them take hours
//   --only=WHAT  only chardevs, traits or options
//   --list       prints them and tries none
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Where facts of each sort stand, what their objects begin with, and the tests that are to notice that one is gone. */
const sorts = {
  chardevs: {
    folders: ['src/chardevs/kinds'],
    begins: /: ChardevKind<'[^']+'> = \{|export const chardevKinds: .*= \{/g,
    tests: ['chardevs/kinds/kinds', 'chardevs/registry', 'chardevs/commands'],
  },
  traits: {
    folders: ['src/commands/traits', 'src/commands/handlers'],
    begins: /: readonly (?:QemuCommand|CommandDefinition)\[\] = \[/g,
    tests: ['commands/traits', 'commands/phases', 'commands/handlers/schema'],
  },
  options: {
    folders: ['src/engines/qemu/options'],
    begins: /: readonly MachineOption\[\] = \[/g,
    tests: ['qemu/options/options-page', 'qemu/options/option-table', 'qemu/options/near-changes'],
  },
};

const closing = { '(': ')', '[': ']', '{': '}' };

/** Where the text that begins at a quote, a comment or nothing of the kind goes on. */
function afterText(text, at) {
  const two = text.slice(at, at + 2);
  if (two === '//') return text.indexOf('\n', at);
  if (two === '/*') return text.indexOf('*/', at) + 2;
  const quote = text[at];
  if (quote !== "'" && quote !== '"' && quote !== '`') return at;
  let end = at + 1;
  while (text[end] !== quote) end += text[end] === '\\' ? 2 : 1;
  return end + 1;
}

/** The items between the bracket at `open` and its other half: [start, end) with the comma. */
function itemsOf(text, open) {
  const items = [];
  const waiting = [];
  let start = open + 1;
  for (let at = open; ; ) {
    const next = afterText(text, at);
    if (next !== at) {
      at = next;
      continue;
    }
    const character = text[at];
    if (character in closing) waiting.push(closing[character]);
    else if (character === waiting.at(-1)) waiting.pop();
    const ended = waiting.length === 0;
    if (ended || (waiting.length === 1 && character === ',')) {
      const end = ended ? at : at + 1;
      if (text.slice(start, end).trim() !== '') items.push([start, end]);
      if (ended) return items;
      start = at + 1;
    }
    at += 1;
  }
}

/** The items of an entry: the members of its outermost object, and the members or items of what is in those. */
function factsOf(text, [start, end], depth) {
  const facts = [[start, end]];
  if (depth === 0) return facts;
  for (let at = start; at < end; ) {
    const next = afterText(text, at);
    if (next !== at) {
      at = next;
      continue;
    }
    // What a handler does is code, and no fact of this sort.
    if (text.startsWith('=>', at)) break;
    if (text[at] === '{' || text[at] === '[') {
      for (const item of itemsOf(text, at)) facts.push(...factsOf(text, item, depth - 1));
      break;
    }
    at += 1;
  }
  return facts;
}

function candidates(only) {
  return Object.entries(sorts)
    .filter(([sort]) => only === undefined || sort === only)
    .flatMap(([sort, { folders, begins }]) =>
      folders
        .flatMap((folder) =>
          readdirSync(path.join(root, folder), { recursive: true }).map((name) =>
            path.join(folder, String(name)),
          ),
        )
        .filter((file) => file.endsWith('.ts'))
        .flatMap((file) => factsOfFile(sort, file, begins)),
    );
}

function factsOfFile(sort, file, begins) {
  const text = readFileSync(path.join(root, file), 'utf8');
  return [...text.matchAll(begins)].flatMap((match) => {
    const open = match.index + match[0].length - 1;
    return itemsOf(text, open)
      .flatMap((item) => factsOf(text, item, 2))
      .map(([start, end]) => ({
        sort,
        file,
        start,
        end,
        line: text.slice(0, start).split('\n').length + (/^\s*\n/.test(text.slice(start, end)) ? 1 : 0),
        words: text.slice(start, end).trim().replaceAll(/\s+/g, ' ').slice(0, 100),
      }));
  });
}

/** Some of them, the same ones for the same seed. */
function sampled(all, count, seed) {
  let state = seed;
  const left = [...all];
  const some = [];
  while (some.length < count && left.length > 0) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    some.push(...left.splice((state >>> 8) % left.length, 1));
  }
  return some;
}

function scratchCopy() {
  const copy = mkdtempSync(path.join(tmpdir(), 'qmpd-deletions-'));
  const { stdout } = spawnSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' });
  for (const name of stdout.split('\0').filter((one) => one !== '' && existsSync(path.join(root, one))))
    cpSync(path.join(root, name), path.join(copy, name), { preserveTimestamps: true });
  // With what is compiled already, so that only what changes is compiled again.
  cpSync(path.join(root, 'dist'), path.join(copy, 'dist'), { recursive: true, preserveTimestamps: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  return copy;
}

/** By what a deletion is noticed: "compiler", "tests", or undefined for nothing. */
function noticed(copy, { sort, file, start, end }) {
  const target = path.join(copy, file);
  const text = readFileSync(target, 'utf8');
  writeFileSync(target, text.slice(0, start) + text.slice(end));
  try {
    const tsc = path.join(copy, 'node_modules', '.bin', 'tsc');
    if (spawnSync(tsc, ['-b'], { cwd: copy }).status !== 0) return 'compiler';
    for (const test of sorts[sort].tests) {
      const run = spawnSync(process.execPath, ['scripts/test.mjs', test, '--quiet'], { cwd: copy });
      if (run.status !== 0) return 'tests';
    }
    return undefined;
  } finally {
    writeFileSync(target, text);
  }
}

function main() {
  const argument = (name) =>
    process.argv.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
  const only = argument('only');
  if (only !== undefined && !(only in sorts)) throw new Error(`there are ${Object.keys(sorts).join(', ')}`);
  const all = candidates(only);
  const some = sampled(all, Number(argument('sample') ?? all.length), Number(argument('seed') ?? 1));
  console.log(`${all.length} facts, of which ${some.length} are tried`);
  const text = ({ file, line, words }) => `${file}:${line}: ${words}`;
  if (process.argv.includes('--list')) {
    for (const fact of some) console.log(text(fact));
    return 0;
  }
  const copy = scratchCopy();
  const counts = { compiler: 0, tests: 0, nothing: 0 };
  try {
    for (const sort of new Set(some.map((fact) => fact.sort))) {
      // Else a deletion would seem to be noticed where everything fails anyway.
      const by = noticed(copy, { sort, file: some[0].file, start: 0, end: 0 });
      if (by !== undefined) throw new Error(`${sort}: ${by} fail without any deletion`);
    }
    for (const fact of some) {
      const by = noticed(copy, fact) ?? 'nothing';
      counts[by] += 1;
      console.log(`${by === 'nothing' ? 'SURVIVES' : by}: ${text(fact)}`);
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  console.log(`${counts.compiler} by the compiler, ${counts.tests} by tests, ${counts.nothing} by nothing`);
  return counts.nothing === 0 ? 0 : 1;
}

process.exitCode = main();
