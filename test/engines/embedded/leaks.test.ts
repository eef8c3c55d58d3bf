import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { EmbeddedEngine } from '../../../src/engines/embedded/index.ts';
import { jsonObject } from '../../../src/json/value.ts';
import { RecordingHost } from './recording-host.ts';

const rounds = 30;
const guestBytes = 64 << 20;

interface Held {
  readonly descriptors: number;
  readonly threads: number;
  readonly memoryBytes: number;
}

function held(): Held {
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    threads: readdirSync('/proc/self/task').length,
    memoryBytes: process.memoryUsage.rss(),
  };
}

test('a machine can be created again at once, many times, and leaves nothing behind', async () => {
  const host = new RecordingHost();
  const terminal = host.terminal('s0');
  const engine = new EmbeddedEngine();
  const options = jsonObject({ serial: ['s0'], memory: jsonObject({ size: guestBytes }) });
  let early: Held | undefined;
  for (let round = 0; round < rounds; round++) {
    const from = terminal.text.length;
    const machine = await engine.create({ options, declarations: [] }, host);
    await machine.cont();
    await terminal.waitFor('READY\r\n', from);
    await machine.end();
    assert.equal(terminal.attached, false);
    if (round === 4) early = held();
  }
  const late = held();
  assert.ok(early !== undefined);
  assert.equal(late.descriptors, early.descriptors);
  assert.equal(late.threads, early.threads);
  const growth = late.memoryBytes - early.memoryBytes;
  assert.ok(growth < 2 * guestBytes, `${growth} bytes more after ${rounds} machines`);
});
