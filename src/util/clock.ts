// Time as a parameter: the folders without I/O never read a clock or start a timer themselves.

/** Ends the timer; calling it after the timer fired does nothing. */
export type CancelTimer = () => void;

export interface Clock {
  /** Microseconds since the epoch, for the timestamps of events (QEMU: g_get_real_time). */
  realTimeUs(): number;
  /** Milliseconds of a clock that never jumps, for rates and time limits. */
  monotonicMs(): number;
  /** Calls `callback` once after `delayMs`; does not keep a process alive. */
  after(delayMs: number, callback: () => void): CancelTimer;
}
