// An event on its way to the sessions, as one object from where it happens to the bus: an engine's, or another QMP
// server's that is only passed on.

import type { JsonObject } from '../../json/value.ts';

export interface MachineEvent {
  readonly name: string;
  readonly data?: JsonObject | undefined;
  /** Undefined: it happened now. */
  readonly timestampUs?: number | undefined;
  /**
   * The whole event as another QMP server printed it, without the line's end: what is only passed on is not printed
   * again, nor rate-limited again.
   */
  readonly line?: string | undefined;
}
