// Looks at the files behind drives, so that a wrong one is refused when it is named, with QEMU's text.

import { open, stat } from 'node:fs/promises';
import type { DiskImage } from '../machine/engine.ts';
import { QmpError } from '../qmp/error.ts';
import { strerror } from '../util/strerror.ts';

/** Throws a QmpError when the file is missing, is not a file, or does not give the access that is needed. */
export async function checkImage(image: DiskImage): Promise<void> {
  if (image.kind === 'null') return;
  const { path, readOnly } = image;
  try {
    const status = await stat(path);
    if (status.isDirectory()) throw new QmpError(`Could not open '${path}': Is a directory`);
    // Asking for permissions is not enough: a user who may do everything cannot write to every file either.
    if (status.isFile()) await (await open(path, readOnly ? 'r' : 'r+')).close();
  } catch (thrown) {
    if (thrown instanceof QmpError) throw thrown;
    throw new QmpError(`Could not open '${path}': ${strerror(thrown)}`);
  }
}

export async function imageBytes(image: DiskImage): Promise<number> {
  if (image.kind === 'null') return image.bytes;
  return stat(image.path).then(
    (status) => status.size,
    () => 0,
  );
}
