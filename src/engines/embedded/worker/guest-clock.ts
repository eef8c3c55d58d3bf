// The guest's time, which stands still while the machine is stopped (QEMU: QEMU_CLOCK_VIRTUAL). v86 takes
// `performance.now` once, when it is loaded, as the source of its timers, its time stamp counter and its ACPI timer:
// this clock takes its place before that. The real-time clock goes on, as QEMU's does (`-rtc clock=host`).
//
// Touches: globalThis.performance.now, in this thread only.

export class GuestClock {
  readonly #hostNow: () => number;
  /** Host time minus guest time while running. */
  #lagMs: number;
  #stoppedAtMs: number | undefined = 0;

  private constructor() {
    this.#hostNow = performance.now.bind(performance);
    this.#lagMs = this.#hostNow();
  }

  /** Puts a clock, stopped at 0, in the place of `performance.now`. Must be called before v86 is imported. */
  static install(): GuestClock {
    const clock = new GuestClock();
    Object.defineProperty(performance, 'now', { value: () => clock.now(), configurable: true });
    return clock;
  }

  now(): number {
    return this.#stoppedAtMs ?? this.#hostNow() - this.#lagMs;
  }

  resume(): void {
    if (this.#stoppedAtMs === undefined) return;
    this.#lagMs = this.#hostNow() - this.#stoppedAtMs;
    this.#stoppedAtMs = undefined;
  }

  stop(): void {
    this.#stoppedAtMs ??= this.now();
  }
}
