// Files that a subcommand writes for its user.

import { mkdirSync, writeFileSync } from 'node:fs';
import { LocalError } from '../../util/local-error.ts';
import { strerror } from '../../util/strerror.ts';

/** Throws ERR_QMPD_OUTPUT, which names the file. */
export function writeOutput(file: string, text: string): void {
  attempt(file, () => writeFileSync(file, text));
}

/** Makes the folder if need be. Throws ERR_QMPD_OUTPUT, which names it. */
export function makeOutputFolder(folder: string): void {
  attempt(folder, () => void mkdirSync(folder, { recursive: true }));
}

function attempt(place: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    throw new LocalError('ERR_QMPD_OUTPUT', `cannot write '${place}': ${strerror(cause)}`, { cause });
  }
}
