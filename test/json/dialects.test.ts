// What the parser of QEMU 11.1 answers otherwise than that of 10.0: words, places, moment, and what is skipped. Each row
// was had with the real ones, on the second line of a connection.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { jsonDialectOf } from '../../src/json/lex/dialect.ts';
import { MessageParser } from '../../src/json/message-parser.ts';
import { outcomes } from './outcomes.ts';

const older = jsonDialectOf({ major: 10, minor: 0 });
const newer = jsonDialectOf({ major: 11, minor: 1 });

/** The texts that are answered after an empty first line; "ok" for a message. */
function answers(input: string, dialect = newer): string[] {
  return outcomes(Buffer.from(`\n${input}`, 'latin1'), [], { dialect }).map((outcome) =>
    'desc' in outcome ? outcome.desc.replace('JSON parse error, ', '') : 'ok',
  );
}

/** Input, then what 10.0 and what 11.1 answers. */
const rows: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['}', ['expecting value'], ['2:1: expecting value']],
  ['{]', ['expecting value'], ['2:2: expecting key']],
  ['{true:1}', ['key is not a string in object'], ['2:2: expecting key']],
  ['{{}:1}', ['key is not a string in object'], ['2:2: expecting key']],
  ['{nul:1}', ["invalid keyword 'nul'"], ['2:2: expecting key']],
  ['{"a":nul}', ["invalid keyword 'nul'"], ["2:6: invalid keyword 'nul'"]],
  ['{"a":1,}', ['expecting value'], ['2:8: expecting key']],
  ['{"a",1}', ['missing : in object pair'], ["2:5: expecting ':'"]],
  ['{"a"}', ['missing : in object pair'], ["2:5: expecting ':'"]],
  ['{"a":]}', ['expecting value', 'expecting value'], ['2:6: expecting value', '2:7: expecting value']],
  ['{"a":1]', ['expected separator in dict'], ["2:8: expected ',' or '}'"]],
  ['["a":1]', ['expected separator in list'], ["2:5: expected ',' or ']'"]],
  ['[1 nul]', ['expected separator in list'], ["2:4: expected ',' or ']'"]],
  ['[1,,2]', ['expecting value'], ['2:4: expecting value']],
  ['{"a"::1}', ['expecting value'], ['2:6: expecting value']],
  ['{"\\q":1}', ['invalid escape sequence in string'], ['2:2: invalid escape sequence in string']],
  ['{"a":"\\q"}', ['invalid escape sequence in string'], ['2:6: invalid escape sequence in string']],
  ['{"a" "\\q"}', ['missing : in object pair'], ["2:6: expecting ':'"]],
  ['{"a":01}', ["stray '01'", 'expecting value'], ["2:6: stray '01'", '2:9: expecting value']],
  ['{"a":1,"a":nul}', ["invalid keyword 'nul'"], ["2:12: invalid keyword 'nul'"]],
  ['{"a":1,"a":{"b":2} }', ['duplicate key'], ['2:19: duplicate key']],
  ['"a\n ]', ["stray '\"a\n'", 'expecting value'], ["2:1: stray '\"a\n'", '3:3: expecting value']],
  ['{"a":[}', [], ['2:7: expecting value']],
  ['{"a":[}\xff', ["stray '\ufffd'"], ['2:7: expecting value']],
  ['{"\xc3\xa9\xe2\x82\xac" 1}', ['missing : in object pair'], ["2:10: expecting ':'"]],
  [
    '{"a":tru, ! {"execute":"query-name"} }',
    ["stray '!'", 'ok', 'expecting value'],
    ["2:6: invalid keyword 'tru'", 'ok', '2:38: expecting value'],
  ],
  [
    '%d,,,,',
    ["stray '%'", ...new Array<string>(4).fill('expecting value')],
    ["2:1: stray '%'", ...['2:4', '2:4', '2:5', '2:6'].map((place) => `${place}: expecting value`)],
  ],
  ['{"a" 1 \xff\xff', ["stray '\ufffd'", "stray '\ufffd'"], ["2:6: expecting ':'", "2:10: stray '\ufffd'"]],
];

