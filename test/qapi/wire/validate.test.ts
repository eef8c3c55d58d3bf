// The texts are QEMU 7.2's and 10.0's own, noted from running ones; the types are cut down from its schema.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { JsonValue } from '../../../src/json/value.ts';
import { Double, jsonObject } from '../../../src/json/value.ts';
import { unexpectedMember } from '../../../src/qapi/wire/unexpected-member.ts';
import { Validator } from '../../../src/qapi/wire/validate.ts';
import { compileText } from '../schema-text.ts';

const validator = new Validator(
  compileText(`
    { 'command': 'block_resize', 'data': { '*device': 'str', '*node-name': 'str', 'size': 'int' } }
    { 'command': 'query-blockstats', 'data': { '*query-nodes': 'bool' } }
    { 'enum': 'Driver', 'data': [ 'file', 'qcow2', 'null-co' ] }
    { 'struct': 'FileOptions', 'data': { 'filename': 'str' } }
    { 'struct': 'Qcow2Options', 'data': { 'file': 'Ref', '*backing': 'RefOrNull' } }
    { 'union': 'Options', 'base': { 'driver': 'Driver', '*node-name': 'str' }, 'discriminator': 'driver',
      'data': { 'file': 'FileOptions', 'qcow2': 'Qcow2Options' } }
    { 'alternate': 'Ref', 'data': { 'definition': 'Options', 'reference': 'str' } }
    { 'alternate': 'RefOrNull', 'data': { 'definition': 'Options', 'reference': 'str', 'null': 'null' } }
    { 'command': 'blockdev-add', 'data': 'Options', 'boxed': true }
    { 'enum': 'KeyKind', 'data': [ 'number', 'qcode' ] }
    { 'enum': 'KeyCode', 'data': [ 'a', 'b' ] }
    { 'struct': 'KeyNumber', 'data': { 'data': 'int' } }
    { 'struct': 'KeyCodeWrapper', 'data': { 'data': 'KeyCode' } }
    { 'union': 'KeyValue', 'base': { 'type': 'KeyKind' }, 'discriminator': 'type',
      'data': { 'number': 'KeyNumber', 'qcode': 'KeyCodeWrapper' } }
    { 'command': 'send-key', 'data': { 'keys': [ 'KeyValue' ] } }
    { 'command': 'set-memory', 'data': { 'size': 'size', '*host-nodes': [ 'uint16' ], '*threads': 'uint32',
      '*level': 'uint8', '*offset': 'int8', '*policy': [ 'KeyCode' ] } }
    { 'command': 'qom-set', 'data': { 'path': 'str', 'property': 'str', 'value': 'any' } }
    { 'command': 'set-speed', 'data': { 'factor': 'number', '*off': 'null' } }
    { 'pragma': { 'command-name-exceptions': [ 'block_resize' ] } }
  `),
);

/** Arguments written down as JSON: `1.0` and large integers need the classes and functions. */
function args(members: Record<string, JsonValue>): JsonValue {
  return jsonObject(members);
}

function faultOf(command: string, members: Record<string, JsonValue>): string | undefined {
  const type = command === 'blockdev-add' ? 'Options' : `q_obj_${command}-arg`;
  return validator.faultOf(type, args(members));
}

const right: [string, Record<string, JsonValue>][] = [
  ['block_resize', { size: 5 }],
  ['block_resize', { size: -(2n ** 63n), 'node-name': '' }],
  ['query-blockstats', {}],
  ['blockdev-add', { driver: 'null-co' }],
  ['blockdev-add', { driver: 'qcow2', file: args({ driver: 'file', filename: '/x' }), backing: null }],
  ['blockdev-add', { driver: 'qcow2', file: 'node0', backing: 'node1' }],
  ['send-key', { keys: [] }],
  ['send-key', { keys: [args({ type: 'qcode', data: 'a' }), args({ type: 'number', data: 1 })] }],
  ['set-memory', { size: -1 }],
  [
    'set-memory',
    { size: 2n ** 64n - 1n, 'host-nodes': [0, 65535], threads: 4294967295, level: 255, offset: -128 },
  ],
  ['qom-set', { path: '/', property: 'x', value: null }],
  ['qom-set', { path: '/', property: 'x', value: [args({ a: [] })] }],
  ['set-speed', { factor: 1.5 }],
  ['set-speed', { factor: new Double(1), off: null }],
  ['set-speed', { factor: 2n ** 64n - 1n }],
];

