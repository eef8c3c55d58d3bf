import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { jsonDialects } from '../../src/json/lex/dialect.ts';
import { MessageParser, type MessageSink } from '../../src/json/message-parser.ts';
import { Double, type JsonValue, jsonObject } from '../../src/json/value.ts';
import { streamArbitrary } from './arbitraries.ts';
import { errors, outcomes, parse } from './outcomes.ts';

const parseError = (rest: string): string => `JSON parse error, ${rest}`;

const anyDialect = fc.constantFrom(...jsonDialects.map(({ dialect }) => dialect));

describe('values', () => {
  const values: readonly (readonly [string, JsonValue])[] = [
    ['42', 42],
    ['-0', 0],
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['-9223372036854775808', -9223372036854775808n],
    ['-9223372036854775809', new Double(-(2 ** 63))],
    ['18446744073709551615', 18446744073709551615n],
    ['18446744073709551616', new Double(2 ** 64)],
    ['1.0', new Double(1)],
    ['-0.0', new Double(-0)],
    ['1e3', new Double(1000)],
    ['1e400', new Double(Number.POSITIVE_INFINITY)],
    ['1E-400', new Double(0)],
    ['1.5', 1.5],
    ['true', true],
    ['null', null],
    ['"é€😀"', 'é€😀'],
    ['"\\uD83D\\uDE00\\u0000"', '😀\0'],
    [`'a"b\\'c'`, `a"b'c`],
    ['"%s %d"', '%s %d'],
    ['"\x7f/\\/"', '\x7f//'],
    ['[1,[],{}]', [1, [], jsonObject()]],
  ];
  for (const [text, value] of values) {
    test(`${text} is read as QEMU reads it`, () => assert.deepStrictEqual(parse(text), value));
  }

  test('an overlong C0 80 is U+0000, as in modified UTF-8', () => {
    assert.equal(parse(Buffer.from('2241c0804222', 'hex')), 'A\0B');
  });

  test('__proto__ is a member like any other', () => {
    const value = parse('{"__proto__":{"a":1}}') as Record<string, unknown>;
    assert.deepEqual(Object.keys(value), ['__proto__']);
    assert.equal(value.a, undefined);
  });
});

