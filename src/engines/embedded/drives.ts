// What is in the machine's drives: follows block nodes down to a file, and checks it before the machine is made.

import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import type { Declaration, DiskImage } from '../../machine/engine.ts';
import { strerror } from '../../util/strerror.ts';
import { onlyMembers, optionalString, optionError } from './option-reader.ts';
import type { DriveName } from './worker/messages.ts';

export const driveNames: readonly DriveName[] = ['fda', 'fdb', 'hda', 'hdb', 'cdrom'];

/** QEMU's null-co without a size. */
const nullBytesDefault = 1024 * 1024 * 1024;
/** Block nodes between a drive and its file; more is a mistake, if not a circle. */
const nodeDepthMax = 8;
/** Sizes of floppies that the emulated controller knows, in sectors of 512 bytes. */
const floppySectors = [
  320, 360, 400, 640, 720, 1280, 1440, 1600, 1640, 1660, 2080, 2240, 2400, 2880, 2952, 2988, 3200, 3360, 3444,
  3486, 3520, 3680, 3840, 5760, 6240, 6400, 7040, 7680,
];

/** The image of a drive option, undefined for an empty drive. */
export async function imageOf(
  drive: DriveName,
  source: JsonValue | undefined,
  declarations: readonly Declaration[],
): Promise<DiskImage | undefined> {
  if (source === undefined || source === null) return undefined;
  const image = readSource(drive, source, declarations);
  await checkImage(drive, image);
  return image;
}

function readSource(drive: DriveName, source: JsonValue, declarations: readonly Declaration[]): DiskImage {
  const readOnly = drive === 'cdrom';
  if (typeof source === 'string') return readNode(drive, source, declarations, readOnly, 0);
  if (!isJsonObject(source)) throw optionError(drive, 'the name of a block node or an image is expected');
  const format = optionalString(source, 'format') ?? 'raw';
  if (format !== 'raw') throw optionError(drive, `format '${format}' is not available, only raw images are`);
  const path = optionalString(source, 'file');
  if (path === undefined) throw optionError(drive, "'file' is missing");
  return { kind: 'file', path, readOnly: readOnly || source['read-only'] === true };
}

function readNode(
  drive: DriveName,
  name: string,
  declarations: readonly Declaration[],
  readOnly: boolean,
  depth: number,
): DiskImage {
  const declaration = declarations.find(({ kind, id }) => kind === 'blockdev' && id === name);
  if (declaration === undefined) throw optionError(drive, `there is no block node '${name}'`);
  if (depth === nodeDepthMax) throw optionError(drive, `block node '${name}' is nested too deeply`);
  return readNodeArguments(drive, name, declaration.arguments, declarations, readOnly, depth);
}

function readNodeArguments(
  drive: DriveName,
  name: string,
  node: JsonObject,
  declarations: readonly Declaration[],
  inherited: boolean,
  depth: number,
): DiskImage {
  const readOnly = inherited || node['read-only'] === true;
  switch (node.driver) {
    case 'null-co':
    case 'null-aio':
      return { kind: 'null', bytes: Number(node.size ?? nullBytesDefault) };
    case 'file':
      return { kind: 'file', path: String(node.filename), readOnly };
    case 'raw': {
      onlyMembers(
        node,
        drive,
        ['driver', 'node-name', 'file', 'read-only', 'cache', 'discard', 'detect-zeroes', 'auto-read-only'],
        `is not available for block node '${name}' with the embedded engine`,
      );
      const { file } = node;
      if (typeof file === 'string') return readNode(drive, file, declarations, readOnly, depth + 1);
      if (isJsonObject(file)) return readNodeArguments(drive, name, file, declarations, readOnly, depth + 1);
      throw optionError(drive, `block node '${name}' has no 'file'`);
    }
    default:
      throw optionError(
        drive,
        `block node '${name}' has driver '${String(node.driver)}'; the embedded engine has raw, file and null-co`,
      );
  }
}

/** Rejects with a QmpError when the image cannot serve the drive. */
export async function checkImage(drive: DriveName, image: DiskImage): Promise<void> {
  const bytes = image.kind === 'null' ? image.bytes : await checkFile(drive, image.path, image.readOnly);
  if (bytes === 0) throw optionError(drive, 'the image is empty');
  const isFloppy = drive === 'fda' || drive === 'fdb';
  if (isFloppy && !floppySectors.includes(bytes / 512)) {
    throw optionError(drive, `no floppy disk has ${bytes} bytes; the usual size is 1474560`);
  }
}

async function checkFile(drive: DriveName, path: string, readOnly: boolean): Promise<number> {
  const status = await stat(path).catch((thrown: unknown) => {
    throw optionError(drive, `Could not open '${path}': ${strerror(thrown)}`);
  });
  if (!status.isFile()) throw optionError(drive, `'${path}' is not a regular file`);
  await access(path, constants.R_OK).catch((thrown: unknown) => {
    throw optionError(drive, `Could not open '${path}': ${strerror(thrown)}`);
  });
  if (!readOnly) {
    await access(path, constants.W_OK).catch((thrown: unknown) => {
      throw optionError(
        drive,
        `Could not open '${path}' for writing: ${strerror(thrown)}; 'read-only' opens it`,
      );
    });
  }
  await refuseQcow(drive, path);
  return status.size;
}

/** A guest that finds a qcow2 header in its first sector is a mistake that is hard to see later. */
async function refuseQcow(drive: DriveName, path: string): Promise<void> {
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
