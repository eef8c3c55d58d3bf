// Sessions against a plain model: random messages, descriptors, answers, half closes and deaths of several sessions that
// share one budget, in small limits so that each is met. After each step what a session says of itself and what became of
// each descriptor is what the model says, and all invariants hold. fast-check prints the seed and the shortest history.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FdBudget } from '../../../src/qmp/fds/budget.ts';
import { FakeFd, SessionRig, settled } from '../../kit/session-rig.ts';

const sessionsCount = 3;
const limits = { perSession: 4, total: 8 };

type Step =
  | {
      readonly do: 'send';
      readonly session: number;
      readonly command: 'now' | 'hold' | 'fail';
      readonly fds: number;
    }
  | { readonly do: 'pass'; readonly session: number; readonly fds: number }
  | { readonly do: 'name' | 'claim'; readonly session: number; readonly name: string }
  | {
      readonly do: 'answer' | 'half-close' | 'die' | 'close-name';
      readonly session: number;
      readonly name: string;
    };

const session = fc.nat({ max: sessionsCount - 1 });
const name = fc.constantFrom('x', 'y');
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('send' as const),
    session,
    command: fc.constantFrom('now', 'hold', 'fail'),
    fds: fc.nat({ max: 2 }),
  }),
  fc.record({ do: fc.constant('pass' as const), session, fds: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constantFrom('name' as const, 'claim' as const), session, name }),
  fc.record({
    do: fc.constantFrom(
      'answer' as const,
      'answer' as const,
      'half-close' as const,
      'die' as const,
      'close-name' as const,
    ),
    session,
    name,
  }),
);

/** What a session should be. */
class Model {
  /** Requests that were read and wait or run, the running one first; true: it is held by the test. */
  requests: ('now' | 'hold' | 'fail')[] = [];
  /** Bytes sent, and of each message its end and its descriptors in order of their coming. */
  queue: FakeFd[] = [];
  names: Map<string, FakeFd> = new Map();
  inputEnded = false;
  /** When it began to hold anything: of those that hold most the eldest pays. */
  since = 0;
  end: string | undefined;

  get held(): number {
    return this.queue.length + this.names.size;
  }
}

class World {
  readonly budget: FdBudget = new FdBudget(limits);
  readonly rigs: SessionRig[] = [];
  readonly models: Model[] = [];
  readonly made: FakeFd[] = [];
  readonly closed: Set<FakeFd> = new Set();
  #arrivals = 0;

  constructor() {
    for (let i = 0; i < sessionsCount; i += 1) {
      this.rigs.push(SessionRig.negotiated([], { budget: this.budget }));
      this.models.push(new Model());
    }
  }

  #fds(count: number): FakeFd[] {
    const fds = Array.from({ length: count }, (_, i) => new FakeFd(this.made.length + i));
    this.made.push(...fds);
    return fds;
  }

  #ended(model: Model, reason: string): void {
    model.end ??= reason;
    for (const fd of [...model.queue, ...model.names.values()]) this.closed.add(fd);
    model.queue = [];
    model.names.clear();
    model.requests = [];
  }

  /** Descriptors come in: to the queue, or a limit is met and somebody pays. */
  #arrive(model: Model, fds: readonly FakeFd[]): void {
    const refused = (): void => {
      for (const fd of fds) this.closed.add(fd);
      this.#ended(model, 'fds-lost');
    };
    if (model.held + fds.length > limits.perSession) {
      refused();
      return;
    }
    const total = (): number => this.models.reduce((sum, { held }) => sum + held, 0);
    while (total() + fds.length > limits.total) {
      const others = this.models.filter((other) => other !== model);
      const most = [...others].sort((a, b) => b.held - a.held || a.since - b.since)[0] as Model;
      if (most.held <= model.held + fds.length) {
        refused();
        return;
      }
      this.#ended(most, 'fds-limit');
    }
    if (model.held === 0) {
      this.#arrivals += 1;
      model.since = this.#arrivals;
    }
    model.queue.push(...fds);
  }

  /** Requests behind the first that is held are read only when it is answered. */
  #settle(model: Model): void {
    while (model.requests.length > 0 && model.requests[0] !== 'hold') model.requests.shift();
    if (model.inputEnded && model.requests.length === 0 && model.end === undefined)
      this.#ended(model, 'peer-closed');
  }

  async take(step: Step): Promise<void> {
    const rig = this.rigs[step.session] as SessionRig;
    const model = this.models[step.session] as Model;
    switch (step.do) {
      case 'send':
      case 'pass': {
        if (model.inputEnded) return;
        const fds = this.#fds(step.fds);
        rig.send(step.do === 'pass' ? ' ' : JSON.stringify({ execute: step.command }), fds);
        if (model.end !== undefined) {
          for (const fd of fds) this.closed.add(fd);
          return;
        }
        if (fds.length > 0) this.#arrive(model, fds);
        if (step.do === 'send' && model.end === undefined) model.requests.push(step.command);
        break;
      }
      case 'name': {
        if (model.end !== undefined || model.queue.length === 0) return;
        const fd = rig.session.fds.claim(-2, -1);
        rig.session.fds.name(step.name, fd, 0);
        assert.equal(fd, model.queue[0]);
        const former = model.names.get(step.name);
        if (former !== undefined) this.closed.add(former);
        model.names.set(step.name, model.queue.shift() as FakeFd);
        break;
      }
      case 'claim': {
        if (model.end !== undefined || model.queue.length === 0) return;
        rig.session.fds.claim(-2, -1);
        rig.session.invariants();
        rig.session.fds.commandEnded(-2);
        this.closed.add(model.queue.shift() as FakeFd);
        break;
      }
      case 'close-name': {
        const fd = model.names.get(step.name);
        if (fd === undefined) return;
        rig.session.fds.closeName(step.name);
        model.names.delete(step.name);
        this.closed.add(fd);
        break;
      }
      case 'answer':
        if (model.end !== undefined || model.requests.length === 0) return;
        await rig.answer();
        model.requests.shift();
        break;
      case 'half-close':
        if (model.end !== undefined) return;
        rig.session.receiveEnd();
        model.inputEnded = true;
        break;
      case 'die':
        rig.session.channelClosed('transport-error');
        if (model.end === undefined) this.#ended(model, 'transport-error');
        break;
    }
    this.#settle(model);
    await settled();
  }

  check(): void {
    this.budget.invariants();
    for (const [index, rig] of this.rigs.entries()) {
      const model = this.models[index] as Model;
      rig.session.invariants();
      assert.equal(rig.endReason(), model.end, `how session ${index} ended`);
      assert.equal(rig.session.fds.held, model.held, `what session ${index} holds`);
      assert.equal(rig.session.state === 'closed', model.end !== undefined);
      assert.deepEqual(rig.host.logged, []);
    }
    for (const fd of this.made) assert.equal(fd.closes, this.closed.has(fd) ? 1 : 0, `closes of fd ${fd.fd}`);
  }
}

test('any history of sessions is as the model says', async () => {
  const history = fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
    const world = new World();
    for (const one of steps) {
      await world.take(one);
      world.check();
    }
    for (const rig of world.rigs) rig.session.close('shutdown');
    assert.equal(world.budget.held, 0);
    for (const fd of world.made) assert.equal(fd.closes, 1);
  });
  await fc.assert(history, { numRuns: 300 });
});
