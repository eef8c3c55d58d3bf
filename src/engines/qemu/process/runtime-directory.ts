// The directory of one QEMU process: its monitor socket, its standard error. Mode 0700, so that nobody else can dial
// in, or reach the guest through the monitor; and proved to be ours by every name that leads there, or another user
// could put his own in its place before QEMU dials (src/host/own-directory.ts).

import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { openOwnDirectory } from '../../../host/own-directory.ts';
import { QmpError } from '../../../qmp/error.ts';
import { strerror } from '../../../util/strerror.ts';

/** The kernel's limit for the path of a unix socket (unix(7), sun_path), without the final zero. */
const socketPathBytesMax = 107;

export const runtimeDirectoryPrefix: string = 'qemu-';

/** All that qmpd and its QEMUs ever make there; anything else stays, and the directory with it. */
const ownNames = /^(?:m|c\d{1,6}|stderr|vmstate|starting(?:\.\d+\.new)?)$/;

export interface RuntimeDirectory {
  readonly path: string;
  readonly socketPath: string;
  readonly stderrPath: string;
  /** Removes it and all in it that is ours; may be called again. */
  remove(): void;
}

/** Throws a QmpError when it cannot be made, or its place is not safe. */
export function makeRuntimeDirectory(parent: string): RuntimeDirectory {
  try {
    const place = openOwnDirectory(parent, { make: true });
    try {
      const name = `${runtimeDirectoryPrefix}${randomBytes(4).toString('hex')}`;
      const directory = runtimeDirectory(path.join(place.path, name));
      place.makeDirectory(name);
      return directory;
    } finally {
      place.close();
    }
  } catch (thrown) {
    if (thrown instanceof QmpError) throw thrown;
    throw new QmpError(`Cannot make a directory for QEMU in '${parent}': ${strerror(thrown)}`);
  }
}

/** One that exists already, or is going to. Throws a QmpError for a path that is too long for a socket. */
export function runtimeDirectory(where: string): RuntimeDirectory {
  const socketPath = `${where}/m`;
  if (Buffer.byteLength(socketPath) > socketPathBytesMax) {
    throw new QmpError(
      `The path '${socketPath}' is longer than the ${socketPathBytesMax} bytes a socket may have`,
    );
  }
  return { path: where, socketPath, stderrPath: `${where}/stderr`, remove: () => removeOwn(where) };
}

/** Known names in a directory of our own making, and nothing else, whatever a file says that told us of it. */
function removeOwn(where: string): void {
  const name = path.basename(where);
  if (!name.startsWith(runtimeDirectoryPrefix)) return;
  try {
    const parent = openOwnDirectory(path.dirname(where), { make: false });
    try {
      const directory = parent.open(name);
      directory.removeFiles((file) => ownNames.test(file));
      directory.close();
      parent.removeDirectory(name);
    } finally {
      parent.close();
    }
  } catch {
    // Gone already, or not ours to touch.
  }
}
