// Which process a number means: a pid alone may have passed to another program, a pid with its start time cannot
// (proc(5), /proc/PID/stat, field 22).

import { readFileSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot. */
  readonly startTime: string;
}

export interface ProcessStat {
  /** One letter, as in proc(5): R, S, D, T (stopped), t (traced), Z (dead, not yet waited for). */
  readonly state: string;
  readonly startTime: string;
}

/** Undefined when there is no such process. */
export function processStat(pid: number): ProcessStat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The name is in parentheses and may contain anything; the fields after it are plain.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', startTime: fields[19] ?? '' };
}

export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  const stat = processStat(pid);
  return stat !== undefined && stat.startTime === startTime && stat.state !== 'Z' && stat.state !== 'X';
}
