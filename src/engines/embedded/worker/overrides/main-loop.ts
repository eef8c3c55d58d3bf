// The loop that runs the guest, in place of v86's own: it can be stopped at once, does not spin while the guest
// sleeps, and contains what the emulator throws.
//
// As shipped, v86 yields with setImmediate for any delay below a millisecond, which burns a quarter of a CPU for an
// idle guest; and an exception inside its main loop ends the process.
//
// Touches: v86.do_tick, v86.yield, v86.running, v86.stopping, v86.idle, v86.next_tick, v86.yield_callback,
// cpu.main_loop.

import type { Loop } from '../v86.ts';

export interface LoopHooks {
  /** After each slice of guest time, at most some milliseconds long. */
  afterSlice(): void;
  /** The emulator threw; the loop has ended. */
  fault(thrown: unknown): void;
}

export class MainLoop {
  readonly #loop: Loop;

  constructor(loop: Loop, hooks: LoopHooks) {
    this.#loop = loop;
    loop.do_tick = () => {
      if (!loop.running) return;
      loop.idle = false;
      let delayMs: number;
      try {
        delayMs = loop.cpu.main_loop();
      } catch (thrown) {
        loop.running = false;
        hooks.fault(thrown);
        return;
      }
      hooks.afterSlice();
      if (loop.running) loop.next_tick(delayMs);
    };
    loop.yield = (delayMs, tick) => {
      const goOn = (): void => loop.yield_callback(tick);
      if (delayMs <= 0) setImmediate(goOn);
      else setTimeout(goOn, Math.max(1, delayMs));
    };
  }

  get running(): boolean {
    return this.#loop.running;
  }

  run(): void {
    if (this.#loop.running) return;
    this.#loop.stopping = false;
    this.#loop.running = true;
    this.#loop.next_tick(0);
  }

  /** No guest instruction is executed after this. Called between slices, as all messages are. */
  halt(): void {
    this.#loop.running = false;
  }
}
