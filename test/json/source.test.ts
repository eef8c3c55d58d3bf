import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { printCompact } from '../../src/json/print.ts';
import { MessageSource } from '../../src/json/source.ts';
import { isJsonObject, type JsonValue } from '../../src/json/value.ts';
import { anyValueArbitrary, streamArbitrary } from './arbitraries.ts';
import { outcomes, parse } from './outcomes.ts';

const source = (text: string): MessageSource => new MessageSource(Buffer.from(text));

const command = `{ "execute" : 'getfd',\t"arguments":{"list":[1 , {"x" : [ ]}, "}"], "fdname":"a\\"b", 'addr': {"str": "é" }},
 "id" : 12345678901234567890123 }`;

describe('cut', () => {
  const rows: readonly (readonly [readonly (string | number)[], string | undefined])[] = [
    [['execute'], "'getfd'"],
    [['id'], '12345678901234567890123'],
    [['arguments', 'fdname'], '"a\\"b"'],
    [['arguments', 'addr', 'str'], Buffer.from('"é"').toString('latin1')],
    [['arguments', 'list'], '[1 , {"x" : [ ]}, "}"]'],
    [['arguments', 'list', 0], '1'],
    [['arguments', 'list', 1, 'x'], '[ ]'],
    [['arguments', 'list', 2], '"}"'],
    [['arguments', 'list', 3], undefined],
    [['arguments', 'none'], undefined],
    [['id', 'x'], undefined],
    [['arguments', 0], undefined],
    [['arguments', 'list', 'x'], undefined],
  ];
  for (const [path, text] of rows) {
    test(`${path.join('.')} is ${text}`, () => assert.equal(source(command).cut(path), text));
  }

  test('a name that is written with escapes is found', () => {
    assert.equal(source('{"\\u0061\\/": 1}').cut(['a/']), '1');
  });

  test('the bytes of every member are its value', () => {
    const check = (value: JsonValue, path: (string | number)[], from: MessageSource): void => {
      assert.deepStrictEqual(parse(from.cut(path) ?? ''), value);
      if (Array.isArray(value)) {
        for (const [i, element] of value.entries()) check(element, [...path, i], from);
      } else if (isJsonObject(value)) {
        for (const key in value) check(value[key] as JsonValue, [...path, key], from);
      }
    };
    fc.assert(fc.property(anyValueArbitrary, (value) => check(value, [], source(printCompact(value)))));
  });
});

describe('replace', () => {
  test('exchanges values in place and leaves every other byte', () => {
    const replaced = source('{"id" : 1.0 ,"arguments": {"fdname" : "x","n":1e400} }').replace([
      { path: ['arguments', 'fdname'], json: '"qmpd-7"' },
      { path: ['id'], json: '[2]' },
      { path: ['arguments', 'none'], json: '0' },
    ]);
    assert.equal(replaced, '{"id" : [2] ,"arguments": {"fdname" : "qmpd-7","n":1e400} }');
  });
});

describe('compact', () => {
  test('drops whitespace, makes strings double-quoted ASCII, and keeps every digit', () => {
    assert.equal(
      source(command).compact([]),
      '{"execute":"getfd","arguments":{"list":[1,{"x":[]},"}"],"fdname":"a\\"b","addr":{"str":"\\u00E9"}},"id":12345678901234567890123}',
    );
  });

  test('gives a part of the message, with replacements inside it', () => {
    const compact = source(command).compact(
      ['arguments'],
      [
        { path: ['arguments', 'fdname'], json: '"qmpd-7"' },
        { path: ['id'], json: '1' },
      ],
    );
    assert.equal(compact, '{"list":[1,{"x":[]},"}"],"fdname":"qmpd-7","addr":{"str":"\\u00E9"}}');
    assert.equal(source(command).compact(['none']), undefined);
  });

  test("turns QEMU's own escapes into JSON", () => {
    assert.equal(source(`["it\\'s",'it\\'s "so"']`).compact([]), `["it's","it's \\"so\\""]`);
  });

  test('whatever was accepted becomes JSON of the same value', () => {
    fc.assert(
      fc.property(streamArbitrary, (bytes) => {
        for (const outcome of outcomes(bytes)) {
          if (!('value' in outcome)) continue;
          assert.match(outcome.compact, /^[ -~]*$/);
          assert.doesNotThrow(() => JSON.parse(outcome.compact));
          assert.deepStrictEqual(parse(outcome.compact), outcome.value);
        }
      }),
      { numRuns: 500 },
    );
  });
});
