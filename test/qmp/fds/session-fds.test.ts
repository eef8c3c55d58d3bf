// Descriptors inside the protocol core: whose they are, and that each is closed once, whatever its session does.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EventBus } from '../../../src/qmp/events/bus.ts';
import { FdBudget } from '../../../src/qmp/fds/budget.ts';
import { FdQueue } from '../../../src/qmp/fds/queue.ts';
import { ManualClock } from '../../kit/manual-clock.ts';
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

  it('beyond the limit of all end only the session that sent them', () => {
    const budget = new FdBudget({ perSession: 4, total: 6 });
    const bus = new EventBus(new ManualClock());
    const one = SessionRig.negotiated([], { budget, bus });
    const two = SessionRig.negotiated([], { budget, bus });
    const kept = fakes(4);
    one.send(' ', kept);
    two.send(' ', fakes(3));
    assert.equal(two.endReason(), 'fds-lost');
    assert.equal(one.endReason(), undefined);
    assert.deepEqual(closes(kept), [0, 0, 0, 0]);
    assert.equal(budget.held, 4);
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

  it('gives a message without its own the oldest', () => {
    const queue = new FdQueue();
    const fds = fakes(2) as [FakeFd, FakeFd];
    queue.add(chunk(fds[0], 0, 10));
    queue.add(chunk(fds[1], 10, 20));
    assert.equal(queue.claim(20, 30), fds[0]);
    assert.equal(queue.claim(20, 30), fds[1]);
  });
});
