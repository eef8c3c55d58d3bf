import assert from 'node:assert/strict';
import test from 'node:test';
import { EventQueue } from '../../../src/qmp/client/events.ts';

async function drain<T>(queue: EventQueue<T>): Promise<T[]> {
  const taken: T[] = [];
  for (;;) {
    const result = await queue.next();
    if (result.done === true) return taken;
    taken.push(result.value);
  }
}

test('events come out in order, whether the consumer or the event is first', async () => {
  const queue = new EventQueue<number>();
  const early = [queue.next(), queue.next()];
  for (const event of [1, 2, 3, 4]) queue.push(event);
  queue.end();
  assert.deepEqual(await Promise.all(early), [
    { done: false, value: 1 },
    { done: false, value: 2 },
  ]);
  assert.deepEqual(await drain(queue), [3, 4]);
});

test('a consumer that is too slow gets what was kept, then an error, then the end', async () => {
  const queue = new EventQueue<number>({ queuedMax: 3 });
  assert.deepEqual(
    [1, 2, 3, 4, 5].map((event) => queue.push(event)),
    [true, true, true, false, false],
  );
  for (const event of [1, 2, 3]) assert.deepEqual(await queue.next(), { done: false, value: event });
  await assert.rejects(queue.next(), { code: 'ERR_QMPD_EVENTS_LOST' });
  assert.equal((await queue.next()).done, true);
});

test('a display keeps the newest events and counts those that it lost', async () => {
  const queue = new EventQueue<number>({ queuedMax: 100, overflow: 'drop-oldest' });
  for (let event = 0; event < 100_000; event += 1) queue.push(event);
  assert.equal(queue.lost, 99_900);
  assert.equal(queue.length, 100);
  queue.end();
  const taken = await drain(queue);
  assert.deepEqual([taken[0], taken.at(-1), taken.length], [99_900, 99_999, 100]);
});

test('waiting consumers are told when it ends', async () => {
  const queue = new EventQueue<number>();
  const waiting = [queue.next(), queue.next()];
  queue.end(new Error('gone'));
  await assert.rejects(waiting[0] as Promise<unknown>, /gone/);
  assert.equal((await waiting[1])?.done, true);
});

test('a consumer that left leaves nothing behind', async () => {
  const queue = new EventQueue<number>();
  queue.push(1);
  queue.discard();
  assert.equal(queue.length, 0);
  assert.equal(queue.push(2), false);
  assert.equal((await queue.next()).done, true);
});
