// Events: printed once, for all sessions that have negotiated, in the order in which they happen. An event that a
// command causes is emitted before the command's handler returns, and so precedes its answer.

import { print } from '../../json/print.ts';
import type { JsonObject } from '../../json/value.ts';
import { jsonObject } from '../../json/value.ts';
import type { Clock } from '../../util/clock.ts';
import { contain, type Owner } from '../../util/contain.ts';
import type { MachineEvent } from './event.ts';
import { eventWindowMs, throttleKey } from './throttle.ts';

/** Who hears of events; a session, or a part of the server that watches. */
export interface EventListener {
  event(event: EmittedEvent): void;
  /** It threw, and hears of no event any more. */
  failed?(): void;
}

export interface EmittedEvent {
  readonly name: string;
  readonly data: JsonObject | undefined;
  readonly timestampUs: number;
  /** The event as a line without its end, in QEMU's form; printed on first use. */
  line(): string;
  /** The same in the pretty form. */
  prettyLine(): string;
}

/** The state of one throttled stream: the window is open until `expires` fires. */
interface Window {
  waiting: EmittedEvent | undefined;
}

export class EventBus {
  readonly #clock: Clock;
  readonly #listeners: Set<EventListener> = new Set();
  readonly #windows: Map<string, Window> = new Map();
  readonly #log: (message: string) => void;

  /** `log` hears of faults. */
  constructor(clock: Clock, log: (message: string) => void = () => undefined) {
    this.#clock = clock;
    this.#log = log;
  }

  subscribe(listener: EventListener): void {
    this.#listeners.add(listener);
  }

  unsubscribe(listener: EventListener): void {
    this.#listeners.delete(listener);
  }

  /** An event of this process, which happens now. */
  emit(name: string, data?: JsonObject): void {
    this.publish({ name, data });
  }

  /** What another QMP server has printed it has limited already. */
  publish({ name, data, timestampUs, line }: MachineEvent): void {
    const event = emittedEvent(name, data, timestampUs ?? this.#clock.realTimeUs(), line);
    const key = line === undefined ? throttleKey(name, data) : undefined;
    if (key === undefined) this.#deliver(event);
    else this.#throttle(key, event);
  }

  #throttle(key: string, event: EmittedEvent): void {
    const window = this.#windows.get(key);
    if (window !== undefined) {
      window.waiting = event;
      return;
    }
    this.#windows.set(key, { waiting: undefined });
    this.#openWindow(key);
    this.#deliver(event);
  }

  #openWindow(key: string): void {
    const owner: Owner = {
      name: `the window of ${key}`,
      log: this.#log,
      end: () => this.#windows.delete(key),
    };
    this.#clock.after(eventWindowMs, () => contain('event-window', owner, () => this.#expire(key)));
  }

  #expire(key: string): void {
    const waiting = this.#windows.get(key)?.waiting;
    this.#windows.delete(key);
    if (waiting === undefined) return;
    this.#windows.set(key, { waiting: undefined });
    this.#openWindow(key);
    this.#deliver(waiting);
  }

  /** One that cannot be printed is nobody's; one that a listener fails at is still everybody else's. */
  #deliver(event: EmittedEvent): void {
    if (this.#listeners.size === 0) return;
    const maker: Owner = { name: `the event ${event.name}`, log: this.#log, end: () => undefined };
    if (contain('event', maker, () => event.line()) === undefined) return;
    for (const listener of [...this.#listeners]) {
      const owner: Owner = {
        name: `a listener for ${event.name}`,
        log: this.#log,
        end: () => {
          this.unsubscribe(listener);
          listener.failed?.();
        },
      };
      contain('event-listener', owner, () => listener.event(event));
    }
  }
}

/** An event whose text is known already is given by `text`, for what another QMP server has printed. */
export function emittedEvent(
  name: string,
  data: JsonObject | undefined,
  timestampUs: number,
  text?: string,
): EmittedEvent {
  const value = (): JsonObject => {
    const seconds = Math.floor(timestampUs / 1e6);
    const timestamp = jsonObject({ seconds, microseconds: timestampUs - seconds * 1e6 });
    return jsonObject({ event: name, ...(data === undefined ? {} : { data }), timestamp });
  };
  let line = text;
  let pretty: string | undefined;
  return {
    name,
    data,
    timestampUs,
    line: () => {
      line ??= print(value());
      return line;
    },
    prettyLine: () => {
      pretty ??= print(value(), { pretty: true });
      return pretty;
    },
  };
}
