import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type JsonObject, jsonObject } from '../../../src/json/value.ts';
import { type EmittedEvent, EventBus } from '../../../src/qmp/events/bus.ts';
import { rehearsal } from '../../../src/util/contain.ts';
import { ManualClock } from '../../kit/manual-clock.ts';

class Listener {
  readonly events: EmittedEvent[] = [];

  event(event: EmittedEvent): void {
    this.events.push(event);
  }

  /** Name, the number in the data, and the milliseconds of the event's own timestamp. */
  get heard(): readonly string[] {
    return this.events.map(({ name, data, timestampUs }) => {
      return `${name} ${String(data?.n)} @${(timestampUs - ManualClock.epochUs) / 1000}`;
    });
  }
}

function rig(): { clock: ManualClock; bus: EventBus; listener: Listener } {
  const clock = new ManualClock();
  const bus = new EventBus(clock);
  const listener = new Listener();
  bus.subscribe(listener);
  return { clock, bus, listener };
}

const data = (n: number, more: Readonly<Record<string, string>> = {}): JsonObject =>
  jsonObject({ n, ...more });

/** Each limited event, with the member that tells its streams apart (QEMU: monitor_qapi_event_conf). */
const limited: readonly (readonly [string, string | undefined])[] = [
  ['RTC_CHANGE', undefined],
  ['WATCHDOG', undefined],
  ['BALLOON_CHANGE', undefined],
  ['QUORUM_FAILURE', undefined],
  ['QUORUM_REPORT_BAD', 'node-name'],
  ['VSERPORT_CHANGE', 'id'],
  ['MEMORY_DEVICE_SIZE_CHANGE', 'qom-path'],
  ['BLOCK_IO_ERROR', 'qom-path'],
  ['HV_BALLOON_STATUS_REPORT', undefined],
];

describe('events', () => {
  it('reach every listener in the order in which they happen, with the time of day', () => {
    const { clock, bus, listener } = rig();
    const other = new Listener();
    bus.subscribe(other);
    bus.emit('STOP', data(1));
    clock.advance(5);
    bus.emit('RESUME', data(2));
    assert.deepEqual(listener.heard, ['STOP 1 @0', 'RESUME 2 @5']);
    assert.deepEqual(other.heard, listener.heard);
  });

  it('are printed once for all listeners', () => {
    const { bus, listener } = rig();
    const other = new Listener();
    bus.subscribe(other);
    bus.emit('STOP');
    assert.equal(listener.events[0], other.events[0]);
    assert.equal(
      listener.events[0]?.line(),
      '{"timestamp": {"seconds": 1700000000, "microseconds": 0}, "event": "STOP"}',
    );
  });

  it('do not reach a listener that left while they were being delivered, nor upset those after it', () => {
    const { bus, listener } = rig();
    const leaver = { event: (): void => bus.unsubscribe(leaver) };
    bus.subscribe(leaver);
    const last = new Listener();
    bus.subscribe(last);
    bus.emit('STOP', data(1));
    bus.emit('STOP', data(2));
    assert.equal(listener.events.length, 2);
    assert.equal(last.events.length, 2);
  });

  it('of other names are never limited', () => {
    const { clock, bus, listener } = rig();
    for (let n = 0; n < 100; n += 1) bus.emit('RESET', data(n));
    assert.equal(listener.events.length, 100);
    assert.equal(clock.pendingTimers, 0);
  });

  for (const [name, member] of limited) {
    const own = member === undefined ? {} : { [member]: 'a' };

    it(`${name}: the first at once, then the last of each second, with its own timestamp`, () => {
      const { clock, bus, listener } = rig();
      bus.emit(name, data(1, own));
      clock.advance(100);
      bus.emit(name, data(2, own));
      clock.advance(800);
      bus.emit(name, data(3, own));
      assert.deepEqual(listener.heard, [`${name} 1 @0`]);
      clock.advance(99);
      assert.equal(listener.events.length, 1);
      clock.advance(1);
      assert.deepEqual(listener.heard.slice(1), [`${name} 3 @900`]);
    });

    it(`${name}: an event held back opens a new second; a quiet second ends the limit`, () => {
      const { clock, bus, listener } = rig();
      bus.emit(name, data(1, own));
      bus.emit(name, data(2, own));
      clock.advance(1000);
      bus.emit(name, data(3, own));
      assert.equal(listener.events.length, 2);
      clock.advance(1000);
      assert.equal(listener.events.length, 3);
      clock.advance(1000);
      assert.equal(clock.pendingTimers, 0);
      bus.emit(name, data(4, own));
      assert.deepEqual(listener.heard.slice(2), [`${name} 3 @1000`, `${name} 4 @3000`]);
    });

    if (member === undefined) continue;
    it(`${name}: each ${member} has a limit of its own`, () => {
      const { clock, bus, listener } = rig();
      bus.emit(name, data(1, { [member]: 'a' }));
      bus.emit(name, data(2, { [member]: 'b' }));
      bus.emit(name, data(3, { [member]: 'a' }));
      assert.equal(listener.events.length, 2);
      clock.advance(1000);
      assert.deepEqual(listener.heard.slice(2), [`${name} 3 @0`]);
    });
  }

  it('that are limited are the same for a listener that comes late', () => {
    const { clock, bus } = rig();
    bus.emit('RTC_CHANGE', data(1));
    const late = new Listener();
    bus.subscribe(late);
    bus.emit('RTC_CHANGE', data(2));
    assert.deepEqual(late.heard, []);
    clock.advance(1000);
    assert.deepEqual(late.heard, ['RTC_CHANGE 2 @0']);
  });

  it('that another server has limited and printed already are passed on as they are', () => {
    const { bus, listener } = rig();
    const text = '{"event": "RTC_CHANGE"}';
    for (let n = 0; n < 3; n += 1) bus.publish({ name: 'RTC_CHANGE', timestampUs: 0, line: text });
    assert.deepEqual(
      listener.events.map((event) => event.line()),
      [text, text, text],
    );
  });
});

