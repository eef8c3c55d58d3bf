// Where the files of a running qmpd live: sockets, state. One directory for each user, which only that user may enter.

import { tmpdir } from 'node:os';
import path from 'node:path';

/** $XDG_RUNTIME_DIR/qmpd, /run/qmpd for root, else a directory of the user's in the temporary directory. */
export function defaultRuntimeDirectory(): string {
  const { XDG_RUNTIME_DIR: runtime } = process.env;
  if (runtime !== undefined && runtime !== '') return path.join(runtime, 'qmpd');
  const uid = process.getuid?.() ?? 0;
  return uid === 0 ? '/run/qmpd' : path.join(tmpdir(), `qmpd-${uid}`);
}
