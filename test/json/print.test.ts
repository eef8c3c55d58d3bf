import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { memberBucket, memberOrder } from '../../src/json/member-order.ts';
import { print, printCompact } from '../../src/json/print.ts';
import { Double, type JsonValue, jsonObject } from '../../src/json/value.ts';
import { anyValueArbitrary, plainValueArbitrary } from './arbitraries.ts';
import { parse } from './outcomes.ts';

describe('print', () => {
  const rows: readonly (readonly [JsonValue, string])[] = [
    [0.1, '0.10000000000000001'],
    [new Double(1), '1'],
    [new Double(-0), '-0'],
    [new Double(1e17), '1e+17'],
    [new Double(1e16), '10000000000000000'],
    [1e-5, '1.0000000000000001e-05'],
    [0.0001, '0.0001'],
    [5e-324, '4.9406564584124654e-324'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [new Double(2 ** 64), '1.8446744073709552e+19'],
    [new Double(Number.POSITIVE_INFINITY), 'inf'],
    [new Double(Number.NEGATIVE_INFINITY), '-inf'],
    [Number.NaN, 'nan'],
    [2 ** 60, '1152921504606846976'],
    [2 ** 70, '1.1805916207174113e+21'],
    [18446744073709551615n, '18446744073709551615'],
    [
      '"\\/\b\f\n\r\t\x01\x1f\x7fé€😀',
      '"\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001F\\u007F\\u00E9\\u20AC\\uD83D\\uDE00"',
    ],
    ['\ud800a\udc00\ufffe\u{1ffff}', '"\\uFFFDa\\uFFFD\\uFFFD\\uFFFD"'],
    [[1, [], jsonObject()], '[1, [], {}]'],
    [jsonObject({ id: 1, return: null }), '{"return": null, "id": 1}'],
    [jsonObject({ id: 1, error: null }), '{"id": 1, "error": null}'],
  ];
  for (const [value, text] of rows) test(text, () => assert.equal(print(value), text));

  test('a double half way between two texts of 17 digits goes to the even one, as with glibc', () => {
    assert.equal(print(2 ** 50 + 1.25), '1125899906842625.2');
    assert.equal(print(2 ** 50 + 1.75), '1125899906842625.8');
    assert.equal(print(2 ** 51 + 1.5), '2251799813685249.5');
  });

  test('pretty uses four spaces, CRLF, and a line break in empty containers', () => {
    const value = jsonObject({ a: jsonObject(), b: [jsonObject({ c: [] }), 1] });
    const lines = ['{', '    "a": {', '    },', '    "b": [', '        {', '            "c": ['];
    lines.push('            ]', '        },', '        1', '    ]', '}');
    assert.equal(print(value, { pretty: true }), lines.join('\r\n'));
  });

  test('what is printed is read back as the same value', () => {
    fc.assert(
      fc.property(plainValueArbitrary, (value) => {
        assert.deepStrictEqual(parse(print(value)), value);
        assert.deepStrictEqual(parse(print(value, { pretty: true })), value);
      }),
      { numRuns: 500 },
    );
  });

  test('compact text is read back as the same value, doubles included', () => {
    fc.assert(
      fc.property(anyValueArbitrary, (value) => {
        const text = printCompact(value);
        assert.match(text, /^[ -~]*$/);
        assert.deepStrictEqual(parse(text), value);
      }),
      { numRuns: 500 },
    );
  });

  test('every double is printed with the digits that give it back', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        assert.ok(Object.is(Number(print(new Double(value))), value));
      }),
    );
  });
});

describe('member order', () => {
  test('is that of the hash table, last inserted first within a bucket', () => {
    assert.equal(memberBucket('minor'), memberBucket('micro'));
    assert.deepEqual(memberOrder(jsonObject({ major: 1, minor: 2, micro: 3 })), ['micro', 'minor', 'major']);
    assert.deepEqual(memberOrder(jsonObject({ micro: 3, minor: 2, major: 1 })), ['minor', 'micro', 'major']);
    assert.deepEqual(memberOrder(jsonObject({ data: 1, event: 2, timestamp: 3 })), [
      'timestamp',
      'event',
      'data',
    ]);
  });

  test('a bucket does not depend on what was asked before', () => {
    const before = memberBucket('é\0😀');
    for (let i = 0; i < 10_000; i++) memberBucket(`key ${i}`);
    assert.equal(memberBucket('é\0😀'), before);
  });
});
