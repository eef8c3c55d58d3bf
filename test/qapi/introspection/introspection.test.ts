import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeText, diffSchemas } from '../../../src/qapi/diff.ts';
import { introspect } from '../../../src/qapi/introspection/introspect.ts';
import { mergeIntrospection } from '../../../src/qapi/introspection/merge.ts';
import { IntrospectionError, parseSchemaInfo } from '../../../src/qapi/introspection/parse-schema-info.ts';
import { withReadableNames } from '../../../src/qapi/introspection/readable-names.ts';
import { schemaOfIntrospection } from '../../../src/qapi/introspection/schema-of-introspection.ts';
import { compileText } from '../schema-text.ts';

test('introspection has the form of query-qmp-schema', () => {
  const schema = compileText(`
    { 'enum': 'Kind', 'data': [ 'one', { 'name': 'two', 'features': [ 'deprecated' ] } ] }
    { 'struct': 'One', 'data': { '*x': [ 'uint16' ] } }
    { 'union': 'Both', 'base': { 'kind': 'Kind' }, 'discriminator': 'kind', 'data': { 'one': 'One' } }
    { 'alternate': 'Ref', 'data': { 'both': 'Both', 'name': 'str' } }
    { 'struct': 'Unused', 'data': { 'x': 'int' } }
    { 'command': 'do-it', 'data': { 'ref': 'Ref' }, 'returns': [ 'Both' ], 'allow-oob': true }
    { 'event': 'DONE', 'features': [ 'unstable' ] }
  `);
  assert.deepEqual(introspect(schema), [
    { name: 'do-it', 'meta-type': 'command', 'arg-type': '0', 'ret-type': '[1]', 'allow-oob': true },
    { name: 'DONE', 'meta-type': 'event', 'arg-type': '2', features: ['unstable'] },
    { name: '0', 'meta-type': 'object', members: [{ name: 'ref', type: '3' }] },
    { name: '[1]', 'meta-type': 'array', 'element-type': '1' },
    {
      name: '1',
      'meta-type': 'object',
      members: [{ name: 'kind', type: '4' }],
      tag: 'kind',
      variants: [
        { case: 'one', type: '5' },
        { case: 'two', type: '2' },
      ],
    },
    { name: '2', 'meta-type': 'object', members: [] },
    { name: '3', 'meta-type': 'alternate', members: [{ type: '1' }, { type: 'str' }] },
    {
      name: '4',
      'meta-type': 'enum',
      members: [{ name: 'one' }, { name: 'two', features: ['deprecated'] }],
      values: ['one', 'two'],
    },
    { name: '5', 'meta-type': 'object', members: [{ name: 'x', type: '[int]', default: null }] },
    { name: 'str', 'meta-type': 'builtin', 'json-type': 'string' },
    { name: '[int]', 'meta-type': 'array', 'element-type': 'int' },
    { name: 'int', 'meta-type': 'builtin', 'json-type': 'int' },
  ]);
});

test('introspection goes module by module, in the order in which files are first included', () => {
  const schema = compileText(
    `
    { 'include': 'first.json' }
    { 'command': 'in-root' }
    { 'include': 'second.json' }
  `,
    {
      'first.json': `{ 'include': 'second.json' }\n{ 'command': 'in-first' }`,
      'second.json': `{ 'command': 'in-second' }`,
    },
  );
  const names = introspect(schema).map((info) => info.name);
  assert.deepEqual(names.slice(0, 3), ['in-root', 'in-first', 'in-second']);
});

test('each value of a union without branches has the empty one', () => {
  const schema = compileText(`
    { 'enum': 'Kind', 'data': [ 'one', 'two' ] }
    { 'union': 'Both', 'base': { 'kind': 'Kind' }, 'discriminator': 'kind', 'data': {} }
    { 'command': 'do-it', 'returns': 'Both' }
  `);
  const union = introspect(schema).find((info) => 'variants' in info);
  assert.deepEqual(union, {
    name: '1',
    'meta-type': 'object',
    members: [{ name: 'kind', type: '2' }],
    tag: 'kind',
    variants: [
      { case: 'one', type: '0' },
      { case: 'two', type: '0' },
    ],
  });
});

const answerOfOthers = [
  { name: 'stop', 'meta-type': 'command', 'arg-type': '0', 'ret-type': '0' },
  { name: 'add-disk', 'meta-type': 'command', 'arg-type': '7', 'ret-type': '[9]' },
  { name: 'STOP', 'meta-type': 'event', 'arg-type': '0' },
  { name: '0', 'meta-type': 'object', members: [] },
  {
    name: '7',
    'meta-type': 'object',
    members: [
      { name: 'disk', type: '8' },
      { name: 'names', type: '[str]' },
    ],
  },
  { name: '8', 'meta-type': 'object', members: [{ name: 'read-only', type: 'bool', default: null }] },
  { name: '9', 'meta-type': 'object', members: [{ name: 'disk', type: '8' }] },
  { name: '[9]', 'meta-type': 'array', 'element-type': '9' },
  { name: '[str]', 'meta-type': 'array', 'element-type': 'str' },
  { name: 'str', 'meta-type': 'builtin', 'json-type': 'string' },
  { name: 'bool', 'meta-type': 'builtin', 'json-type': 'boolean' },
];

