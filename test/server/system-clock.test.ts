import assert from 'node:assert/strict';
import { it } from 'node:test';
import { systemClock, timeOfDay } from '../../src/server/system-clock.ts';

it('a delay that no timer can take is long, not none', async () => {
  let early = false;
  const cancel = systemClock(() => undefined).after(Number.MAX_SAFE_INTEGER, () => {
    early = true;
  });
  await new Promise<void>((resolve) => setTimeout(resolve, 10));
  cancel();
  assert.equal(early, false);
});

it('the time of day follows the system when it is set, and is fine in between', () => {
  let wall = 1_000_000;
  let monotonic = 5;
  const now = timeOfDay(
    () => monotonic,
    () => wall,
  );
  assert.equal(now(), 1_000_000_000);
  monotonic += 0.25;
  assert.equal(now(), 1_000_000_250);
  wall += 3_600_000;
  assert.equal(now(), 4_600_000_000);
  wall -= 7_200_000;
  assert.equal(now(), -2_600_000_000);
});

it('a fault in what a timer calls is logged, and ends nothing', async () => {
  const logged: string[] = [];
  const clock = systemClock((message) => logged.push(message));
  clock.after(1, () => {
    throw new Error('out of luck');
  });
  await new Promise<void>((resolve) => setTimeout(resolve, 20));
  assert.match(logged.join(), /^a timer: fault in timer: Error: out of luck\n {4}at /);
});
