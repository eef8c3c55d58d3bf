import assert from 'node:assert/strict';
import { it } from 'node:test';
import { systemClock } from '../../src/server/system-clock.ts';

it('a delay that no timer can take is long, not none', async () => {
  let early = false;
  const cancel = systemClock.after(Number.MAX_SAFE_INTEGER, () => {
    early = true;
  });
  await new Promise<void>((resolve) => setTimeout(resolve, 10));
  cancel();
  assert.equal(early, false);
});