const wrong: [string, Record<string, JsonValue>, string][] = [
  ['block_resize', {}, "Parameter 'size' is missing"],
  ['block_resize', { bogus: 1 }, "Parameter 'size' is missing"],
  ['block_resize', { size: 1, bogus: 1 }, "Parameter 'bogus' is unexpected"],
  ['block_resize', { size: new Double(1) }, "Invalid parameter type for 'size', expected: integer"],
  ['block_resize', { size: 1.5 }, "Invalid parameter type for 'size', expected: integer"],
  ['block_resize', { size: 'x' }, "Invalid parameter type for 'size', expected: integer"],
  ['block_resize', { size: 2n ** 63n }, "Invalid parameter type for 'size', expected: integer"],
  ['block_resize', { 'node-name': 5, size: 1 }, "Invalid parameter type for 'node-name', expected: string"],
  [
    'block_resize',
    { 'node-name': null, size: 1 },
    "Invalid parameter type for 'node-name', expected: string",
  ],
  ['query-blockstats', { 'query-nodes': 1 }, "Invalid parameter type for 'query-nodes', expected: boolean"],
  ['blockdev-add', { driver: 'nope' }, "Parameter 'driver' does not accept value 'nope'"],
  ['blockdev-add', { driver: 'qcow2' }, "Parameter 'file' is missing"],
  ['blockdev-add', { driver: 'qcow2', file: 5 }, "Invalid parameter type for 'file', expected: Ref"],
  [
    'blockdev-add',
    { driver: 'qcow2', file: args({ driver: 'nope' }) },
    "Parameter 'driver' does not accept value 'nope'",
  ],
  [
    'blockdev-add',
    { driver: 'qcow2', file: args({ driver: 'file' }) },
    "Parameter 'file.filename' is missing",
  ],
  [
    'blockdev-add',
    { driver: 'qcow2', file: args({ driver: 'file', filename: '/x', zz: args({ a: 1 }) }) },
    "Parameter 'file.zz' is unexpected",
  ],
  [
    'blockdev-add',
    { driver: 'qcow2', file: 'f', backing: 7 },
    "Invalid parameter type for 'backing', expected: RefOrNull",
  ],
  ['blockdev-add', { driver: 'null-co', filename: '/x' }, "Parameter 'filename' is unexpected"],
  ['send-key', { keys: 7 }, "Invalid parameter type for 'keys', expected: array"],
  ['send-key', { keys: null }, "Invalid parameter type for 'keys', expected: array"],
  ['send-key', { keys: [7] }, "Invalid parameter type for 'keys[0]', expected: object"],
  ['send-key', { keys: [args({})] }, "Parameter 'keys[0].type' is missing"],
  ['send-key', { keys: [args({ type: 'numb', data: 1 })] }, "Parameter 'type' does not accept value 'numb'"],
  [
    'send-key',
    { keys: [args({ type: 'qcode', data: 'zz' })] },
    "Parameter 'data' does not accept value 'zz'",
  ],
  [
    'send-key',
    { keys: [args({ type: 'number', data: 1 }), args({ type: 'number', data: 1.5 })] },
    "Invalid parameter type for 'keys[1].data', expected: integer",
  ],
  ['set-memory', { size: '9' }, "Parameter 'size' expects uint64"],
  ['set-memory', { size: new Double(2 ** 64) }, "Parameter 'size' expects uint64"],
  ['set-memory', { size: 1, 'host-nodes': [70000] }, "Parameter 'null' expects uint16_t"],
  ['set-memory', { size: 1, 'host-nodes': [-1] }, "Parameter 'null' expects uint16_t"],
  ['set-memory', { size: 1, 'host-nodes': [null] }, "Parameter 'host-nodes[0]' expects uint64"],
  ['set-memory', { size: 1, threads: -1 }, "Parameter 'threads' expects uint32_t"],
  ['set-memory', { size: 1, threads: 4294967296 }, "Parameter 'threads' expects uint32_t"],
  ['set-memory', { size: 1, level: 'x' }, "Parameter 'level' expects uint64"],
  ['set-memory', { size: 1, offset: 128 }, "Parameter 'offset' expects int8_t"],
  ['set-memory', { size: 1, offset: 'x' }, "Invalid parameter type for 'offset', expected: integer"],
  ['set-memory', { size: 1, policy: ['bogus'] }, "Parameter 'null' does not accept value 'bogus'"],
  ['set-memory', { size: 1, policy: [1] }, "Invalid parameter type for 'policy[0]', expected: string"],
  ['qom-set', { path: '/', property: 'x' }, "Parameter 'value' is missing"],
  ['set-speed', { factor: '1' }, "Invalid parameter type for 'factor', expected: number"],
  ['set-speed', { factor: 1, off: false }, "Invalid parameter type for 'off', expected: null"],
];

