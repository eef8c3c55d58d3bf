// Guests of random code, always the same ones: random-guests.long.test.ts has others.

import { test } from 'node:test';
import { runRandomGuests } from './random-guests.ts';

test('random code stops no more than its own machine', async () => {
  await runRandomGuests(2, 1);
});
