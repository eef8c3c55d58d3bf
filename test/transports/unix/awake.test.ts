// An event loop that looks for events without sleeping, for as long as it is told to.

import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { native } from '../../../src/transports/unix/native.ts';

const skip = native === undefined ? 'needs the native addon' : false;

/** How long the event loop slept during a wait of so many milliseconds. */
async function sleptDuring(waitMs: number): Promise<number> {
  const before = performance.eventLoopUtilization();
  await delay(waitMs);
  return performance.eventLoopUtilization(before).idle;
}

describe('staying awake', { skip }, () => {
  test('the event loop does not sleep for so long, its timers fire, and then it sleeps again', async () => {
    await delay(1);
    native?.stayAwake(1_000_000);
    // The round that was going on when the wait began may have slept.
    await delay(1);
    assert.equal(await sleptDuring(30), 0);
    native?.stayAwake(0);
    await delay(1);
    assert.ok((await sleptDuring(50)) > 0);
  });

  test('a call answers for how long others had the processor, and never less than nothing', async () => {
    native?.stayAwake(20_000);
    await delay(25);
    const lost = native?.stayAwake(0) ?? -1;
    assert.ok(lost >= 0 && lost < 60_000_000, `${lost} us`);
    assert.equal(native?.stayAwake(0), 0);
  });
});