describe('error texts', () => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['#\n', [parseError("stray '#'")]],
    ['"abc\n', [parseError(`stray '"abc\n'`)]],
    ['\0', [parseError("stray ''")]],
    ['"ab\0', [parseError(`stray '"ab'`)]],
    ['\x7f\n', [parseError("stray '\x7f'")]],
    ['%d\n', [parseError("stray '%'")]],
    ['0e1 ', [parseError("invalid keyword 'e'")]],
    ['01}', [parseError("stray '01'"), parseError('expecting value')]],
    [',', [parseError('expecting value')]],
    ['}', [parseError('expecting value')]],
    ['{"a":}', [parseError('expecting value')]],
    ['[1,]', [parseError('expecting value')]],
    ['{"a":1,}', [parseError('expecting value')]],
    ['{]', [parseError('expecting value')]],
    ['[{]}', [parseError('expecting value')]],
    ['{1:2}', [parseError('key is not a string in object')]],
    ['{[1,2]:3}', [parseError('key is not a string in object')]],
    ['{{}:3}', [parseError('key is not a string in object')]],
    ['{true:3}', [parseError('key is not a string in object')]],
    ['{[1,}:3', []],
    ['{[1,}:3]', [parseError('expecting value')]],
    ['{a:3}', [parseError("invalid keyword 'a'")]],
    ['{"a" 1}', [parseError('missing : in object pair')]],
    ['{"a"}', [parseError('missing : in object pair')]],
    ['{"a":1 "b":2}', [parseError('expected separator in dict')]],
    ['{"a":1]', [parseError('expected separator in dict')]],
    ['[1 2]', [parseError('expected separator in list')]],
    ['[1}', [parseError('expected separator in list')]],
    ['{"a":1,"b":{"c":1,"c":2}}', [parseError('duplicate key')]],
    ['{"a":1,"\\u0061":#}', [parseError("stray '#'"), parseError('expecting value')]],
    ['{"a":1,"a":[,]}', [parseError('expecting value')]],
    ['hello ', [parseError("invalid keyword 'hello'")]],
    ['"\\x"', [parseError('invalid escape sequence in string')]],
    ['"\\uD800"', [parseError('\\uD800 is not a valid Unicode character')]],
    ['"\\uD800\\u0041"', [parseError('\\uD800 is not a valid Unicode character')]],
    ['"\\uDC00"', [parseError('\\uDC00 is not a valid Unicode character')]],
    ['"\\uFFFE"', [parseError('\\uFFFE is not a valid Unicode character')]],
    ['"\\uFDD0"', [parseError('\\uFDD0 is not a valid Unicode character')]],
    ['"\\uD83F\\uDFFE"', [parseError('\\uD83F\\uDFFE is not a valid Unicode character')]],
    ['"\\u12"', [parseError('\\u12" is not a valid Unicode character')]],
    ['"\\u12é"', [parseError('\\u12é is not a valid Unicode character')]],
    ['"\\u123é"', [parseError('\\u123\ufffd is not a valid Unicode character')]],
    ['"\u{fdd0}"', [parseError('invalid UTF-8 sequence in string')]],
    ['"\\é"', [parseError('invalid escape sequence in string')]],
  ];
  for (const [input, expected] of rows) {
    test(`${JSON.stringify(input)} gives ${expected.length} error(s)`, () => {
      assert.deepEqual(errors(input), expected);
    });
  }

  test('bytes that are not UTF-8 are shown as U+FFFD, one for each bad sequence', () => {
    assert.deepEqual(errors(Buffer.from('"\x80\xc3\xe2\x82\xf5\x80\x80\x80\x01', 'latin1')), [
      parseError(`stray '"\ufffd\ufffd\ufffd\ufffd\x01'`),
    ]);
  });

  test('a long invalid keyword is cut as QEMU cuts it', () => {
    assert.deepEqual(errors(`${'x'.repeat(5000)} `), [parseError(`invalid keyword '${'x'.repeat(1006)}`)]);
  });
});

describe('recovery', () => {
  test('0xFF gives exactly one error and a clean parser, in any state', () => {
    for (const before of ['', '{"a":[1,', '"half', '[12', '[tru', '{"a":1 2', '"\\']) {
      const found = outcomes(Buffer.concat([Buffer.from(`${before}\xff{"b":1}`, 'latin1')]));
      assert.equal(found.length, 2, before);
      assert.ok(found[0] !== undefined && 'desc' in found[0]);
      assert.ok(found[1] !== undefined && 'value' in found[1]);
    }
  });

  test('two 0xFF give two errors', () => {
    assert.deepEqual(errors(Buffer.from('\xff\xff', 'latin1')), [
      parseError("stray '\ufffd'"),
      parseError("stray '\ufffd'"),
    ]);
  });

  test('after a stray byte everything is skipped up to a structural or a control byte, but not a tab', () => {
    const found = outcomes('#"a" 1 true \t x {"b":1}');
    assert.deepEqual(
      found.map((outcome) => ('desc' in outcome ? outcome.desc : outcome.compact)),
      [parseError("stray '#'"), '{"b":1}'],
    );
  });

  test('a mismatch that QEMU waits for is waited for', () => {
    assert.deepEqual(outcomes('{"a":[}'), []);
    assert.deepEqual(errors('{"a":[}]'), [parseError('expecting value')]);
  });
});

