// Directories for sockets that nobody but this user may enter.

import { lstatSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openOwnDirectory } from '../../host/own-directory.ts';
import { LocalError, messageOf } from '../../util/local-error.ts';

/** Makes the directory that a file is to lie in, or checks the one that is there. Throws ERR_QMPD_ACCESS. */
export function makeOwnDirectory(file: string): void {
  try {
    openOwnDirectory(path.dirname(file), { make: true }).close();
  } catch (cause) {
    throw new LocalError('ERR_QMPD_ACCESS', `${messageOf(cause)}; --qmp names another place`, { cause });
  }
}

/**
 * Checks the directory of a file, if it is there: in the shared temporary directory somebody else may have been quicker,
 * to be connected to or to be connected with. Throws ERR_QMPD_ACCESS.
 */
export function checkOwnDirectory(file: string): void {
  const directory = path.dirname(file);
  if (lstatSync(directory, { throwIfNoEntry: false }) === undefined) return;
  openOwnDirectory(directory, { make: false }).close();
}

/** A new directory of mode 0700, and how to remove it with all that is in it. */
export function makePrivateDirectory(): { directory: string; remove: () => void } {
  const directory = mkdtempSync(path.join(tmpdir(), 'qmpd-'));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  try {
    // Where another user could put something else in its place, removing it would be worse than leaving it.
    openOwnDirectory(directory, { make: false }).close();
  } catch (cause) {
    throw new LocalError('ERR_QMPD_ACCESS', `${messageOf(cause)}; TMPDIR names another place`, { cause });
  }
  return { directory, remove };
}
