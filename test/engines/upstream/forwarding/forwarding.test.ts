// Commands of many sessions on one real QEMU: whose turn it is, what is shared, what is dropped.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '../../../../src/json/value.ts';
import type { ForwardReply, Instance } from '../../../../src/machine/instance.ts';
import { QmpError } from '../../../../src/qmp/error.ts';
import { binaries, forward, rig, tcg, value } from '../../../kit/qemu/rig.ts';

/** Keeps QEMU from answering for the time of `work`. */
async function whileStopped<T>(machine: Instance, work: () => Promise<T>): Promise<T> {
  const pid = machine.status().pid ?? 0;
  process.kill(pid, 'SIGSTOP');
  try {
    return await work();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

/** So many commands of as many sessions that nobody could share: they fail, and QEMU's queue takes 7 of them. */
function fill(machine: Instance, count: number): Promise<ForwardReply>[] {
  return Array.from({ length: count }, (_, n) =>
    forward(machine, 'blockdev-del', { 'node-name': `none${n}` }, { session: `f${n}` }),
  );
}

for (const { label, path: binary } of binaries) {
  describe(label, () => {
    test('answers and errors come back as the bytes that QEMU printed', async () => {
      await using r = rig(binary);
      const machine = await r.create(tcg);
      const status = await forward(machine, 'query-status');
      assert.match(String(status.text), /^\{.*"status": "prelaunch".*\}$/);
      const missing = await forward(machine, 'device_del', { id: 'none' });
      assert.deepEqual(missing, {
        kind: 'error',
        text: '{"class": "DeviceNotFound", "desc": "Device \'none\' not found"}',
      });
      const unknown = await forward(machine, 'no-such-command');
      assert.match(String(unknown.text), /^\{"class": "CommandNotFound"/);
    });

    test('text beyond ASCII and integers beyond 2^53 arrive unharmed', async () => {
      await using r = rig(binary);
      const machine = await r.create(tcg);
      const text = '{"driver":"null-co","node-name":"n","size":9007199254740993}';
      await forward(machine, 'blockdev-add', undefined, { argumentsText: text });
      const nodes = await forward(machine, 'query-named-block-nodes');
      assert.ok(String(nodes.text).includes('size\\": 9007199254740993'));
      const latin1 = Buffer.from('{ "typename" : "ä" }', 'utf8').toString('latin1');
      const odd = await forward(machine, 'query-cpu-model-expansion', undefined, {
        argumentsText: `{"type":"static","model":{"name":${latin1.slice(15, -1)}}}`,
      });
      assert.match(String(odd.text), /\\u00E4/);
    });

    test('identical questions that wait are sent once, and nobody gets an answer older than the question', async () => {
      await using r = rig(binary);
      const machine = await r.create(tcg);
      const replies = await whileStopped(machine, async () => {
        // Seven fill QEMU's queue, the rest waits here.
        const filling = fill(machine, 7);
        const asked = Array.from({ length: 16 }, (_, n) =>
          forward(machine, 'query-status', undefined, { session: `s${n}` }),
        );
        await Promise.resolve();
        assert.equal(machine.status().queued, 1);
        assert.equal(machine.status().inFlight.length, 7);
        return { all: Promise.all([...filling, ...asked]) };
      });
      assert.equal((await replies.all).length, 23);
      assert.equal(machine.status().queued, 0);
    });

    test('a question that several asked waits while QEMU is busy, so that others join it, and is not overtaken', async () => {
      await using r = rig(binary);
      const machine = await r.create(tcg);
      const order: string[] = [];
      const ask = (session: string, command: string, args?: JsonObject): Promise<unknown> =>
        forward(machine, command, args, { session }).then(() => order.push(`${session} ${command}`));
      const change = { 'node-name': 'none' };
      const popular = await whileStopped(machine, async () => {
        const asked = [...fill(machine, 7), ask('b', 'query-status'), ask('d', 'query-status')];
        return { done: Promise.allSettled(asked) };
      });
      await popular.done;
      const all = await whileStopped(machine, async () => {
        const asked = [
          ask('a', 'blockdev-del', change),
          ask('b', 'query-status'),
          ask('c', 'blockdev-del', change),
        ];
        asked.push(ask('d', 'query-status'));
        await Promise.resolve();
        const sent = machine.status().inFlight.map(({ session, command }) => `${session} ${command}`);
        assert.deepEqual(sent, ['a blockdev-del']);
        return { done: Promise.all(asked) };
      });
      await all.done;
      assert.deepEqual(order.slice(2), [
        'a blockdev-del',
        'b query-status',
        'd query-status',
        'c blockdev-del',
      ]);
    });

    test('a session whose own command waits does not take another one’s answer', async () => {
      await using r = rig(binary);
      const machine = await r.create(tcg);
      const order: string[] = [];
      const note = (name: string) => (reply: ForwardReply) =>
        order.push(`${name} ${String(reply.text).includes('"running": true')}`);
      await whileStopped(machine, async () => {
        void Promise.all(fill(machine, 7));
        void forward(machine, 'query-status', undefined, { session: 'a' }).then(note('a'));
        void forward(machine, 'cont', undefined, { session: 'b' }).then(note('cont'));
        void forward(machine, 'query-status', undefined, { session: 'b' }).then(note('b'));
        await Promise.resolve();
      });
      await value(machine, 'query-name');
      while (order.length < 3) await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(order, ['a false', 'cont false', 'b true']);
    });

    test('sessions take turns, however much one of them sends', async () => {
      await using r = rig(binary);
      const machine = await r.create(tcg);
      const order: string[] = [];
      const done: Promise<unknown>[] = [];
      await whileStopped(machine, async () => {
        for (let n = 0; n < 30; n += 1) {
          done.push(
            forward(machine, 'blockdev-del', { 'node-name': `none${n}` }, { session: 'greedy' }).then(() =>
              order.push('greedy'),
            ),
          );
        }
        done.push(
          forward(machine, 'query-block', undefined, { session: 'modest' }).then(() => order.push('modest')),
        );
        await Promise.resolve();
      });
      await Promise.all(done);
      assert.ok(order.indexOf('modest') <= 8, `modest came as number ${order.indexOf('modest')}`);
    });

    test('what a session that is gone has not sent is dropped, and its answer is logged', async () => {
      await using r = rig(binary);
      const machine = await r.create(tcg);
      const outcomes = await whileStopped(machine, async () => {
        const sent = forward(machine, 'query-block', undefined, { session: 'gone' });
        void Promise.all(fill(machine, 6));
        const waiting = forward(machine, 'stop', undefined, { session: 'gone' });
        await Promise.resolve();
        machine.sessionEnded('gone');
        assert.equal(machine.status().queued, 0);
        return await Promise.allSettled([sent, waiting]);
      });
      for (const outcome of outcomes) assert.equal(outcome.status, 'rejected');
      await value(machine, 'query-memdev');
      assert.ok(r.host.messages.some((message) => message.includes('query-block was dropped')));
      assert.deepEqual(r.host.events, []);
    });

    test('a command that is not answered in time is given up, and constant answers come from memory', async () => {
      await using r = rig(binary);
      const machine = await r.create(tcg);
      const before = await forward(machine, 'query-qmp-schema');
      await whileStopped(machine, async () => {
        const late = forward(machine, 'query-block', undefined, { timeoutMs: 50 });
        await assert.rejects(late, (error: unknown) => {
          assert(error instanceof QmpError);
          assert.match(error.message, /query-block was not answered within 50 ms; it may still take effect/);
          return true;
        });
        assert.equal((await forward(machine, 'query-qmp-schema')).text, before.text);
        assert.equal((await forward(machine, 'qom-list-types')).kind, 'return');
      });
      assert.equal((await forward(machine, 'query-block')).kind, 'return');
    });

    test('an out-of-band command overtakes those that wait', async () => {
      await using r = rig(binary);
      const machine = await r.create(tcg);
      let answered = 0;
      const done: Promise<unknown>[] = [];
      const before = await whileStopped(machine, async () => {
        for (const filling of fill(machine, 20)) {
          done.push(
            filling.then(() => {
              answered += 1;
            }),
          );
        }
        const overtaking = forward(machine, 'query-yank', undefined, { outOfBand: true });
        await Promise.resolve();
        return { overtaking: overtaking.then(() => answered) };
      });
      assert.ok((await before.overtaking) < 20, 'those that QEMU had not been sent yet come later');
      await Promise.all(done);
    });

    test('events come with the text that QEMU printed', async () => {
      await using r = rig(binary);
      const machine = await r.create({ ...tcg, machine: { type: 'pc' } });
      await value(machine, 'cont');
      await value(machine, 'stop');
      assert.deepEqual(
        r.host.events.map(({ name }) => name),
        ['RESUME', 'STOP'],
      );
      for (const { line } of r.host.events) assert.match(line ?? '', /^\{"timestamp": .*\}$/);
    });
  });
}