describe('a fault', () => {
  it('of one listener ends that one; the others hear of everything', () => {
    const logged: string[] = [];
    const bus = new EventBus(new ManualClock(), (message) => logged.push(message));
    const heard: string[] = [];
    let failures = 0;
    bus.subscribe({
      event: () => {
        throw new Error('deaf');
      },
      failed: () => {
        failures += 1;
      },
    });
    bus.subscribe({ event: ({ name }) => heard.push(name) });
    bus.emit('STOP');
    bus.emit('RESUME');
    assert.deepEqual([heard, failures, logged.length], [['STOP', 'RESUME'], 1, 1]);
    assert.match(logged[0] ?? '', /^a listener for STOP: fault in event-listener: Error: deaf\n/);
  });

  it('in an event that cannot be printed is nobody else’s', () => {
    const logged: string[] = [];
    const bus = new EventBus(new ManualClock(), (message) => logged.push(message));
    const heard: string[] = [];
    bus.subscribe({ event: (event) => heard.push(event.line()) });
    const data: JsonObject = {
      get n(): number {
        return assert.fail('it cannot be printed');
      },
    };
    bus.publish({ name: 'STOP', data });
    bus.emit('RESUME');
    assert.deepEqual([heard.length, logged.length], [1, 1]);
    assert.match(heard[0] ?? '', /RESUME/);
  });

  it('at the end of a window lets the next event of its kind through', () => {
    const logged: string[] = [];
    const clock = new ManualClock();
    const bus = new EventBus(clock, (message) => logged.push(message));
    const heard: string[] = [];
    bus.subscribe({ event: ({ name }) => heard.push(name) });
    bus.emit('RTC_CHANGE');
    rehearsal.begin = (unit) => assert.notEqual(unit, 'event-window');
    clock.advance(1000);
    rehearsal.begin = undefined;
    bus.emit('RTC_CHANGE');
    assert.deepEqual([heard, logged.length], [['RTC_CHANGE', 'RTC_CHANGE'], 1]);
  });
});
