// Checks the files that drives read before the guest does: everything that would otherwise be an error, or nothing at all,
// inside the guest. A drive that is given by an option is told about by the option's name; a medium that a command
// changes, in QEMU's words.

import { open, stat } from 'node:fs/promises';
import type { DiskImage } from '../../machine/block-nodes.ts';
import { QmpError } from '../../qmp/error.ts';
import { strerror } from '../../util/strerror.ts';
import type { DriveOption } from './drives.ts';
import { optionError } from './option-reader.ts';

/** Sizes of floppies that the emulated controller knows, in sectors. */
const floppySectors = [
  320, 360, 400, 640, 720, 1280, 1440, 1600, 1640, 1660, 2080, 2240, 2400, 2880, 2952, 2988, 3200, 3360, 3444,
  3486, 3520, 3680, 3840, 5760, 6240, 6400, 7040, 7680,
];
const sectorBytes = 512;

/** Rejects with a QmpError that names the drive's option when the image cannot serve the drive. */
export async function checkImage(drive: DriveOption, image: DiskImage): Promise<void> {
  const bytes = image.kind === 'null' ? image.bytes : await checkFile(drive, image.path, image.readOnly);
  if (bytes === 0) throw optionError(drive, 'the image is empty');
  const isFloppy = drive === 'fda' || drive === 'fdb';
  if (isFloppy && !floppySectors.includes(bytes / sectorBytes)) {
    throw optionError(drive, `no floppy disk has ${bytes} bytes; the usual size is 1474560`);
  }
}

/** Rejects with QEMU's text when the image cannot be opened as it is to be used. */
export async function checkAccess(image: DiskImage): Promise<void> {
  if (image.kind === 'null') return;
  const found = await lookAt(image.path, image.readOnly);
  const why = found.kind === 'directory' ? 'Is a directory' : 'why' in found ? found.why : undefined;
  if (why !== undefined) throw new QmpError(`Could not open '${image.path}': ${why}`);
}

/** The size of the file. */
async function checkFile(drive: DriveOption, path: string, readOnly: boolean): Promise<number> {
  const found = await lookAt(path, readOnly);
  switch (found.kind) {
    case 'file':
      await refuseQcow(drive, path);
      return found.bytes;
    case 'directory':
    case 'other':
      throw optionError(drive, `'${path}' is not a regular file`);
    case 'unreadable':
      throw optionError(drive, `Could not open '${path}': ${found.why}`);
    case 'unwritable':
      throw optionError(
        drive,
        `Could not open '${path}' for writing: ${found.why} (with 'read-only' the guest only reads it)`,
      );
  }
}

type Found =
  | { readonly kind: 'file'; readonly bytes: number }
  | { readonly kind: 'directory' | 'other' }
  | { readonly kind: 'unreadable' | 'unwritable'; readonly why: string };

async function lookAt(path: string, readOnly: boolean): Promise<Found> {
  try {
    const status = await stat(path);
    if (!status.isFile()) return { kind: status.isDirectory() ? 'directory' : 'other' };
    await tryOpen(path, 'r');
    const refused = readOnly ? undefined : await tryOpen(path, 'r+').catch(strerror);
    return refused === undefined
      ? { kind: 'file', bytes: status.size }
      : { kind: 'unwritable', why: refused };
  } catch (thrown) {
    return { kind: 'unreadable', why: strerror(thrown) };
  }
}

/** Asking for permissions is not enough: a user who may do everything cannot write to every file either. */
async function tryOpen(path: string, flags: 'r' | 'r+'): Promise<undefined> {
  await (await open(path, flags)).close();
}

/** A guest that finds a qcow2 header in its first sector is a mistake that is hard to see later. */
async function refuseQcow(drive: DriveOption, path: string): Promise<void> {
  const file = await open(path);
  try {
    const magic = Buffer.alloc(4);
    await file.read(magic, 0, 4, 0);
    if (magic.toString('latin1') === 'QFI\xfb') {
      throw optionError(drive, `'${path}' is a qcow2 image, only raw images are available`);
    }
  } finally {
    await file.close();
  }
}
