// The same bytes to a real QEMU and to the parser and printer here: answers must be the same bytes. What QEMU does
// with a message beyond JSON is modelled below just far enough for commands that do not exist.

import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { memberOrder } from '../../src/json/member-order.ts';
import { print } from '../../src/json/print.ts';
import { isJsonObject, type JsonValue, jsonObject } from '../../src/json/value.ts';
import { anyValueArbitrary, streamArbitrary } from './arbitraries.ts';
import { outcomes, parse } from './outcomes.ts';
import { reinserted } from './qdict.ts';

const binary: string = process.env.QMPD_TEST_QEMU ?? 'qemu-system-x86_64';
const missing: boolean = spawnSync(binary, ['--version'], { stdio: 'ignore' }).status !== 0;
const skip: string | false = missing && `${binary} is not installed: nothing to compare with`;

/** A QEMU without machine, its QMP on standard input and output, after negotiation. */
class RealQemu {
  readonly #process: ChildProcessWithoutNullStreams;
  #text = '';

  constructor() {
    const options = ['-M', 'none', '-nodefaults', '-display', 'none', '-qmp', 'stdio'];
    this.#process = spawn(binary, options);
    this.#process.stdout.setEncoding('latin1').on('data', (text: string) => {
      this.#text += text;
    });
  }

  /** Sends `bytes` and answers the lines up to and with the one that contains `last`. */
  async exchange(bytes: string | Uint8Array, last: string): Promise<string[]> {
    this.#process.stdin.write(bytes);
    while (!this.#text.includes(last) || !this.#text.endsWith('\r\n'))
      await once(this.#process.stdout, 'data');
    const lines = this.#text.split('\r\n').slice(0, -1);
    this.#text = '';
    return lines;
  }

  async end(): Promise<void> {
    const exited = once(this.#process, 'exit');
    this.#process.kill();
    await exited;
  }
}

const error = (desc: string, errorClass = 'GenericError'): JsonValue =>
  jsonObject({ desc, class: errorClass });

/** What QEMU answers to a message whose command it does not have, or which has none. */
function checked(message: JsonValue): JsonValue {
  if (!isJsonObject(message)) return error('QMP input must be a JSON object');
  for (const name of memberOrder(message)) {
    const value = message[name];
    if (name === 'execute') {
      if (typeof value !== 'string') return error("QMP input member 'execute' must be a string");
    } else if (name === 'arguments') {
      if (!isJsonObject(value)) return error("QMP input member 'arguments' must be an object");
    } else if (name !== 'id') {
      return error(`QMP input member '${name}' is unexpected`);
    }
  }
  if (message.execute === undefined) return error("QMP input lacks member 'execute'");
  return error(`The command ${String(message.execute)} has not been found`, 'CommandNotFound');
}

/** The lines that QEMU will answer to `bytes`. */
function expectedLines(bytes: Uint8Array): string[] {
  return outcomes(bytes).map((outcome) => {
    if ('desc' in outcome) return print(jsonObject({ error: error(outcome.desc) }));
    const answer = jsonObject({ error: checked(outcome.value) });
    if (isJsonObject(outcome.value) && outcome.value.id !== undefined) answer.id = outcome.value.id;
    return print(answer);
  });
}

describe('beside a real QEMU', { skip }, () => {
  let qemu: RealQemu;
  let marks = 0;

  before(async () => {
    qemu = new RealQemu();
    await qemu.exchange('{"execute":"qmp_capabilities"}', '{"return": {}}');
  });

  after(() => qemu.end());

  /** Sends the bytes, cleans QEMU's parser, and compares everything that comes back. */
  async function compare(bytes: Uint8Array): Promise<void> {
    const mark = `mark-${++marks}`;
    const input = Buffer.concat([bytes, Buffer.from(`\xff{"execute":"${mark}"}`, 'latin1')]);
    const lines = await qemu.exchange(input, `The command ${mark} has not been found`);
    assert.deepEqual(lines, expectedLines(input));
  }

  for (const command of [
    'query-qmp-schema',
    'qom-list-types',
    'query-command-line-options',
    'query-version',
  ]) {
    test(`${command}: the answer is read and printed to the same bytes`, async () => {
      const lines = await qemu.exchange(`{"execute":"${command}"}`, '{"return": ');
      assert.equal(lines.length, 1);
      const value = parse(lines[0] ?? '');
      assert.ok(!(value instanceof Error));
      assert.equal(print(reinserted(value)), lines[0]);
    });
  }

  test('random values come back as ids to the byte', async () => {
    // Decimal names lose their place among the others of their bucket in JavaScript's objects (memberOrder).
    const ids = anyValueArbitrary.filter((value) => !/"\d+":/.test(print(value)));
    const property = fc.asyncProperty(ids, (id) =>
      compare(Buffer.from(`{"execute":"none","id":${print(id)}}`)),
    );
    await fc.assert(property, { numRuns: 150 });
  });

  test('random doubles are printed with the same digits', async () => {
    const property = fc.asyncProperty(fc.array(fc.double({ noNaN: true }), { maxLength: 40 }), (values) =>
      compare(Buffer.from(`{"execute":"none","id":${JSON.stringify(values)}}`)),
    );
    await fc.assert(property, { numRuns: 30 });
  });

  test('random input gives the same messages and the same errors', async () => {
    await fc.assert(fc.asyncProperty(streamArbitrary, compare), { numRuns: 300 });
  });

  test('at the limit of nesting, and with words that QEMU cuts', async () => {
    await compare(Buffer.from(`${'['.repeat(1024)}${']'.repeat(1024)}`));
    await compare(Buffer.from(`${'['.repeat(1025)}${']'.repeat(1025)}`));
    await compare(Buffer.from(`${'x'.repeat(3000)} ["\\u12é","\x01`));
  });
});
