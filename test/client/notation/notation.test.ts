import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { NotationError } from '../../../src/client/notation/error.ts';
import { CommandLines } from '../../../src/client/notation/lines.ts';
import { parseNotation } from '../../../src/client/notation/notation.ts';
import { argumentsOf, type NotationContext } from '../../../src/client/notation/values.ts';
import { printCompact } from '../../../src/json/print.ts';

function argumentsText(text: string, context: NotationContext = {}): string | undefined {
  const notation = parseNotation(text);
  assert.equal(notation.kind, 'command');
  if (notation.kind !== 'command') return undefined;
  const args = argumentsOf(notation, context);
  return args === undefined ? undefined : printCompact(args);
}

for (const [text, expected] of [
  ['query-status', undefined],
  ['  query-status   # why not', undefined],
  ['a id=s0 n=12 x=-3 d=1.5 e=1e3', '{"id":"s0","n":12,"x":-3,"d":1.5,"e":1000.0}'],
  ['a t=true f=false z=null word=yes', '{"t":true,"f":false,"z":null,"word":"yes"}'],
  ['a n=9007199254740993 m=18446744073709551615', '{"n":9007199254740993,"m":18446744073709551615}'],
  ['a n=99999999999999999999', '{"n":100000000000000000000.0}'],
  ["a id='12' x=\"a b\" y=''", '{"id":"12","x":"a b","y":""}'],
  ["a s='it\\'s' u='\\u00e4'", '{"s":"it\'s","u":"\\u00E4"}'],
  ['a b.c.d=1 b.c.e=2 b.f=x', '{"b":{"c":{"d":1,"e":2},"f":"x"}}'],
  ['a l.0=x l.1=y l.2.k=z', '{"l":["x","y",{"k":"z"}]}'],
  [
    "a events=[{'type': 'key', 'n': 1}, 2] o={\"k\": [true]}",
    '{"events":[{"type":"key","n":1},2],"o":{"k":[true]}}',
  ],
  ['a path=/dev/null u=a=b=c', '{"path":"/dev/null","u":"a=b=c"}'],
  ['a e=', '{"e":""}'],
  ['{"execute": "a", "arguments": {"x": 1}, "id": 5}', '{"x":1}'],
  ["{'exec-oob': 'a'}", undefined],
] as const) {
  test(`${text} is understood`, () => {
    assert.equal(argumentsText(text), expected);
  });
}

