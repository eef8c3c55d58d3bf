// Is QEMU still there although it says nothing? A small command goes to it from time to time: out-of-band while an
// in-band one is being carried out (that may take long, and QEMU's main loop with it), in-band otherwise. No answer
// within the limit means that it hangs, or that somebody stopped it.

import { ownSession } from '../../../machine/instance.ts';
import type { CancelTimer, Clock } from '../../../util/clock.ts';
import type { Upstream } from '../../upstream/upstream.ts';

export interface HeartbeatOptions {
  readonly intervalMs: number;
  /** Without an answer for so long it counts as hung. */
  readonly limitMs: number;
}

export const heartbeatDefault: HeartbeatOptions = { intervalMs: 5_000, limitMs: 30_000 };

export interface HeartbeatHandler {
  /** Called once each time that it stops answering. */
  hung(sinceMs: number): void;
  /** It answers again. */
  answers(): void;
  /** Now and then, while it lives. */
  beat(): void;
}

export class Heartbeat {
  readonly #upstream: Upstream;
  readonly #clock: Clock;
  readonly #options: HeartbeatOptions;
  readonly #handler: HeartbeatHandler;
  /** When the beat that is not answered was sent, or the connection was found broken. */
  #waitingSinceMs: number | undefined;
  #sent = false;
  #hung = false;
  #cancel: CancelTimer;

  constructor(upstream: Upstream, clock: Clock, options: HeartbeatOptions, handler: HeartbeatHandler) {
    this.#upstream = upstream;
    this.#clock = clock;
    this.#options = options;
    this.#handler = handler;
    this.#cancel = this.#next();
  }

  get hung(): boolean {
    return this.#hung;
  }

  stop(): void {
    this.#cancel();
  }

  #next(): CancelTimer {
    return this.#clock.after(this.#options.intervalMs, () => {
      this.#handler.beat();
      this.#look();
      this.#cancel = this.#next();
    });
  }

  #look(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#waitingSinceMs ??= nowMs;
    if (!this.#sent) void this.#send();
    if (this.#hung || nowMs - this.#waitingSinceMs < this.#options.limitMs) return;
    this.#hung = true;
    this.#handler.hung(nowMs - this.#waitingSinceMs);
  }

  /** Ends with an answer, or with the loss of the connection; then the next one is due. */
  async #send(): Promise<void> {
    const outOfBand = this.#upstream.scheduler.busyInBand;
    const command = outOfBand ? 'query-yank' : 'query-status';
    this.#sent = true;
    try {
      await this.#upstream.scheduler.submit({
        session: ownSession,
        command,
        argumentsText: undefined,
        outOfBand,
      });
    } catch {
      // The connection broke, or everything that waited was given up: the next beat is sent, and the time goes on.
      this.#sent = false;
      return;
    }
    this.#sent = false;
    this.#waitingSinceMs = undefined;
    if (!this.#hung) return;
    this.#hung = false;
    this.#handler.answers();
  }
}
