// One step of the server's end: what fails or hangs is logged, and does not keep the rest from ending.

import type { Clock } from '../util/clock.ts';
import { messageOf } from '../util/local-error.ts';

export interface ShutdownStep {
  /** In words, for the log: "the machine". */
  readonly what: string;
  /** After this long the next step begins. */
  readonly limitMs: number;
  readonly clock: Clock;
  readonly log: (message: string) => void;
}

/** Resolves when the step is over, has failed, or has had its time; never rejects. */
export async function shutdownStep(
  { what, limitMs, clock, log }: ShutdownStep,
  action: () => Promise<void>,
): Promise<void> {
  await new Promise<void>((resolve) => {
    const cancel = clock.after(limitMs, () => {
      log(`shutdown: ${what}: not over after ${limitMs} ms`);
      resolve();
    });
    const over = (): void => {
      cancel();
      resolve();
    };
    action().then(over, (thrown: unknown) => {
      log(`shutdown: ${what}: ${messageOf(thrown)}`);
      over();
    });
  });
}
