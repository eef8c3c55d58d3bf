// Descriptors inside the protocol core: whose they are, and that each is closed once, whatever its session does.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FdBudget } from '../../../src/qmp/fds/budget.ts';
import { FdQueue } from '../../../src/qmp/fds/queue.ts';
import type { OwnedFd } from '../../../src/util/owned-fd.ts';
import { FakeFd, SessionRig } from '../../kit/session-rig.ts';

const fakes = (count: number): FakeFd[] => Array.from({ length: count }, (_, index) => new FakeFd(index));
const closes = (fds: readonly FakeFd[]): number[] => fds.map((fd) => fd.closes);

describe('the descriptors of a session', () => {
  it('are closed once when it ends, in whatever way', () => {
    const ends: readonly ((rig: SessionRig) => void)[] = [
      (rig) => rig.session.close('session-close'),
      (rig) => rig.session.drain('shutdown'),
      (rig) => rig.session.channelClosed('peer-closed'),
      (rig) => rig.session.receiveEnd(),
    ];
    for (const end of ends) {
      const rig = SessionRig.negotiated();
      const fds = fakes(3);
      rig.send(' ', fds);
      const named = rig.session.fds.claim(0, 1);
      rig.session.fds.name('x', named, 0);
      end(rig);
      assert.deepEqual(closes(fds), [1, 1, 1]);
      assert.equal(rig.host.ended?.fdsClosed, 3);
      assert.equal(rig.budget.held, 0);
    }
  });

  it('that come after its end are closed at once', () => {
    const rig = SessionRig.negotiated();
    rig.session.close('session-close');
    const fds = fakes(2);
    rig.send(' ', fds);
    assert.deepEqual(closes(fds), [1, 1]);
    assert.equal(rig.budget.held, 0);
  });

  it('beyond its own limit end it, and those in hand are closed, too', () => {
    const budget = new FdBudget({ perSession: 4, total: 100 });
    const rig = SessionRig.negotiated([], { budget });
    const [first, second] = [fakes(4), fakes(1)];
    rig.send(' ', first);
    assert.equal(rig.endReason(), undefined);
    rig.send(' ', second);
    assert.equal(rig.endReason(), 'fds-lost');
    assert.deepEqual(closes([...first, ...second]), [1, 1, 1, 1, 1]);
    assert.equal(budget.held, 0);
  });

  it('are taken up to each limit exactly', () => {
    const budget = new FdBudget({ perSession: 4, total: 6 });
    const one = SessionRig.negotiated([], { budget });
    const two = SessionRig.negotiated([], { budget });
    one.send(' ', fakes(4));
    two.send(' ', fakes(2));
    assert.deepEqual([one.endReason(), two.endReason(), budget.held], [undefined, undefined, 6]);
    one.session.invariants();
  });

  it('beyond the limit of all end the session that holds most, whoever sends', () => {
    const budget = new FdBudget({ perSession: 4, total: 6 });
    const greedy = SessionRig.negotiated([], { budget });
    const modest = SessionRig.negotiated([], { budget });
    const honest = SessionRig.negotiated([], { budget });
    const [taken, few, one] = [fakes(4), fakes(2), fakes(1)];
    greedy.send(' ', taken);
    modest.send(' ', few);
    honest.send(' ', one);
    assert.equal(greedy.endReason(), 'fds-limit');
    assert.deepEqual([modest.endReason(), honest.endReason()], [undefined, undefined]);
    assert.deepEqual([closes(taken), closes(few), closes(one)], [[1, 1, 1, 1], [0, 0], [0]]);
    assert.equal(budget.held, 3);
    budget.invariants();
  });

  it('beyond the limit of all end the one that sent them when nobody holds more', () => {
    const budget = new FdBudget({ perSession: 4, total: 6 });
    const one = SessionRig.negotiated([], { budget });
    const two = SessionRig.negotiated([], { budget });
    const kept = fakes(4);
    one.send(' ', kept);
    two.send(' ', fakes(4));
    assert.equal(two.endReason(), 'fds-lost');
    assert.equal(one.endReason(), undefined);
    assert.deepEqual(closes(kept), [0, 0, 0, 0]);
    assert.equal(budget.held, 4);
  });

  it('that a command claimed and did not use are closed when it is answered', async () => {
    const rig = SessionRig.negotiated();
    const fds = fakes(2);
    rig.send('{"execute":"hold"}', fds);
    const request = rig.host.held[0]?.request;
    assert.ok(request);
    assert.equal(rig.session.fds.claim(request.start, request.end), fds[0]);
    rig.session.invariants();
    await rig.answer();
    assert.deepEqual([closes(fds), rig.budget.held], [[1, 0], 1]);
    rig.session.invariants();
  });

  it('that declarations took count, are listed with their owner, and outlive it', () => {
    const budget = new FdBudget({ perSession: 2, total: 100 });
    const rig = SessionRig.negotiated([], { budget });
    const fds = fakes(3);
    const { fds: own } = rig.session;
    const declare = (fd: FakeFd): OwnedFd => {
      rig.send(' ', [fd]);
      own.name('x', own.claim(0, 0), 0);
      rig.session.invariants();
      return own.declareName('x');
    };
    const [first, second, third] = fds as [FakeFd, FakeFd, FakeFd];
    const declared = [declare(first), declare(second)];
    assert.deepEqual([budget.held, own.held], [2, 0]);
    assert.throws(() => declare(third), /too many descriptors in declarations already \(the limit is 2\)/);
    assert.equal(own.hasName('x'), true);
    const { declared: list } = own;
    rig.session.close('session-close');
    assert.deepEqual([closes(fds), budget.held], [[0, 0, 1], 2]);
    assert.deepEqual(
      [...list.entries].map(({ owner, name }) => [owner, name]),
      [
        ['1', 'x'],
        ['1', 'x'],
      ],
    );
    for (const fd of declared) fd.close();
    for (const fd of declared) fd.close();
    assert.deepEqual([[...list.entries].length, budget.held], [0, 0]);
    budget.invariants();
  });

  it('that were handed on are no longer its own', () => {
    const rig = SessionRig.negotiated();
    const fds = fakes(1);
    rig.send(' ', fds);
    rig.session.fds.name('x', rig.session.fds.claim(0, 1), 0);
    assert.equal(rig.session.fds.consumeName('x'), fds[0]);
    rig.session.close('session-close');
    assert.deepEqual(closes(fds), [0]);
    assert.equal(rig.budget.held, 0);
  });
});

