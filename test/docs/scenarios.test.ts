// docs/scenarios.md says what happens; here it happens.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { type Step, transcriptsOf } from './transcript.ts';
import { TranscriptRunner } from './transcript-runner.ts';

const page = readFileSync(new URL('../../../docs/scenarios.md', import.meta.url), 'utf8');

/** Blocks that begin with `continue` belong to the one before. */
function conversations(): Step[][] {
  const joined: Step[][] = [];
  for (const block of transcriptsOf(page)) {
    if (block[0]?.text === 'continue') joined.at(-1)?.push(...block);
    else joined.push([...block]);
  }
  return joined;
}

const missing = ['qemu-system-x86_64', 'qemu-img'].find((name) => spawnSync(name, ['--version']).error);

describe('the conversations of docs/scenarios.md', { skip: missing && `${missing} is not installed` }, () => {
  for (const steps of conversations()) {
    const [first] = steps;
    assert.ok(first);
    it(`the one at line ${first.line} happens as the page says`, async () => {
      await using runner = new TranscriptRunner();
      runner.prepareDisk();
      await runner.run(steps);
    });
  }
});
