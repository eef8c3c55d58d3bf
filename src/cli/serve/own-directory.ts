// Directories for sockets that nobody but this user may enter.

import { lstatSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LocalError } from '../../util/local-error.ts';
import { strerror } from '../../util/strerror.ts';

/** Makes the directory that a file is to lie in, or checks the one that is there. Throws ERR_QMPD_ACCESS. */
export function makeOwnDirectory(file: string): void {
  const directory = path.dirname(file);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const text = `the directory ${directory} cannot be made: ${strerror(cause)}; --qmp names another place`;
    throw new LocalError('ERR_QMPD_ACCESS', text, { cause });
  }
  checkOwnDirectory(file);
}

/**
 * Checks the directory of a file, if it is there: in the shared temporary directory somebody else may have been quicker,
 * to be connected to or to be connected with. Throws ERR_QMPD_ACCESS.
 */
export function checkOwnDirectory(file: string): void {
  const directory = path.dirname(file);
  const status = lstatSync(directory, { throwIfNoEntry: false });
  if (status === undefined) return;
  if (!status.isDirectory()) throw unsafe(directory, 'it is not a directory');
  if (status.uid !== process.getuid?.()) throw unsafe(directory, `it belongs to user ${status.uid}`);
  if ((status.mode & 0o022) !== 0) throw unsafe(directory, 'others may write to it');
}

/** A new directory of mode 0700, and how to remove it with all that is in it. */
export function makePrivateDirectory(): { directory: string; remove: () => void } {
  const directory = mkdtempSync(path.join(tmpdir(), 'qmpd-'));
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

function unsafe(directory: string, why: string): LocalError {
  return new LocalError('ERR_QMPD_ACCESS', `${directory} is no safe place for a socket: ${why}`);
}
