// QEMU's run state as qmpd follows it: told by events where an event says it, asked for where it has many reasons.

import { isJsonObject, type JsonValue } from '../../json/value.ts';
import type { RunState } from '../../machine/phase.ts';

const known: ReadonlySet<string> = new Set<RunState>([
  'prelaunch',
  'running',
  'paused',
  'shutdown',
  'internal-error',
  'io-error',
  'guest-panicked',
  'watchdog',
  'inmigrate',
  'postmigrate',
  'finish-migrate',
  'save-vm',
  'restore-vm',
  'suspended',
  'debug',
  'colo',
]);

/** Of an answer to query-status; undefined for a state that QEMU has and we do not know. */
export function runStateOf(status: JsonValue): RunState | undefined {
  const state = isJsonObject(status) ? status.status : undefined;
  return isRunState(state) ? state : undefined;
}

function isRunState(value: JsonValue | undefined): value is RunState {
  return typeof value === 'string' && known.has(value);
}

/** Events that say the new state themselves. */
export const runStateByEvent: ReadonlyMap<string, RunState> = new Map([
  ['RESUME', 'running'],
  ['SHUTDOWN', 'shutdown'],
  ['SUSPEND', 'suspended'],
]);

/** Events after which the state is another one, which only QEMU knows. */
export const runStateUnknownAfter: ReadonlySet<string> = new Set([
  'STOP',
  'RESET',
  'WAKEUP',
  'GUEST_PANICKED',
  'MIGRATION',
]);
