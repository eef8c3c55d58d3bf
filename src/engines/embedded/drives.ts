// Checks what is in the machine's drives before the machine is made, or before a medium is changed: everything that
// would otherwise be an error, or nothing at all, inside the guest.

import { open, stat } from 'node:fs/promises';
import { isJsonObject, type JsonObject } from '../../json/value.ts';
import { type DriveOption, drivePlaces, mediumOf } from '../../machine/drives.ts';
import type { Declaration, DiskImage } from '../../machine/engine.ts';
import { strerror } from '../../util/strerror.ts';
import { optionalString, optionError } from './option-reader.ts';

/** Sizes of floppies that the emulated controller knows, in sectors. */
const floppySectors = [
  320, 360, 400, 640, 720, 1280, 1440, 1600, 1640, 1660, 2080, 2240, 2400, 2880, 2952, 2988, 3200, 3360, 3444,
  3486, 3520, 3680, 3840, 5760, 6240, 6400, 7040, 7680,
];
const sectorBytes = 512;

/** The image in each drive that has one. Rejects with a QmpError that names the drive's option. */
export async function readDrives(
  options: JsonObject,
  declarations: readonly Declaration[],
): Promise<Partial<Record<DriveOption, DiskImage>>> {
  const drives: Partial<Record<DriveOption, DiskImage>> = {};
  for (const { option } of drivePlaces) {
    const image = imageOf(option, options, declarations);
    if (image === undefined) continue;
    await checkImage(option, image);
    drives[option] = image;
  }
  if (drives.hdb !== undefined && drives.hda === undefined) throw optionError('hdb', "it needs 'hda'");
  return drives;
}

function imageOf(
  drive: DriveOption,
  options: JsonObject,
  declarations: readonly Declaration[],
): DiskImage | undefined {
  const source = options[drive];
  if (source === undefined) return undefined;
  const format = isJsonObject(source) ? (optionalString(source, 'format') ?? 'raw') : 'raw';
  if (format !== 'raw') throw optionError(drive, `format '${format}' is not available, only raw images are`);
  const image = mediumOf(drive, source, declarations)?.image;
  return image?.kind === 'file' && drive === 'cdrom' ? { ...image, readOnly: true } : image;
}

/** Rejects with a QmpError when the image cannot serve the drive. */
export async function checkImage(drive: DriveOption, image: DiskImage): Promise<void> {
  const bytes = image.kind === 'null' ? image.bytes : await checkFile(drive, image.path, image.readOnly);
  if (bytes === 0) throw optionError(drive, 'the image is empty');
  const isFloppy = drive === 'fda' || drive === 'fdb';
  if (isFloppy && !floppySectors.includes(bytes / sectorBytes)) {
    throw optionError(drive, `no floppy disk has ${bytes} bytes; the usual size is 1474560`);
  }
}

/** The size of the file. */
async function checkFile(drive: DriveOption, path: string, readOnly: boolean): Promise<number> {
  const cannotOpen = (thrown: unknown): never => {
    throw optionError(drive, `Could not open '${path}': ${strerror(thrown)}`);
  };
  const status = await stat(path).catch(cannotOpen);
  if (!status.isFile()) throw optionError(drive, `'${path}' is not a regular file`);
  await tryOpen(path, 'r').catch(cannotOpen);
  if (!readOnly) {
    await tryOpen(path, 'r+').catch((thrown: unknown) => {
      throw optionError(
        drive,
        `Could not open '${path}' for writing: ${strerror(thrown)} (with 'read-only' the guest only reads it)`,
      );
    });
  }
  await refuseQcow(drive, path);
  return status.size;
}

/** Asking for permissions is not enough: a user who may do everything cannot write to every file either. */
async function tryOpen(path: string, flags: 'r' | 'r+'): Promise<void> {
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
