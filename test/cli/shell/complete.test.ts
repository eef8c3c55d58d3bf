import assert from 'node:assert/strict';
import test from 'node:test';
import { complete } from '../../../src/cli/shell/complete.ts';
import { describeCommand } from '../../../src/cli/shell/describe-command.ts';
import { Introspection } from '../../../src/client/index.ts';
import type { JsonValue } from '../../../src/json/value.ts';

// A union in an alternate in a list, by hand: what real schemas have, in small.
const schema: JsonValue = [
  { name: 'str', 'meta-type': 'builtin', 'json-type': 'string' },
  { name: 'int', 'meta-type': 'builtin', 'json-type': 'int' },
  { name: 'bool', 'meta-type': 'builtin', 'json-type': 'boolean' },
  { name: '1', 'meta-type': 'enum', members: [{ name: 'file' }, { name: 'null' }], values: ['file', 'null'] },
  {
    name: '2',
    'meta-type': 'object',
    members: [
      { name: 'kind', type: '1' },
      { name: 'ro', type: 'bool', default: null },
    ],
    tag: 'kind',
    variants: [
      { case: 'file', type: '3' },
      { case: 'null', type: '4' },
    ],
  },
  { name: '3', 'meta-type': 'object', members: [{ name: 'path', type: 'str' }] },
  { name: '4', 'meta-type': 'object', members: [] },
  { name: '5', 'meta-type': 'alternate', members: [{ type: 'str' }, { type: '2' }] },
  { name: '[5]', 'meta-type': 'array', 'element-type': '5' },
  {
    name: '6',
    'meta-type': 'object',
    members: [
      { name: 'note', type: 'str', default: null },
      { name: 'nodes', type: '[5]' },
      { name: 'size', type: 'int' },
    ],
  },
  { name: 'add', 'meta-type': 'command', 'arg-type': '6', 'ret-type': '4', 'allow-oob': true },
  { name: 'add-all', 'meta-type': 'command', 'arg-type': '4', 'ret-type': '4' },
  { name: 'ADDED', 'meta-type': 'event', 'arg-type': '4' },
];
const introspection = new Introspection(schema);

for (const [text, candidates] of [
  ['', ['add ', 'add-all ', 'exit ', 'help ']],
  ['add', ['add ', 'add-all ']],
  ['help a', ['add ', 'add-all ']],
  ['help add ', []],
  ['add ', ['nodes.', 'size=', 'note=']],
  ['add size=1 n', ['nodes.', 'note=']],
  ['add nodes.', ['nodes.0.']],
  ['add nodes.0.', ['nodes.0.kind=', 'nodes.0.ro=']],
  ['add nodes.0.kind=', ['nodes.0.kind=file ', 'nodes.0.kind=null ']],
  ['add nodes.0.kind=file nodes.0.', ['nodes.0.path=', 'nodes.0.ro=']],
  ["add nodes.0.kind='file' nodes.0.p", ['nodes.0.path=']],
  ['add nodes.0.ro=t', ['nodes.0.ro=true ']],
  ['add size=', []],
  ['add nodes.x.', []],
  ['nobody ', []],
] as const) {
  test(`"${text}" is completed to ${candidates.length} candidates`, () => {
    assert.deepEqual(complete(introspection, text)[0], candidates);
  });
}

test('without introspection only the shell’s own words are known', () => {
  assert.deepEqual(complete(undefined, 'e'), [['exit '], 'e']);
  assert.deepEqual(complete(undefined, 'add x'), [[], 'x']);
});

test('a bare word at an alternate of a string and an object is a string', () => {
  assert.equal(introspection.place('add', ['nodes', '0'], () => undefined).wordType, 'string');
});

test('a command is described by its arguments', () => {
  assert.equal(
    describeCommand(introspection, 'add'),
    'add   (may be sent out-of-band)\n  note=str   (optional)\n  nodes=[alternate]\n  size=int',
  );
  assert.equal(describeCommand(introspection, 'add-all'), 'add-all\n  takes no arguments');
  assert.equal(describeCommand(introspection, 'ADDED'), undefined);
});

test('a schema that makes no sense, or that goes round in circles, is harmless', () => {
  const circle = new Introspection([
    { name: 'a', 'meta-type': 'alternate', members: [{ type: 'a' }] },
    { name: 'o', 'meta-type': 'object', members: [{ name: 'x', type: 'a' }, 7], tag: 'x', variants: [3] },
    { name: 'c', 'meta-type': 'command', 'arg-type': 'o' },
    { name: 'd', 'meta-type': 'command' },
    5,
  ]);
  assert.deepEqual(complete(circle, 'c x='), [[], 'x=']);
  assert.deepEqual(complete(circle, 'd '), [[], '']);
  assert.deepEqual(new Introspection(null).commands, []);
});
