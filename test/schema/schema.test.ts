import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { CommandMap, EventMap, RunState } from '../../src/schema/index.ts';
import { commandSchemas, eventSchemas, schema, validator } from '../../src/schema/index.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

test('what is generated from qapi/*.json is what is committed', () => {
  const script = path.join(root, 'scripts', 'generate.mjs');
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  assert.equal(stderr, '');
  assert.equal(status, 0);
});

test('each command of the types is a command at run time', () => {
  const name: keyof CommandMap = 'query-status';
  assert.equal(commandSchemas.get(name)?.returns, 'StatusInfo');
  assert.equal(commandSchemas.get(name)?.arguments, 'q_empty');
  assert.equal(commandSchemas.get('x-exit-preconfig')?.allowPreconfig, true);
  assert.deepEqual(commandSchemas.get('x-exit-preconfig')?.features, ['unstable']);
});

test('each event of the types is an event at run time', () => {
  const name: keyof EventMap = 'SHUTDOWN';
  assert.equal(eventSchemas.get(name)?.data, 'q_obj_SHUTDOWN-arg');
});

test('the validator knows all types', () => {
  const state: RunState = 'running';
  assert.equal(validator.faultOf('RunState', state), undefined);
  for (const definition of schema.definitions) {
    if (definition.kind === 'command' || definition.kind === 'event') continue;
    assert.equal(typeof validator.faultOf(definition.name, Number.NaN), 'string', definition.name);
  }
});

test('each definition is documented', () => {
  for (const definition of schema.definitions) {
    if (definition.kind === 'object' && definition.implicit) continue;
    assert.notEqual(definition.doc?.overview ?? '', '', definition.name);
  }
});
