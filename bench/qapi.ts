// The schema compiler's figures: compiling our own schema and one of QEMU's size (23,000 lines, made up, documented
// like QEMU's), and checking arguments beside what JSON.parse needs for the same bytes. Times are the best of several
// rounds, because other work on the machine only ever makes them worse.
// Run it by itself: `node dist/bench/qapi.js`, or with --json for a program to read.

import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { JsonValue } from '../src/json/value.ts';
import { jsonObject } from '../src/json/value.ts';
import { typescriptTypes } from '../src/qapi/backends/typescript.ts';
import { introspect } from '../src/qapi/introspection/introspect.ts';
import { compileSchema } from '../src/qapi/language/compile.ts';
import { Validator } from '../src/qapi/wire/validate.ts';

const linesWanted = 23_000;

function bestMs(rounds: number, work: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round += 1) {
    const begin = performance.now();
    work();
    best = Math.min(best, performance.now() - begin);
  }
  return best;
}

/** A module's worth of definitions with comments; references go to the module before. */
function block(number: number): string {
  const other = number === 0 ? 0 : number - 1;
  const member = (name: string): string =>
    `# @${name}: what this member is for, in a sentence that goes\n#     on over two lines (default: none)\n#\n`;
  return `##
# @Kind${number}x:
#
# The kinds of thing.
#
# @first: the first kind
#
# @second: the second kind
#
# Since: 1.0
##
{ 'enum': 'Kind${number}x', 'data': [ 'first', 'second' ] }

##
# @Struct${number}x:
#
# A thing with members.  See also @Struct${other}x.
#
${['alpha', 'beta', 'gamma', 'delta'].map(member).join('')}# Since: 1.0
##
{ 'struct': 'Struct${number}x',
  'data': { 'alpha': 'str',
            '*beta': 'Struct${other}x',
            '*gamma': [ 'Kind${number}x' ],
            'delta': { 'type': 'uint32', 'if': 'CONFIG_DELTA' } } }

##
# @Union${number}x:
#
# @kind: which of them
#
# Since: 1.0
##
{ 'union': 'Union${number}x',
  'base': { 'kind': 'Kind${number}x' },
  'discriminator': 'kind',
  'data': { 'first': 'Struct${number}x' } }

##
# @query-thing-${number}:
#
# Asks for things.
#
${member('name')}# Returns: the things
#
# Errors:
#     - GenericError: if there is none of that name
#
# Since: 1.0
#
# .. qmp-example::
#
#     -> { "execute": "query-thing-${number}" }
#     <- { "return": [] }
##
{ 'command': 'query-thing-${number}',
  'data': { '*name': 'str' },
  'returns': [ 'Union${number}x' ],
  'allow-preconfig': true }

`;
}

