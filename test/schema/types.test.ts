// What the generated types permit and refuse. Most of it is decided when this file is compiled: each line after
// `@ts-expect-error` must be an error, or the build fails.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject, JsonValue } from '../../src/json/value.ts';
import type {
  BlockdevOptions,
  BlockdevRef,
  CommandMap,
  EventMap,
  MachineMemory,
} from '../../src/schema/index.ts';

/** Compiles only where the value fits the type; gives it back for a look at run time. */
function fits<Type>(value: Type): Type {
  return value;
}

test('a union wants the members of its branch, and no others', () => {
  assert.ok(fits<BlockdevOptions>({ driver: 'file', filename: '/disk.img', 'node-name': 'disk0' }));
  // @ts-expect-error: a file has a name
  assert.ok(fits<BlockdevOptions>({ driver: 'file', 'node-name': 'disk0' }));
  // @ts-expect-error: null-co has no file
  assert.ok(fits<BlockdevOptions>({ driver: 'null-co', filename: '/disk.img' }));
  // @ts-expect-error: no such driver
  assert.ok(fits<BlockdevOptions>({ driver: 'floppy' }));
});

test('looking at the tag of a union tells the branch', () => {
  const pathOf = (options: BlockdevOptions): string => {
    // @ts-expect-error: not every driver has a file's name
    const early: string = options.filename;
    return options.driver === 'file' ? options.filename : String(early);
  };
  assert.equal(pathOf({ driver: 'file', filename: '/disk.img' }), '/disk.img');
});

test('looking at the type of an alternate tells the alternative', () => {
  const nameOf = (ref: BlockdevRef): string | undefined => {
    return typeof ref === 'string' ? ref : ref['node-name'];
  };
  assert.equal(nameOf('disk0'), 'disk0');
  assert.equal(nameOf({ driver: 'null-co', 'node-name': 'disk1' }), 'disk1');
});

test('64-bit integers are numbers or bigints, smaller ones numbers', () => {
  assert.ok(fits<MachineMemory>({ size: 2n ** 40n }));
  assert.ok(fits<MachineMemory>({ size: 2 ** 30 }));
  // @ts-expect-error: text is not an integer
  assert.ok(fits<MachineMemory>({ size: '1G' }));
});

test('a typed value can be given where any JSON object is wanted', () => {
  const options: BlockdevOptions = { driver: 'null-co' };
  assert.ok(fits<JsonObject>(options));
  const status: CommandMap['query-status']['returns'] = { running: true, status: 'running' };
  assert.ok(fits<JsonValue>(status));
});

test('what has no members takes none', () => {
  assert.ok(fits<CommandMap['query-status']['arguments']>({}));
  // @ts-expect-error: query-status takes no arguments
  assert.ok(fits<CommandMap['query-status']['arguments']>({ verbose: true }));
  assert.ok(fits<EventMap['STOP']>({}));
});

test('what is optional may be left out, but not be undefined', () => {
  assert.ok(fits<CommandMap['ringbuf-read']['arguments']>({ device: 's0', size: 10 }));
  // @ts-expect-error: absent is not undefined
  assert.ok(fits<CommandMap['ringbuf-read']['arguments']>({ device: 's0', size: 10, format: undefined }));
});