describe('framing', () => {
  test('messages need no newline, and their offsets are absolute', () => {
    const input = ' {"a":1}[2]\r\n"x" 42 ';
    const places = [[1, 8], [8, 11], [13, 16], [17, 19]]; // biome-ignore format: pairs
    for (const sizes of [[], [3, 3, 3, 3], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]]) {
      assert.deepEqual(
        outcomes(input, sizes).map(({ start, end }) => [start, end]),
        places,
      );
    }
  });

  test('a number or a keyword waits for the byte after it, an object does not', () => {
    assert.deepEqual(outcomes('42'), []);
    assert.deepEqual(outcomes('true'), []);
    assert.equal(outcomes('42\n').length, 1);
    assert.equal(outcomes('{}').length, 1);
    assert.equal(outcomes('"x"').length, 1);
  });

  test('any cut of the input gives the same outcomes', () => {
    fc.assert(
      fc.property(streamArbitrary, fc.infiniteStream(fc.integer({ min: 1, max: 9 })), (bytes, sizes) => {
        for (const { dialect } of jsonDialects) {
          const whole = outcomes(bytes, [], { dialect });
          assert.deepStrictEqual(outcomes(bytes, sizes, { dialect }), whole);
          assert.deepStrictEqual(outcomes(bytes, new Array(bytes.length).fill(1), { dialect }), whole);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a sink that stops and resumes sees the same as one that does not', () => {
    fc.assert(
      fc.property(streamArbitrary, fc.integer({ min: 1, max: 50 }), anyDialect, (bytes, size, dialect) => {
        const seen: unknown[] = [];
        const parser = new MessageParser({ dialect });
        const sink: MessageSink = {
          message: ({ value, start, end }) => {
            seen.push([value, start, end]);
            return false;
          },
          error: (...error) => {
            seen.push(error);
            return false;
          },
        };
        for (let at = 0; at < bytes.length; at += size) parser.feed(bytes.subarray(at, at + size), sink);
        assert.ok(seen.length <= 1);
        while (parser.stopped) parser.resume(sink);
        assert.equal(parser.hasBuffered, false);
        const expected = outcomes(bytes, [], { dialect }).map((outcome) =>
          'desc' in outcome
            ? [outcome.desc, outcome.start, outcome.end]
            : [outcome.value, outcome.start, outcome.end],
        );
        assert.deepStrictEqual(seen, expected);
      }),
      { numRuns: 300 },
    );
  });

  test('while stopped, bytes wait and are counted', () => {
    const parser = new MessageParser();
    const seen: JsonValue[] = [];
    let goOn = false;
    const sink: MessageSink = {
      message: ({ value }) => {
        seen.push(value);
        return goOn;
      },
      error: (desc) => assert.fail(desc),
    };
    parser.feed(Buffer.from('[1][2][3'), sink);
    assert.deepEqual([seen.length, parser.stopped, parser.pendingBytes], [1, true, 5]);
    parser.feed(Buffer.from(']'), sink);
    assert.equal(parser.pendingBytes, 6);
    parser.resume(sink);
    assert.deepEqual([seen.length, parser.hasBuffered], [2, true]);
    goOn = true;
    parser.resume(sink);
    assert.deepEqual([seen, parser.stopped, parser.pendingBytes], [[[1], [2], [3]], false, 0]);
  });

  test('reset forgets half a message', () => {
    const parser = new MessageParser();
    const seen: JsonValue[] = [];
    const sink: MessageSink = { message: ({ value, start }) => void seen.push([start, value]), error() {} };
    parser.feed(Buffer.from('{"a":"b'), sink);
    assert.equal(parser.pendingBytes, 7);
    parser.reset();
    assert.equal(parser.pendingBytes, 0);
    parser.feed(Buffer.from('[1]'), sink);
    assert.deepEqual(seen, [[0, [1]]]);
  });

  test('a message can only give its bytes while the sink looks at it', () => {
    const parser = new MessageParser();
    let source: (() => unknown) | undefined;
    parser.feed(Buffer.from('[1]'), {
      message(message) {
        source = () => message.source();
      },
      error() {},
    });
    assert.throws(() => source?.(), /after its sink returned/);
  });

  test('where there is no Buffer, as in a browser, long texts are read as well', () => {
    const module = new URL('../../src/json/message-parser.js', import.meta.url);
    const program = `
      delete globalThis.Buffer;
      const { MessageParser } = await import(${JSON.stringify(module.href)});
      const bytes = new TextEncoder().encode('["' + 'a'.repeat(10000) + 'é"]');
      new MessageParser().feed(bytes, { message: (m) => console.log(m.value[0].length), error: console.log });`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
    });
    assert.equal(stdout, '10001\n');
  });
});