function madeUpSchema(): string {
  const blocks: string[] = [];
  for (let lines = 0; lines < linesWanted; lines = blocks.length * block(0).split('\n').length) {
    blocks.push(block(blocks.length));
  }
  return blocks.join('');
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapAfterCollection(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

interface CompileFigures {
  readonly lines: number;
  readonly firstMs: number;
  readonly bestMs: number;
  readonly introspectMs: number;
  readonly typesMs: number;
  /** What the compiled schema itself holds. */
  readonly heapMiB: number;
}

function compiling(read: (path: string) => string | Uint8Array, root: string, lines: number): CompileFigures {
  const heapBefore = heapAfterCollection();
  const begin = performance.now();
  const schema = compileSchema(root, read);
  const firstMs = performance.now() - begin;
  const heapMiB = (heapAfterCollection() - heapBefore) / 1024 / 1024;
  return {
    lines,
    firstMs,
    heapMiB,
    bestMs: bestMs(7, () => compileSchema(root, read)),
    introspectMs: bestMs(7, () => introspect(schema)),
    typesMs: bestMs(7, () => typescriptTypes(schema, { header: [], valueModule: 'qmpd/qapi' })),
  };
}

const blockdevSchema = `
  { 'enum': 'Driver', 'data': [ 'file', 'qcow2', 'raw' ] }
  { 'struct': 'FileOptions', 'data': { 'filename': 'str', '*aio-max-batch': 'int' } }
  { 'struct': 'FormatOptions', 'data': { 'file': 'Ref', '*size': 'size' } }
  { 'union': 'Options', 'base': { 'driver': 'Driver', '*node-name': 'str', '*read-only': 'bool' },
    'discriminator': 'driver',
    'data': { 'file': 'FileOptions', 'qcow2': 'FormatOptions', 'raw': 'FormatOptions' } }
  { 'alternate': 'Ref', 'data': { 'definition': 'Options', 'reference': 'str' } }
  { 'struct': 'Action', 'data': { 'options': 'Options', '*label': 'str' } }
  { 'struct': 'Actions', 'data': { 'actions': [ 'Action' ] } }`;

/** Dictionaries as our own parser makes them. */
function wired(value: unknown): JsonValue {
  if (Array.isArray(value)) return value.map(wired);
  if (typeof value !== 'object' || value === null) return value as JsonValue;
  return jsonObject(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, wired(item)])));
}

interface CheckFigures {
  readonly what: string;
  readonly bytes: number;
  readonly checkedPerSecond: number;
  /** Checking takes this many times as long as JSON.parse of the same bytes. */
  readonly ratioToParse: number;
}

function checking(what: string, type: string, value: unknown): CheckFigures {
  const validator = new Validator(compileSchema('bench.json', () => blockdevSchema));
  const text = JSON.stringify(value);
  const wire = wired(value);
  const repeat = Math.max(1, Math.round(2_000_000 / text.length));
  const checkMs = bestMs(9, () => {
    for (let count = 0; count < repeat; count += 1) {
      if (validator.faultOf(type, wire) !== undefined) throw new Error('not valid');
    }
  });
  const parseMs = bestMs(9, () => {
    for (let count = 0; count < repeat; count += 1) JSON.parse(text);
  });
  return {
    what,
    bytes: text.length,
    checkedPerSecond: (repeat / checkMs) * 1000,
    ratioToParse: checkMs / parseMs,
  };
}

const options = {
  driver: 'qcow2',
  'node-name': 'disk0',
  file: { driver: 'file', filename: '/var/lib/vm/disk.qcow2' },
  size: 1073741824,
};
const many = { actions: Array.from({ length: 800 }, (_, index) => ({ label: `action-${index}`, options })) };
const text = madeUpSchema();
const figures = {
  own: compiling((path) => readFileSync(path), 'qapi/main.json', 0),
  madeUp: compiling(() => text, 'made-up.json', text.split('\n').length),
  small: checking('small arguments', 'Options', options),
  large: checking('large arguments', 'Actions', many),
};

if (process.argv.includes('--json')) {
  console.log(JSON.stringify(figures, null, 2));
} else {
  for (const [name, figure] of [
    ['own schema', figures.own],
    ['made-up schema', figures.madeUp],
  ] as const) {
    const rest = `introspection ${figure.introspectMs.toFixed(1)} ms, types ${figure.typesMs.toFixed(1)} ms`;
    const first = `${figure.firstMs.toFixed(0)} ms the first time, ${figure.bestMs.toFixed(0)} ms warm`;
    console.log(
      `${name} (${figure.lines || 'all'} lines): ${first}, heap ${figure.heapMiB.toFixed(0)} MiB; ${rest}`,
    );
  }
  for (const { what, bytes, checkedPerSecond, ratioToParse } of [figures.small, figures.large]) {
    const rate = Math.round(checkedPerSecond).toLocaleString('en');
    console.log(
      `${what} (${bytes} bytes): ${rate} checked/s, ${ratioToParse.toFixed(2)} of JSON.parse's time`,
    );
  }
}
