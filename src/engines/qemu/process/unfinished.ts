// A QEMU that is being started belongs to its qmpd alone: if that is killed before the machine is complete, nobody
// would ever take it over. A mark in its directory says so until then; the next qmpd ends what is left of it. A mark is
// believed only in a directory that is proved ours, and a process is ended only when pid, start time and user
// are right and it was started for that very directory.

import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type OwnDirectory, openOwnDirectory } from '../../../host/own-directory.ts';
import {
  isAlive,
  isProved,
  type ProcessIdentity,
  processIdentity,
  signalProcess,
} from '../../../host/process-identity.ts';
import { parseJson } from '../../../json/parse.ts';
import { printCompact } from '../../../json/print.ts';
import { isJsonObject, type JsonValue } from '../../../json/value.ts';
import { QmpError } from '../../../qmp/error.ts';
import { strerror } from '../../../util/strerror.ts';
import { writeAtomically } from './atomic-file.ts';
import { runtimeDirectory, runtimeDirectoryPrefix } from './runtime-directory.ts';

const mark = 'starting';

interface Mark {
  readonly qemu: ProcessIdentity;
  readonly owner: ProcessIdentity;
}

/** To be called as soon as the process is there. */
export function markUnfinished(directory: string, qemu: ProcessIdentity): void {
  const owner = processIdentity(process.pid);
  try {
    writeAtomically(path.join(directory, mark), printCompact({ qemu: { ...qemu }, owner: { ...owner } }));
  } catch (thrown) {
    throw new QmpError(`Cannot make a file for QEMU in '${directory}': ${strerror(thrown)}`);
  }
}

export function markFinished(directory: string): void {
  rmSync(path.join(directory, mark), { force: true });
}

/** Ends the unfinished QEMUs of qmpds that are gone, and removes their directories. */
export function sweepUnfinished(where: string, log: (message: string) => void): void {
  const parent = openIfOurs(where);
  if (parent === undefined) return;
  try {
    for (const name of parent.names())
      if (name.startsWith(runtimeDirectoryPrefix)) sweepOne(parent, name, log);
  } finally {
    parent.close();
  }
}

function sweepOne(parent: OwnDirectory, name: string, log: (message: string) => void): void {
  const found = markIn(parent, name);
  if (found === undefined || isAlive(found.owner)) return;
  const { qemu } = found;
  const directory = path.join(parent.path, name);
  if (isProved(qemu, directory)) {
    log(`process ${qemu.pid} was being started by a qmpd that is gone: it is ended`);
    signalProcess(qemu, 'SIGKILL');
  } else if (isAlive(qemu)) {
    log(`process ${qemu.pid} is left alone: it was not started for '${directory}'`);
  }
  runtimeDirectory(directory).remove();
}

/** Nothing is swept in a directory that is missing, or may be another user's. */
function openIfOurs(where: string): OwnDirectory | undefined {
  try {
    return openOwnDirectory(where, { make: false });
  } catch {
    return undefined;
  }
}

function markIn(parent: OwnDirectory, name: string): Mark | undefined {
  try {
    const directory = parent.open(name);
    try {
      return markOf(parseJson(readFileSync(directory.at(mark), 'latin1')));
    } finally {
      directory.close();
    }
  } catch {
    return undefined;
  }
}

function markOf(value: JsonValue | undefined): Mark | undefined {
  if (!isJsonObject(value)) return undefined;
  const qemu = identityOf(value.qemu);
  const owner = identityOf(value.owner);
  return qemu === undefined || owner === undefined ? undefined : { qemu, owner };
}

function identityOf(value: JsonValue | undefined): ProcessIdentity | undefined {
  if (!isJsonObject(value)) return undefined;
  const { pid, startTime } = value;
  return typeof pid === 'number' && typeof startTime === 'string' ? { pid, startTime } : undefined;
}
