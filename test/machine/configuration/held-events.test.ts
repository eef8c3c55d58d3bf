// Events that wait until what they tell of is written down: order, and nobody waits for what comes later.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeldEvents } from '../../../src/machine/configuration/held-events.ts';
import type { MachineEvent } from '../../../src/qmp/events/event.ts';

class Rig {
  readonly told: string[] = [];
  readonly writings: (() => void)[] = [];
  readonly events: HeldEvents = new HeldEvents({
    holds: ({ name }) => name.startsWith('HELD'),
    settle: () => new Promise((resolve) => this.writings.push(resolve)),
    tell: ({ name }) => {
      this.told.push(name);
    },
  });

  come(...names: readonly string[]): void {
    for (const name of names) this.events.event({ name } as MachineEvent);
  }

  async written(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.writings.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('an event that nothing rests on is told at once', () => {
  const rig = new Rig();
  rig.come('STOP');
  assert.deepEqual(rig.told, ['STOP']);
  assert.equal(rig.events.told, undefined);
});

test('what comes after an event that waits is told after it', async () => {
  const rig = new Rig();
  rig.come('HELD', 'STOP');
  assert.deepEqual(rig.told, []);
  await rig.written();
  assert.deepEqual(rig.told, ['HELD', 'STOP']);
});

test('those that come while one is written down wait for one more writing together', async () => {
  const rig = new Rig();
  rig.come('HELD1');
  rig.come('HELD2', 'STOP', 'HELD3');
  await rig.written();
  assert.deepEqual(rig.told, ['HELD1', 'HELD2', 'STOP', 'HELD3']);
  assert.equal(rig.writings.length, 0);
});

test('who waits for the events so far does not wait for later ones', async () => {
  const rig = new Rig();
  rig.come('HELD1');
  const { told } = rig.events;
  await new Promise((resolve) => setImmediate(resolve));
  rig.come('HELD2');
  await rig.written();
  await told;
  assert.deepEqual(rig.told, ['HELD1']);
  await rig.written();
  assert.deepEqual(rig.told, ['HELD1', 'HELD2']);
});