/** Where the answer of 11.1 is one column too far right, and where it is not. */
const columns: readonly (readonly [string, readonly string[]])[] = [
  ['[1}', ["2:4: expected ',' or ']'"]],
  ['[1 }', ["2:4: expected ',' or ']'"]],
  ['nulx!', ["2:1: invalid keyword 'nulx'", "2:6: stray '!'"]],
  ['1]', ['ok', '2:3: expecting value']],
  ['1 ]', ['ok', '2:3: expecting value']],
  ['1\n]', ['ok', '3:1: expecting value']],
  ['!}', ["2:1: stray '!'", '2:3: expecting value']],
  ['\x01\x01]', ["2:1: stray '\\u0001'", "2:3: stray '\\u0001'", '2:4: expecting value']],
  ['!}},}', ["2:1: stray '!'", ...['2:3', '2:3', '2:4', '2:5'].map((place) => `${place}: expecting value`)]],
];

describe('errors as QEMU 11.1 tells them', () => {
  for (const [input, then, now] of rows) {
    test(JSON.stringify(input), () => {
      assert.deepEqual(answers(input, older), then);
      assert.deepEqual(answers(input, newer), now);
    });
  }

  for (const [input, expected] of columns) {
    test(`the column in ${JSON.stringify(input)}`, () => {
      const shown = answers(input).map((text) => text.replace('\x01', '\\u0001'));
      assert.deepEqual(shown, expected);
    });
  }

  test('an error is answered when its token is complete, a number with the byte after it', () => {
    assert.equal(answers('{"a" "b"').length, 1);
    assert.equal(answers('{"a" 1').length, 0);
    assert.equal(answers('{"a" 1 ').length, 1);
  });

  test('what is left of the message is skipped in silence, whatever it is', () => {
    assert.deepEqual(answers(`{"a" 1, nul "\\q" ${'['.repeat(1100)}${']'.repeat(1100)}}{"b":1}`), [
      "2:6: expecting ':'",
      'ok',
    ]);
    assert.deepEqual(answers('{"execute":"x"\n{"execute":"query-name"}'), ["3:1: expected ',' or '}'"]);
  });

  test('the limit of nesting has no place, and its message is skipped', () => {
    const deep = `${'['.repeat(1025)}${']'.repeat(1025)}{}`;
    assert.deepEqual(answers(deep), ['JSON nesting depth limit exceeded', 'ok']);
    assert.equal(answers(deep, older).length, 1 + 1025 + 1);
  });

  test('what is skipped takes no memory', () => {
    const parser = new MessageParser({ dialect: newer });
    const told: string[] = [];
    const sink = { message: () => undefined, error: (desc: string) => void told.push(desc) };
    parser.feed(Buffer.from('[,'), sink);
    for (let i = 0; i < 1000; i++) parser.feed(Buffer.from('"abcdefgh",'), sink);
    assert.deepEqual([told.length, parser.pendingBytes], [1, 0]);
  });

  test('lines are counted once, however often the sink says stop in a chunk', () => {
    const parser = new MessageParser({ dialect: newer });
    const told: string[] = [];
    const sink = {
      message: () => false,
      error: (desc: string) => {
        told.push(desc);
        return false;
      },
    };
    parser.feed(Buffer.from(`${'{}\n'.repeat(1000)}{"a" 1}\n{}}`), sink);
    while (parser.stopped) parser.resume(sink);
    assert.deepEqual(told, [
      "1001:6: JSON parse error, expecting ':'",
      '1002:3: JSON parse error, expecting value',
    ]);
  });
});

test('the dialect is that of the release', () => {
  const since = (major: number, minor: number): boolean => jsonDialectOf({ major, minor }).places;
  assert.deepEqual([since(7, 2), since(10, 0), since(11, 0)], [false, false, false]);
  assert.deepEqual([since(11, 1), since(11, 2), since(12, 0)], [true, true, true]);
});
