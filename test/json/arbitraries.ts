// Random values and random input for the property tests of test/json. fast-check prints the seed of a failure.

import fc from 'fast-check';
import { jsonInteger } from '../../src/json/integer.ts';
import { isUnicodeCharacter } from '../../src/json/lex/modified-utf8.ts';
import { Double, type JsonObject, type JsonValue, jsonObject } from '../../src/json/value.ts';

/** Any text that can come from the parser: no lone surrogates, no noncharacters. */
export const textArbitrary: fc.Arbitrary<string> = fc.oneof(
  fc.string(),
  fc
    .string({ unit: 'binary' })
    .map((text) => [...text].filter((c) => isUnicodeCharacter(c.codePointAt(0) ?? 0)).join('')),
);

const memberNameArbitrary = fc.oneof(
  textArbitrary,
  fc.constantFrom('__proto__', 'constructor', '0', '12', 'micro', 'minor', 'status', 'singlestep', 'id', ''),
);

const integerArbitrary = fc.oneof(
  fc.maxSafeInteger().map((value) => (value === 0 ? 0 : value)),
  fc.bigInt(-(2n ** 63n), 2n ** 64n - 1n).map(jsonInteger),
);

const fractionArbitrary = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .filter((value) => !Number.isInteger(value));

const integralDoubleArbitrary = fc
  .oneof(
    fc.constantFrom(0, -0, 1, 1e17, 1e300, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    fc.maxSafeInteger(),
  )
  .map((value) => new Double(value));

function valueArbitrary(scalar: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonValue> {
  return fc.letrec<{ value: JsonValue; list: JsonValue[]; object: JsonObject }>((tie) => ({
    value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalar, tie('list'), tie('object')),
    list: fc.array(tie('value'), { maxLength: 6 }),
    object: fc
      .uniqueArray(fc.tuple(memberNameArbitrary, tie('value')), { selector: ([name]) => name, maxLength: 6 })
      .map((members) => {
        const object = jsonObject();
        for (const [name, value] of members) object[name] = value;
        return object;
      }),
  })).value;
}

const plainScalarArbitrary: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.constantFrom(null, true, false),
  integerArbitrary,
  fractionArbitrary,
  textArbitrary,
);

/** Values that survive QEMU's way of printing: it prints the double 1.0 like the integer 1. */
export const plainValueArbitrary: fc.Arbitrary<JsonValue> = valueArbitrary(plainScalarArbitrary);

/** All values but NaN. */
export const anyValueArbitrary: fc.Arbitrary<JsonValue> = valueArbitrary(
  fc.oneof(plainScalarArbitrary, integralDoubleArbitrary),
);

const fragments: readonly string[] = [
  ...['{', '}', '[', ']', ':', ',', '{', '}', '[', ']', ':', ',', ' ', '\n', '\t', '\r\n', '"', "'", '\\'],
  ...[
    '"execute":"no-such"',
    '"execute":',
    '"arguments":{}',
    '"id":',
    '"id":7,',
    '"a":',
    '"a"',
    "'it'",
    '"b":[]',
  ],
  ...[
    '{"execute":"no-such"}',
    '{"execute":"no-such","id":',
    '{"a":1,',
    '[[',
    ']]',
    '}}',
    '{}',
    '[]',
    '{"":{}}',
  ],
  ...[
    '0',
    '1',
    '-',
    '-0',
    '12',
    '1.5',
    '1.',
    '.5',
    '0e1',
    '1e5',
    '1E-3',
    '1e',
    '+',
    '01',
    '9223372036854775808',
  ],
  ...[
    '-9223372036854775809',
    '18446744073709551615',
    '18446744073709551616',
    '0.1',
    '1e400',
    '123456789012345.5',
  ],
  ...['true', 'false', 'null', 'nul', 'hello', 'T', '#', '%d', '\x01', '\x7f', '\0', '"a\nb"', '"tab\tin"'],
  ...['"\\u0041"', '"\\uD83D\\uDE00"', '"\\uD800"', '"\\uDC00"', '"\\uD800\\u0041"', '"\\uFFFE"', '"\\u12"'],
  ...[
    '"\\u0000"',
    '"\\x"',
    '"\\\'"',
    '"\\/\\b\\f\\n\\r\\t\\""',
    '"é€😀"',
    '"\\uD83F\\uDFFE"',
    "'\"'",
    '"\\é"',
  ],
  '"a string that is longer than the forty bytes of the quick way, and plain"',
];

/** Bytes that mean something more often than random ones do. */
export const streamArbitrary: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(...fragments).map((text) => Buffer.from(text)) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)) },
      {
        weight: 1,
        arbitrary: fc
          .uint8Array({ maxLength: 6 })
          .map((bytes) =>
            Buffer.concat([Buffer.from('"'), bytes.filter((b) => b >= 0x80), Buffer.from('"')]),
          ),
      },
    ),
    { maxLength: 30 },
  )
  .map((parts) => Buffer.concat(parts));