describe('the queue of descriptors', () => {
  const chunk = (fd: FakeFd, start: number, end: number) => ({ fd, start, end, receivedMs: 0 });

  it('gives a message what came with any of its bytes, the first first', () => {
    const queue = new FdQueue();
    const fds = fakes(4) as [FakeFd, FakeFd, FakeFd, FakeFd];
    queue.add(chunk(fds[0], 0, 10));
    queue.add(chunk(fds[1], 10, 20));
    queue.add(chunk(fds[2], 10, 20));
    queue.add(chunk(fds[3], 30, 40));
    // Chunks end where the next begin: bytes 20 to 30 came without any.
    assert.equal(queue.claim(19, 31), fds[1]);
    assert.equal(queue.claim(19, 31), fds[2]);
    assert.equal(queue.claim(19, 31), fds[3]);
    assert.equal(queue.claim(20, 30), fds[0]);
    assert.equal(queue.claim(20, 30), undefined);
  });

  it('does not give a message what came with the bytes right before it or right behind it, before something elder', () => {
    for (const [start, end] of [
      [0, 10],
      [20, 30],
    ] as const) {
      const queue = new FdQueue();
      const [elder, neighbour] = fakes(2) as [FakeFd, FakeFd];
      queue.add(chunk(elder, 0, 1));
      queue.add(chunk(neighbour, start, end));
      queue.invariants();
      assert.equal(queue.claim(10, 20), elder);
    }
  });

  it('gives a message without its own the oldest', () => {
    const queue = new FdQueue();
    const fds = fakes(2) as [FakeFd, FakeFd];
    queue.add(chunk(fds[0], 0, 10));
    queue.add(chunk(fds[1], 10, 20));
    assert.equal(queue.claim(20, 30), fds[0]);
    assert.equal(queue.claim(20, 30), fds[1]);
  });
});
