import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { shutdownStep } from '../../src/server/shutdown-step.ts';
import { ManualClock } from '../kit/manual-clock.ts';

function rig(): {
  clock: ManualClock;
  logged: string[];
  run: (action: () => Promise<void>) => Promise<void>;
} {
  const clock = new ManualClock();
  const logged: string[] = [];
  const step = {
    what: 'the thing',
    limitMs: 1000,
    clock,
    log: (message: string) => void logged.push(message),
  };
  return { clock, logged, run: (action) => shutdownStep(step, action) };
}

describe('a step of the end', () => {
  it('is over when its action is, and leaves no timer', async () => {
    const { clock, logged, run } = rig();
    await run(async () => undefined);
    assert.deepEqual([clock.pendingTimers, logged], [0, []]);
  });

  it('that fails is logged, and the next one begins', async () => {
    const { clock, logged, run } = rig();
    await run(async () => {
      throw new Error('no way');
    });
    assert.deepEqual([clock.pendingTimers, logged], [0, ['shutdown: the thing: no way']]);
  });

  it('that hangs is left behind after its time', async () => {
    const { clock, logged, run } = rig();
    const step = run(() => new Promise(() => undefined));
    clock.advance(1000);
    await step;
    assert.deepEqual(logged, ['shutdown: the thing: not over after 1000 ms']);
  });
});
