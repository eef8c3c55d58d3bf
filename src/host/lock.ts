// One process for each directory of qmpd's: a lock on a file in it, which the kernel releases the moment that its
// process dies. Without the native part the file names its holder, by process and start time: a holder that is gone is
// found out, and only two processes that find the same dead one in the same moment could both take its place.

import {
  closeSync,
  constants,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { getSystemErrorName } from 'node:util';
import { native } from './native.ts';
import type { OwnDirectory } from './own-directory.ts';
import { isAlive, type ProcessIdentity, processIdentity } from './process-identity.ts';

const lockName = 'lock';
const holderName = 'lock.holder';

/** Gives the lock back. */
export type Unlock = () => void;

/** Undefined when another process holds it. Throws a system error. */
export function lockDirectory(directory: OwnDirectory): Unlock | undefined {
  return native === undefined ? lockByName(directory) : lockByKernel(directory, native.lock);
}

function lockByKernel(directory: OwnDirectory, lock: (fd: number) => number): Unlock | undefined {
  const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;
  const fd = openSync(directory.at(lockName), O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
  const result = lock(fd);
  if (result >= 0) return () => closeSync(fd);
  closeSync(fd);
  const code = getSystemErrorName(result);
  if (code === 'EAGAIN' || code === 'EWOULDBLOCK') return undefined;
  throw Object.assign(new Error(code), { code });
}

function lockByName(directory: OwnDirectory): Unlock | undefined {
  const file = directory.at(holderName);
  const own = directory.at(`${holderName}.${process.pid}`);
  writeFileSync(own, JSON.stringify(processIdentity(process.pid)), { mode: 0o600 });
  try {
    if (links(own, file)) return () => unlinkSync(file);
    const holder = readHolder(file);
    if (holder !== undefined && isAlive(holder)) return undefined;
    const aside = `${file}.${process.pid}.gone`;
    renameSync(file, aside);
    unlinkSync(aside);
    return links(own, file) ? () => unlinkSync(file) : undefined;
  } finally {
    unlinkSync(own);
  }
}

/** Whole or not at all, unlike a file that is made and then written. */
function links(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST') return false;
    throw thrown;
  }
}

function readHolder(file: string): ProcessIdentity | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('startTime' in value))
      return undefined;
    const { pid, startTime } = value;
    return typeof pid === 'number' && typeof startTime === 'string' ? { pid, startTime } : undefined;
  } catch {
    return undefined;
  }
}