test('types get names from where they are used', () => {
  const schema = withReadableNames(schemaOfIntrospection(parseSchemaInfo(answerOfOthers)));
  assert.deepEqual(
    schema.definitions.map((definition) => definition.name),
    ['stop', 'add-disk', 'STOP', 'AddDiskArguments', 'Disk', 'AddDiskResult'],
  );
});

test('own commands win in a merged schema, and numbers of types do not collide', () => {
  const own = introspect(
    compileText(`
      { 'command': 'stop', 'data': { '*why': 'str', '*names': [ 'str' ] } }
      { 'event': 'SESSION_OPENED', 'data': { 'session': 'int' } }`),
  );
  const merged = mergeIntrospection(own, parseSchemaInfo(answerOfOthers));
  const schema = withReadableNames(schemaOfIntrospection(parseSchemaInfo(merged)));
  const stop = schema.definitions.find((definition) => definition.name === 'stop');
  assert.equal(stop?.kind === 'command' ? stop.arguments : '', 'StopArguments');
  assert.deepEqual(schema.definitions.map((definition) => definition.name).toSorted(), [
    'AddDiskArguments',
    'AddDiskResult',
    'Disk',
    'SESSION_OPENED',
    'STOP',
    'SessionOpenedData',
    'StopArguments',
    'add-disk',
    'stop',
  ]);
  assert.equal(merged.filter((info) => info.name === '[str]').length, 1);
});

test('a command that others answer can take what we add to its arguments', () => {
  const schema = (values: string, branches: string, options: string): string => `
    { 'enum': 'Kind', 'data': [ ${values} ] }
    { 'struct': 'Ram', 'data': { 'size': 'size' } }
    { 'struct': 'Server', 'data': { 'listen': 'str', '*nested': 'Options' } }
    { 'union': 'Options', 'base': { 'kind': 'Kind'${options} }, 'discriminator': 'kind', 'data': { ${branches} } }
    { 'command': 'object-add', 'data': { 'options': [ 'Options' ] } }
    { 'command': 'object-list', 'data': { 'options': 'Options' } }`;
  const own = introspect(compileText(schema("'server'", "'server': 'Server'", ", '*note': 'str'")));
  const theirs = introspect(compileText(schema("'ram', 'none'", "'ram': 'Ram'", '')));
  const merged = mergeIntrospection(own, theirs, { extended: new Set(['object-add']) });
  const before = schemaOfIntrospection(theirs);
  const after = schemaOfIntrospection(parseSchemaInfo(merged));
  assert.deepEqual(diffSchemas(before, after).map(changeText), [
    "command object-add, argument options, member kind, value 'server': came",
    'command object-add, argument options, member note: came',
    "command object-list, argument options, member kind, value 'ram': went (breaking)",
    "command object-list, argument options, member kind, value 'none': went (breaking)",
    "command object-list, argument options, member kind, value 'server': came",
    'command object-list, argument options, member note: came',
  ]);
  const nothingToAdd = mergeIntrospection(theirs, theirs, {
    extended: new Set(['object-add', 'object-list']),
  });
  assert.deepEqual(nothingToAdd, theirs);
});

const broken: [string, unknown, string][] = [
  ['an object', { return: [] }, 'schema is not a list'],
  ['an entry without name', [{ 'meta-type': 'event' }], "entry 0 has no string 'name'"],
  ['an entry that is text', ['stop'], 'entry 0 is not an object'],
  ['an unknown meta-type', [{ name: 'a', 'meta-type': 'class' }], "entry 'a' has unknown meta-type 'class'"],
  [
    'a reference to nothing',
    [{ name: 'a', 'meta-type': 'event', 'arg-type': '1' }],
    "entry 'a' refers to type '1', which is not there",
  ],
  [
    'a name that is there twice',
    [
      { name: 'a', 'meta-type': 'object', members: [] },
      { name: 'a', 'meta-type': 'object', members: [] },
    ],
    "entry 'a' is there twice",
  ],
  [
    'an array of itself',
    [{ name: '[a]', 'meta-type': 'array', 'element-type': '[a]' }],
    "entry '[a]' is an array of itself",
  ],
  [
    'arguments that are not an object',
    [
      { name: 'a', 'meta-type': 'event', 'arg-type': 'str' },
      { name: 'str', 'meta-type': 'builtin', 'json-type': 'string' },
    ],
    "entry 'a': arg-type 'str' must be an object type",
  ],
  [
    'a tag that is not there',
    [{ name: 'a', 'meta-type': 'object', members: [], tag: 'kind', variants: [] }],
    "entry 'a': tag 'kind' must be a member of an enum type",
  ],
];

for (const [what, answer, message] of broken) {
  test(`an answer with ${what} is refused`, () => {
    const read = () => {
      const infos = parseSchemaInfo(answer);
      const definitions = schemaOfIntrospection(infos).definitions;
      // Arrays are only looked at when something uses them.
      return definitions.length === 0 && infos.length > 0
        ? schemaOfIntrospection([...infos, user(infos[0]?.name)])
        : definitions;
    };
    assert.throws(read, (error: unknown) => error instanceof IntrospectionError && error.message === message);
  });
}

function user(type: string | undefined): ReturnType<typeof parseSchemaInfo>[number] {
  return { name: 'user', 'meta-type': 'alternate', members: [{ type: type ?? '' }] };
}
