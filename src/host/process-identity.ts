// Which process a number means: a pid alone may have passed to another program, a pid with its start time cannot
// (proc(5), /proc/PID/stat, field 22). And what it was started for, so that nothing is killed but what we started.

import { closeSync, readFileSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { native } from './native.ts';

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

/** Of a process that cannot end meanwhile: ourselves, or a child that has not been waited for. */
export function processIdentity(pid: number): ProcessIdentity {
  return { pid, startTime: processStat(pid)?.startTime ?? '' };
}

/** The variable in the environment of what we start that says which of qmpd's directories it was started for. */
const markVariable = 'QMPD_RUNTIME_DIRECTORY';

/** Our own environment, with the mark by which `isProved` knows a process that was started with it. */
export function markedEnvironment(directory: string): NodeJS.ProcessEnv {
  return { ...process.env, [markVariable]: directory };
}

/**
 * Whether it is that very process, of our user, and was started for that directory, whatever program it runs by now: a
 * QEMU may come by way of scripts. Only a process of our own user can have such an environment.
 */
export function isProved(identity: ProcessIdentity, directory: string): boolean {
  if (ownerOf(identity.pid) !== process.geteuid?.()) return false;
  return environmentOf(identity.pid).includes(`${markVariable}=${directory}`) && isAlive(identity);
}

function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function ownerOf(pid: number): number | undefined {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid;
}

/** Signals that process or none: its number cannot pass to another between the look and the signal. */
export function signalProcess(identity: ProcessIdentity, name: NodeJS.Signals): void {
  const fd = native?.openProcess(identity.pid) ?? -1;
  if (native === undefined || fd < 0) {
    if (isAlive(identity)) killQuietly(identity.pid, name);
    return;
  }
  try {
    if (isAlive(identity)) native.signalProcess(fd, constants.signals[name]);
  } finally {
    closeSync(fd);
  }
}

function killQuietly(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended in between.
  }
}
