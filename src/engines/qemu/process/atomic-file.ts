// A file is there whole or not at all, whenever the process or the machine stops.

import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Only our user may read it. Throws a system error and then leaves the former content. */
export function writeAtomically(file: string, text: string): void {
  const temporary = `${file}.${process.pid}.new`;
  try {
    const fd = openForWriting(temporary);
    try {
      // All of it, or an error: a file system that fills up takes a part.
      writeFileSync(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, file);
  } catch (thrown) {
    rmSync(temporary, { force: true });
    throw thrown;
  }
}

function openForWriting(file: string): number {
  try {
    return openSync(file, 'w', 0o600);
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT')) throw thrown;
    mkdirSync(path.dirname(file), { mode: 0o700 });
    return openSync(file, 'w', 0o600);
  }
}
