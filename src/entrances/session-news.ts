// SESSION_OPENED and SESSION_CLOSED, limited: with a thousand sessions, a thousand openings would otherwise be a
// million lines. Beyond the limit the events of that second are left out, and the next one says how many.

import type { JsonObject } from '../json/value.ts';
import { jsonObject } from '../json/value.ts';
import type { EventBus } from '../qmp/events/bus.ts';
import type { Clock } from '../util/clock.ts';

/** Events of either kind in one window; the rest are counted in `missed`. */
const eventsPerWindowMax = 32;
const windowMs = 1000;

export class SessionNews {
  readonly #clock: Clock;
  readonly #events: EventBus;
  #windowStartMs = 0;
  #sent = 0;
  #missed = 0;
  #muted = false;

  constructor(clock: Clock, events: EventBus) {
    this.#clock = clock;
    this.#events = events;
  }

  opened(data: JsonObject): void {
    this.#emit('SESSION_OPENED', data);
  }

  closed(data: JsonObject): void {
    this.#emit('SESSION_CLOSED', data);
  }

  /** The server is ending: from now on clients read what they would read of QEMU, and no more. */
  mute(): void {
    this.#muted = true;
  }

  #emit(name: string, data: JsonObject): void {
    if (this.#muted) return;
    const now = this.#clock.monotonicMs();
    if (now - this.#windowStartMs >= windowMs) {
      this.#windowStartMs = now;
      this.#sent = 0;
    }
    if (this.#sent >= eventsPerWindowMax) {
      this.#missed += 1;
      return;
    }
    this.#sent += 1;
    const missed = this.#missed;
    this.#missed = 0;
    this.#events.emit(name, missed === 0 ? data : jsonObject({ ...data, missed }));
  }
}
