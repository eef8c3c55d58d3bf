// One process for each state directory: the one that holds the lock in it. First it is proved that the directory is ours, since what is
// in it says which process to take over and which files to remove.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { lockDirectory, type Unlock } from '../host/lock.ts';
import { type OwnDirectory, openOwnDirectory } from '../host/own-directory.ts';
import { LocalError, messageOf } from '../util/local-error.ts';
import { strerror } from '../util/strerror.ts';

export interface StateLock {
  /** Without symbolic links, every one of which could lead elsewhere later. */
  readonly directory: string;
  close(): Promise<void>;
}

/** Makes the directory if need be, mode 0700. Rejects with a LocalError when another process holds it. */
export async function lockState(directory: string): Promise<StateLock> {
  const own = openState(directory);
  let unlock: Unlock | undefined;
  try {
    unlock = isHeldByRelease010(own.path) ? undefined : lockDirectory(own);
  } catch (cause) {
    own.close();
    throw stateError(directory, `it cannot be locked: ${strerror(cause)}`, cause);
  }
  if (unlock === undefined) {
    own.close();
    throw stateError(directory, 'another qmpd uses it');
  }
  const release = unlock;
  return {
    directory: own.path,
    close: () => {
      release();
      own.close();
      return Promise.resolve();
    },
  };
}

function openState(directory: string): OwnDirectory {
  try {
    return openOwnDirectory(directory, { make: true });
  } catch (cause) {
    throw stateError(directory, `${messageOf(cause)}; --state names another, or 'none'`, cause);
  }
}

function stateError(directory: string, why: string, cause?: unknown): LocalError {
  return new LocalError('ERR_QMPD_STATE_DIRECTORY', `state directory '${directory}': ${why}`, { cause });
}

/** Longest name that fits into a socket address; release 0.1.0 cut there. */
const abstractNameBytesMax = 107;

/**
 * Release 0.1.0 held a name in Linux's abstract namespace, which any user may take first: it counts only when a process
 * of our own user has it. To be removed with the release after the next.
 */
function isHeldByRelease010(realPath: string): boolean {
  const name = Buffer.from(`qmpd-state:${realPath}`).toString('latin1').slice(0, abstractNameBytesMax);
  const inode = inodeOfAbstract(name);
  return inode !== undefined && ownProcessHas(`socket:[${inode}]`);
}

/** By the kernel's table (proc(5), /proc/net/unix), where a zero is shown as "@", also those that Node fills names up with. */
function inodeOfAbstract(name: string): string | undefined {
  try {
    for (const line of readFileSync('/proc/self/net/unix', 'latin1').split('\n')) {
      const found = /^\S+ \S+ \S+ \S+ \S+ \S+ +(\d+) @(.*)$/.exec(line);
      if (found?.[2]?.startsWith(name) && /^@*$/.test(found[2].slice(name.length))) return found[1];
    }
  } catch {
    // Without the table nothing can be told, and 0.1.0 is not what runs here.
  }
  return undefined;
}

/** Other users' processes do not show their files. Root sees everybody's, and so looks at its own processes only. */
function ownProcessHas(target: string): boolean {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      try {
        const files = `/proc/${pid}/fd`;
        const uid = /^Uid:\s+\d+\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
        if (Number(uid) !== process.geteuid?.()) return false;
        return readdirSync(files).some((fd) => linkOf(`${files}/${fd}`) === target);
      } catch {
        return false;
      }
    });
}

/** Undefined for a file that was closed meanwhile. */
function linkOf(file: string): string | undefined {
  try {
    return readlinkSync(file);
  } catch {
    return undefined;
  }
}
