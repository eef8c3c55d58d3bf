// The log on the standard error output.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { escapeLine, Log, sinkOf } from '../../../src/cli/serve/log.ts';

function recorded(): { log: Log; lines: () => string[] } {
  let text = '';
  const log = new Log((bytes) => {
    text += Buffer.from(bytes).toString();
    return bytes.length;
  });
  return { log, lines: () => text.trimEnd().split('\n') };
}

test('no message makes a line of its own or reaches the terminal', () => {
  assert.equal(
    escapeLine('a\nqmpd: forged\r\u001b[2J\u009b\u2028é\\'),
    'a\\nqmpd: forged\\r\\u001b[2J\\u009b\\u2028é\\',
  );
});

test('a line that repeats is counted', () => {
  const { log, lines } = recorded();
  for (const message of ['one', 'two', 'two', 'three', 'three', 'three', 'three', 'one']) log.write(message);
  log.close();
  assert.deepEqual(lines(), [
    'qmpd: one',
    'qmpd: two',
    'qmpd: two',
    'qmpd: three',
    'qmpd: the same 3 times more: three',
    'qmpd: one',
  ]);
});

test('a pipe that nobody reads holds up nothing, and lines that were lost are counted', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'qmpd-log-'));
  const fifo = path.join(directory, 'pipe');
  execFileSync('mkfifo', [fifo]);
  const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(fifo, constants.O_WRONLY);
  const log = new Log(sinkOf(writer, () => assert.fail('it is a pipe')));
  for (let i = 0; i < 10_000; i++) log.write(`line ${i} ${'x'.repeat(40)}`);
  let text = '';
  const buffer = Buffer.alloc(65_536);
  while (!text.includes('lines were lost')) {
    try {
      text += buffer.toString('latin1', 0, readSync(reader, buffer));
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  const lines = text.split('\n').filter((line) => line.startsWith('qmpd: line')).length;
  const lost = Number(/(\d+) lines were lost/.exec(text)?.[1]);
  assert.equal(lines + lost, 10_000);
  log.close();
  closeSync(reader);
  closeSync(writer);
  rmSync(directory, { recursive: true });
});
