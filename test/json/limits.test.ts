import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type JsonLimits, qemuLimits } from '../../src/json/lex/limits.ts';
import { MessageParser } from '../../src/json/message-parser.ts';
import { errors, outcomes } from './outcomes.ts';

const sizeError = 'JSON token size limit exceeded';
const countError = 'JSON token count limit exceeded';
const depthError = 'JSON nesting depth limit exceeded';
const small: JsonLimits = { tokenBytesMax: 10, tokensMax: 8, nestingMax: 3 };

/** Feeds `chunk` again and again without keeping what comes of it. */
function feedMany(parser: MessageParser, chunk: Uint8Array, times: number): number {
  let seen = 0;
  const count = (): void => {
    seen++;
  };
  const sink = { message: () => count(), error: () => count() };
  for (let i = 0; i < times; i++) parser.feed(chunk, sink);
  return seen;
}

describe('limits', () => {
  test('QEMU counts 2^21 tokens: one more than that fails', () => {
    const passes = `[${'1,'.repeat(2 ** 20 - 2)}1]`;
    assert.deepEqual(errors(passes), []);
    assert.equal(errors(`[${'1,'.repeat(2 ** 20)}1]`)[0], countError);
  });

  test('1024 deep passes, 1025 gives one error for the depth and one for each bracket left over', () => {
    assert.deepEqual(errors(`${'['.repeat(1024)}${']'.repeat(1024)}`), []);
    const found = errors(`${'['.repeat(1025)}${']'.repeat(1025)}`);
    assert.equal(found[0], depthError);
    assert.equal(found.length, 1 + 1025);
    assert.deepEqual(errors(`${'{"a":'.repeat(1024)}1${'}'.repeat(1024)}`), []);
  });

  test('64 MiB of token text pass, one byte more fails', () => {
    const chunk = Buffer.alloc(2 ** 20, 'a');
    const found: string[] = [];
    const sink = {
      message: () => void found.push('message'),
      error: (desc: string) => void found.push(desc),
    };
    for (const extra of [-5, -4]) {
      const parser = new MessageParser();
      parser.feed(Buffer.from('["'), sink);
      for (let i = 0; i < 63; i++) parser.feed(chunk, sink);
      // Behind the text there are the quote and `]`, in front of it `[` and the quote; the last token is not checked.
      parser.feed(chunk.subarray(0, chunk.length + extra + 2), sink);
      parser.feed(Buffer.from('"]'), sink);
    }
    assert.deepEqual(found.slice(0, 2), ['message', sizeError]);
    assert.equal(qemuLimits.tokenBytesMax, 64 * 2 ** 20);
  });

  test('the sum of the token texts is checked after every token but the last', () => {
    assert.deepEqual(errors('["aaa",11]', { limits: small }), []);
    assert.deepEqual(errors('["aaa",111]', { limits: small }), []);
    assert.equal(errors('["aaa",1111]', { limits: small })[0], sizeError);
    assert.deepEqual(errors('[                  1]', { limits: small }), []);
  });

  test('a single token that is too long fails where it stands, even at the top', () => {
    assert.deepEqual(errors(`"${'a'.repeat(8)}"`, { limits: small }), []);
    // The token that completes a message is never compared with the limit, as long as its end comes in time.
    assert.deepEqual(errors(`"${'a'.repeat(9)}"`, { limits: small }), []);
    assert.equal(errors(`"${'a'.repeat(10)}"`, { limits: small })[0], 'JSON parse error, expecting value');
    assert.equal(errors(`["${'a'.repeat(20)}"`, { limits: small })[0], sizeError);
    assert.equal(errors(`[${'1'.repeat(20)}`, { limits: small })[0], sizeError);
  });

  test('limits do not depend on how the input is cut', () => {
    const inputs = [
      `["${'a'.repeat(30)}",1,"b"]`,
      `"${'a'.repeat(30)}" [1]`,
      `"${'é'.repeat(30)}" [1]`,
      `[${'1'.repeat(30)}]`,
      `${'['.repeat(9)}1${']'.repeat(9)}`,
      `[${'1,'.repeat(9)}1]`,
      `{"a":${'x'.repeat(40)}}`,
    ];
    for (const input of inputs) {
      for (let tokenBytesMax = 1; tokenBytesMax < 45; tokenBytesMax++) {
        const limits = { ...small, tokenBytesMax };
        const whole = outcomes(input, [], { limits });
        for (const size of [1, 3, 7]) {
          assert.deepStrictEqual(outcomes(input, new Array(input.length).fill(size), { limits }), whole);
        }
      }
    }
  });

  test('whitespace inside a message costs neither limit nor memory', () => {
    const parser = new MessageParser();
    const spaces = Buffer.alloc(2 ** 16, ' ');
    assert.equal(feedMany(parser, Buffer.from('['), 1), 0);
    assert.equal(feedMany(parser, Buffer.concat([spaces, Buffer.from('1 ,')]), 100), 0);
    assert.equal(parser.pendingBytes, 201);
  });

  test('what follows an error inside a message is not kept', () => {
    const parser = new MessageParser();
    assert.equal(feedMany(parser, Buffer.from('[,'), 1), 0);
    assert.equal(feedMany(parser, Buffer.from('"abcdefgh",'), 1000), 0);
    assert.equal(parser.pendingBytes, 0);
  });
});

describe('linear time', () => {
  // Each of these would take minutes if any step looked at the bytes before it again. 1 MiB in pieces of 61 bytes.
  const total = 2 ** 20;
  const families: Readonly<Record<string, (i: number) => string>> = {
    'an endless string': (i) => (i === 0 ? '["' : 'a').padEnd(61, 'a'),
    'an endless string of escapes': (i) => (i === 0 ? '["a' : '\\n\\').padEnd(61, '\\n'),
    'an endless number': (i) => (i === 0 ? '[1' : '1').padEnd(61, '1'),
    'an endless keyword': () => 'x'.repeat(61),
    'closing brackets': () => ']'.repeat(61),
    'opening brackets': () => '['.repeat(61),
    'stray bytes': () => '\x01'.repeat(61),
    'a list of numbers': (i) => (i === 0 ? '[1' : ',1').padEnd(61, ',1'),
    'an object of many members': (i) => `${i === 0 ? '{' : ','}"${i}":{},"a${i}":[]`,
    'whitespace in a message': (i) => (i === 0 ? '[' : ' ').padEnd(61, ' '),
    'broken messages': () => '{"a"}'.repeat(12),
    'numbers beyond 64 bits': () => '123456789012345678901234567890123456789012345678901234567890\n',
  };
  for (const [name, piece] of Object.entries(families)) {
    test(`${name}: 1 MiB in small pieces within 5 s`, () => {
      const parser = new MessageParser();
      const begin = performance.now();
      for (let i = 0; i < total / 61; i++) feedMany(parser, Buffer.from(piece(i)), 1);
      feedMany(parser, Buffer.from('"x" \xff', 'latin1'), 1);
      assert.ok(performance.now() - begin < 5000);
    });
  }

  test('messages that are each answered later: the rest of a chunk is not copied again and again', () => {
    const parser = new MessageParser();
    const sink = { message: () => false, error: () => false };
    parser.feed(Buffer.from('{}'.repeat(2 ** 18)), sink);
    const begin = performance.now();
    let resumed = 0;
    for (; parser.stopped; resumed++) parser.resume(sink);
    assert.equal(resumed, 2 ** 18);
    assert.ok(performance.now() - begin < 5000);
  });
});