for (const [command, members] of right) {
  const shown = Object.keys(members).join(', ') || 'no arguments';
  test(`${command} takes ${shown}`, () => {
    assert.equal(faultOf(command, members), undefined);
  });
}

wrong.forEach(([command, members, text], index) => {
  test(`${command}, wrong arguments ${index}: ${text}`, () => {
    assert.equal(faultOf(command, members), text);
  });
});

test('a list as the arguments has no name to be called by', () => {
  const text = "Invalid parameter type for '<anonymous>', expected: object";
  assert.equal(validator.faultOf('q_obj_block_resize-arg', []), text);
});

test('a value deep inside a message is told by its whole place', () => {
  const fault = validator.faultOf('Options', args({ driver: 'file' }), 'actions[0].data');
  assert.equal(fault, "Parameter 'actions[0].data.filename' is missing");
});

test('an empty object type takes nothing', () => {
  assert.equal(validator.faultOf('q_empty', args({})), undefined);
  assert.equal(validator.faultOf('q_empty', args({ a: 1 })), "Parameter 'a' is unexpected");
});

test('names of object members that JavaScript gives a meaning are ordinary', () => {
  assert.equal(faultOf('block_resize', { size: 1, ['__proto__']: 1 }), "Parameter '__proto__' is unexpected");
  assert.equal(faultOf('block_resize', { constructor: 1 }), "Parameter 'size' is missing");
});

test('of several unexpected members the one is named that QEMU names', () => {
  const file = new URL('../../../../test/qapi/fixtures/unexpected-members.json', import.meta.url);
  const recorded = JSON.parse(readFileSync(file, 'utf8')) as { sent: string[]; named: string }[];
  assert.equal(recorded.length, 60);
  for (const { sent, named } of recorded) {
    const object = jsonObject(Object.fromEntries(sent.map((name) => [name, 1])));
    assert.equal(unexpectedMember(object, []), named, sent.join(' '));
  }
});

test('a message of very many unexpected members is refused soon, however they were chosen', () => {
  // Neighbours that differ by one in one letter and by -33 in the next have the same hash in GLib's table.
  const pairs = ['Ab', 'BA'];
  const sent = Array.from({ length: 2 ** 16 }, (_, index) => {
    return Array.from({ length: 16 }, (_, bit) => pairs[(index >> bit) & 1]).join('');
  });
  const object = jsonObject(Object.fromEntries(sent.map((name) => [name, 1])));
  const begin = performance.now();
  assert.match(validator.faultOf('q_empty', object) ?? '', /^Parameter '(Ab|BA)+' is unexpected$/);
  assert.ok(performance.now() - begin < 5000);
});
