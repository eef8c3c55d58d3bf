// The directory of one QEMU process: its monitor socket, its standard error. Mode 0700, so that nobody else can dial
// in, or reach the guest through the monitor.

import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { QmpError } from '../../../qmp/error.ts';
import { strerror } from '../../../util/strerror.ts';

/** The kernel's limit for the path of a unix socket (unix(7), sun_path), without the final zero. */
const socketPathBytesMax = 107;

export const runtimeDirectoryPrefix: string = 'qemu-';

export interface RuntimeDirectory {
  readonly path: string;
  readonly socketPath: string;
  readonly stderrPath: string;
  /** Removes it and all in it; may be called again. */
  remove(): void;
}

/** Throws a QmpError when it cannot be made. */
export function makeRuntimeDirectory(parent: string): RuntimeDirectory {
  let path: string;
  try {
    makeDirectory(parent);
    path = mkdtempSync(`${parent}/${runtimeDirectoryPrefix}`);
  } catch (thrown) {
    throw new QmpError(`Cannot make a directory for QEMU in '${parent}': ${strerror(thrown)}`);
  }
  return runtimeDirectory(path);
}

/** Without its parents: Node's recursive form never returns where the kernel says ENOENT for everything (/proc). */
function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (thrown) {
    if (!existsSync(path)) throw thrown;
  }
}

/** One that exists already. */
export function runtimeDirectory(path: string): RuntimeDirectory {
  const socketPath = `${path}/m`;
  if (Buffer.byteLength(socketPath) > socketPathBytesMax) {
    rmSync(path, { recursive: true, force: true });
    throw new QmpError(
      `The path '${socketPath}' is longer than the ${socketPathBytesMax} bytes a socket may have`,
    );
  }
  return {
    path,
    socketPath,
    stderrPath: `${path}/stderr`,
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
