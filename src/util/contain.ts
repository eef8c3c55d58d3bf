// Containment: a throw ends what it belongs to, never the process. Each unit of work (what happens between one return to
// the event loop and the next) goes through `contain` with its owner: a session, a machine, a listener. A fault is a
// mistake in qmpd; what a client or the host does wrong are wire errors and local errors, and those are caught where they
// are expected.

/** The seams. A test throws at each of them in turn; a new seam is not complete without its line here. */
export const unitsOfWork = [
  'session-input',
  'session-end-of-input',
  'session-drained',
  'session-answer',
  'session-event',
  'session-closed',
  'connection-accepted',
  'command',
  'event',
  'event-listener',
  'event-window',
  'timer',
  'upstream-input',
  'upstream-held-lines',
  'upstream-closed',
] as const;

export type UnitOfWork = (typeof unitsOfWork)[number];

/** To whom a unit of work belongs. */
export interface Owner {
  /** For the log: "session 7". */
  readonly name: string;
  log(message: string): void;
  /** Ends the owner after a fault in its work, and nothing else. */
  end(thrown: unknown): void;
}

/**
 * For tests: called at the beginning of each unit, inside its seam; what it throws is that unit's fault. Undefined
 * otherwise.
 */
export const rehearsal: { begin: ((unit: UnitOfWork, owner: string) => void) | undefined } = {
  begin: undefined,
};

/** Does the work; a throw is logged once with its stack, ends the owner, and answers undefined. */
export function contain<T>(unit: UnitOfWork, owner: Owner, work: () => T): T | undefined {
  try {
    rehearsal.begin?.(unit, owner.name);
    return work();
  } catch (thrown) {
    faulted(unit, owner, thrown);
    return undefined;
  }
}

/** The same for work that ends later. The promise that it answers never rejects. */
export async function containAsync(
  unit: UnitOfWork,
  owner: Owner,
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    rehearsal.begin?.(unit, owner.name);
    await work();
  } catch (thrown) {
    faulted(unit, owner, thrown);
  }
}

/** For a seam that answers a caller by itself: logs the stack and ends the owner, as `contain` does. */
export function faulted(unit: UnitOfWork, owner: Owner, thrown: unknown): void {
  owner.log(`${owner.name}: fault in ${unit}: ${stackOf(thrown)}`);
  try {
    owner.end(thrown);
  } catch (second) {
    owner.log(`${owner.name}: fault while it was being ended: ${stackOf(second)}`);
  }
}

export function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}
