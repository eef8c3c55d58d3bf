// A QEMU that is being started belongs to its qmpd alone: if that is killed before the machine is complete, nobody
// would ever take it over. A mark in its directory says so until then; the next qmpd ends what is left of it.

import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseJson } from '../../../json/parse.ts';
import { printCompact } from '../../../json/print.ts';
import { isJsonObject, type JsonValue } from '../../../json/value.ts';
import { QmpError } from '../../../qmp/error.ts';
import { strerror } from '../../../util/strerror.ts';
import { writeAtomically } from './atomic-file.ts';
import { isAlive, type ProcessIdentity, processStat } from './process-identity.ts';
import { runtimeDirectory, runtimeDirectoryPrefix } from './runtime-directory.ts';

const mark = 'starting';

/** To be called as soon as the process is there. */
export function markUnfinished(directory: string, qemu: ProcessIdentity): void {
  const { pid } = process;
  const owner = { pid, startTime: processStat(pid)?.startTime ?? '' };
  try {
    writeAtomically(path.join(directory, mark), printCompact({ qemu: { ...qemu }, owner }));
  } catch (thrown) {
    throw new QmpError(`Cannot make a file for QEMU in '${directory}': ${strerror(thrown)}`);
  }
}

export function markFinished(directory: string): void {
  rmSync(path.join(directory, mark), { force: true });
}

/** Ends the unfinished QEMUs of qmpds that are gone, and removes their directories. */
export function sweepUnfinished(parent: string, log: (message: string) => void): void {
  for (const name of namesIn(parent)) {
    if (!name.startsWith(runtimeDirectoryPrefix)) continue;
    const directory = path.join(parent, name);
    const found = readMark(path.join(directory, mark));
    if (found === undefined || isAlive(found.owner)) continue;
    log(`process ${found.qemu.pid} was being started by a qmpd that is gone: it is ended`);
    if (isAlive(found.qemu)) process.kill(found.qemu.pid, 'SIGKILL');
    runtimeDirectory(directory).remove();
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function readMark(file: string): { qemu: ProcessIdentity; owner: ProcessIdentity } | undefined {
  let value: JsonValue | undefined;
  try {
    value = parseJson(readFileSync(file, 'latin1'));
  } catch {
    return undefined;
  }
  const qemu = isJsonObject(value) ? identityOf(value.qemu) : undefined;
  const owner = isJsonObject(value) ? identityOf(value.owner) : undefined;
  return qemu === undefined || owner === undefined ? undefined : { qemu, owner };
}

function identityOf(value: JsonValue | undefined): ProcessIdentity | undefined {
  if (!isJsonObject(value)) return undefined;
  const { pid, startTime } = value;
  return typeof pid === 'number' && typeof startTime === 'string' ? { pid, startTime } : undefined;
}
