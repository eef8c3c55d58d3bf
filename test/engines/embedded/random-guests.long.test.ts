// Many guests of random code. QMPD_SEED repeats a run.

import { test } from 'node:test';
import { runRandomGuests } from './random-guests.ts';

test('random code stops no more than its own machine', async (t) => {
  const seed = Number(process.env.QMPD_SEED ?? Date.now());
  t.diagnostic(`QMPD_SEED=${seed}`);
  await runRandomGuests(100, seed);
});