for (const [text, column, message] of [
  ['a b', 2, /'b' should read KEY=VALUE/],
  ['a =1', 2, /empty part/],
  ['a b..c=1', 2, /empty part/],
  ["a b='x", 6, /not ended by '/],
  ['a b="x"y', 7, /a blank is missing/],
  ['a b={"x":}', 4, /JSON parse error, expecting value/],
  ['a b=[1]] c=2', 7, /a blank is missing/],
  ['a b=1 b=2', 6, /given twice/],
  ['a b=1 b.c=2', 6, /has a value already/],
  ['a b.c=2 b=1', 8, /given twice/],
  ['a <', 3, /expected a file name after '<'/],
  ['x=1', 0, /expected the name of a command, got/],
  ['[1]', 0, /expected the name of a command, got/],
  ['{"execute": "a"} b', 17, /text after the JSON object: expected the end of the command or a '#' comment/],
  ['{"execute": 1}', 0, /'execute' with a string is missing/],
  ['{"execute": "a", "exec-oob": "a"}', 0, /exclude each other/],
  ['{"execute": "a", "args": {}}', 0, /unknown member 'args'/],
  ['{"execute": "a", "arguments": []}', 0, /'arguments' must be an object/],
] as const) {
  test(`${text} is refused with its place`, () => {
    assert.throws(
      () => argumentsText(text),
      (thrown) => thrown instanceof NotationError && thrown.column === column && message.test(thrown.message),
    );
  });
}

test('list elements have to be complete and not too many', () => {
  assert.throws(() => argumentsText('a l.0=x l.2=y'), /list element 1 is missing/);
  assert.throws(() => argumentsText('a l.999999=x'), /at most/);
});

test('empty lines and comments are nothing', () => {
  for (const text of ['', '   ', '# x', ' # {']) assert.equal(parseNotation(text).kind, 'empty');
});

test('an open bracket asks for more lines', () => {
  for (const text of ['{', '{"execute": "a",\n', "a b=[{'x': 1},", 'a b={']) {
    assert.equal(parseNotation(text).kind, 'incomplete', text);
  }
  assert.equal(argumentsText('{"execute":\n"a",\n"arguments": {"x":\n1}}'), '{"x":1}');
  assert.throws(() => parseNotation('{"execute": "a\n'), /the string is not ended/);
});

test('files to pass are named as in a shell', () => {
  const notation = parseNotation("getfd fdname=disk <>disk.img < a >'b c'");
  assert.equal(notation.kind, 'command');
  assert.deepEqual(notation.kind === 'command' && notation.files, [
    { path: 'disk.img', access: 'read-write' },
    { path: 'a', access: 'read' },
    { path: 'b c', access: 'write' },
  ]);
});

test('a bare word becomes what the schema wants, as far as it can', () => {
  const wordType = (
    _command: string,
    [key]: readonly string[],
  ): 'string' | 'integer' | 'number' | 'boolean' =>
    key === 's' ? 'string' : key === 'i' ? 'integer' : key === 'b' ? 'boolean' : 'number';
  assert.equal(argumentsText('a s=12 i=0x10 b=on', { wordType }), '{"s":"12","i":16,"b":true}');
  assert.equal(argumentsText('a i=512M n=2', { wordType }), '{"i":536870912,"n":2}');
  assert.equal(
    argumentsText('a s=true i=lots b=7 n=1.0', { wordType }),
    '{"s":"true","i":"lots","b":"7","n":1.0}',
  );
});

test('the schema is told what else was written, for unions', () => {
  const asked: (string | undefined)[] = [];
  argumentsText("a backend.type=file backend.data.out='x' backend.data.append=on", {
    wordType: (_command, keys, written) => {
      asked.push(written(['backend', 'type']), written(['backend', 'data', 'out']));
      return keys.at(-1) === 'append' ? 'boolean' : undefined;
    },
  });
  assert.deepEqual(new Set(asked), new Set(['file', 'x']));
});

test('the text of a file is a string, where files may be read', () => {
  assert.equal(argumentsText('a d=@/x', { readFile: (path) => `text of ${path}` }), '{"d":"text of /x"}');
  assert.throws(() => argumentsText('a d=@/x'), /files cannot be read here/);
});

test('no text at all does anything but parse or throw a NotationError', () => {
  const pieces = [
    'a',
    ' ',
    '=',
    '.',
    '0',
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '\\',
    '@',
    '<',
    '>',
    '#',
    '\n',
    '-1',
    ',',
    ':',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 30 }), (parts) => {
      try {
        const notation = parseNotation(parts.join(''));
        if (notation.kind === 'command') argumentsOf(notation, { readFile: () => '' });
      } catch (thrown) {
        assert.ok(thrown instanceof NotationError, String(thrown));
      }
    }),
    { numRuns: 3000 },
  );
});

function commandsOf(text: string): (string | undefined)[] {
  const lines = new CommandLines();
  return text.split('\n').map((line) => lines.push(line));
}

test('a command is gathered from its lines', () => {
  assert.deepEqual(commandsOf('a\n{"execute":\n"b",\n"arguments": {"c": "}]"}}\n\nd e=[\n1] f={\n}'), [
    'a',
    undefined,
    undefined,
    '{"execute":\n"b",\n"arguments": {"c": "}]"}}',
    '',
    undefined,
    undefined,
    'd e=[\n1] f={\n}',
  ]);
});

test('a line that makes a command wrong ends it', () => {
  assert.deepEqual(commandsOf('{"execute":\n"b\nc\n]'), [undefined, '{"execute":\n"b', 'c', ']']);
});

test('a value over many lines costs no more than its length', () => {
  const lines = new CommandLines();
  lines.push('{"execute": "a", "arguments": {"list": [');
  for (let index = 0; index < 50_000; index += 1) assert.equal(lines.push('{"n": 1},'), undefined);
  const text = lines.push('{}]}}');
  assert.equal(text?.split('\n').length, 50_002);
});
