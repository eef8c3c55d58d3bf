// The drives of the machine: which there are, and what their options put into them (QEMU: qapi/block-core.json, the names
// of hw/ide and hw/block/fdc). They are fixed at creation; the media of the removable ones change while it runs
// (media.ts).

import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { type DiskImage, imageBehind } from '../../machine/block-nodes.ts';
import { namingOption } from '../../machine/configuration/naming-option.ts';
import type { Medium } from '../../machine/controls.ts';
import type { Declaration } from '../../machine/engine.ts';
import { QmpError } from '../../qmp/error.ts';
import { checkImage } from './images.ts';
import { optionalString, optionError } from './option-reader.ts';

/** The drive options, with the names that QEMU gives to the drives of a PC. */
export const drivePlaces = [
  { option: 'fda', device: 'floppy0', removable: true, always: true },
  { option: 'fdb', device: 'floppy1', removable: true, always: true },
  { option: 'hda', device: 'ide0-hd0', removable: false, always: false },
  { option: 'hdb', device: 'ide0-hd1', removable: false, always: false },
  { option: 'cdrom', device: 'ide1-cd0', removable: true, always: true },
] as const;

export type DriveOption = (typeof drivePlaces)[number]['option'];

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

/** Follows a drive option's value (a node name, or a file) down to the image. */
export function mediumOf(
  option: string,
  value: JsonValue,
  nodes: readonly Declaration[],
): Medium | undefined {
  if (value === null) return undefined;
  if (typeof value === 'string') {
    try {
      return { image: imageOfNode(value, nodes), node: value };
    } catch (thrown) {
      throw namingOption(option, thrown);
    }
  }
  if (isJsonObject(value) && typeof value.file === 'string') {
    const readOnly = value['read-only'] === true || option === 'cdrom';
    return { image: { kind: 'file', path: value.file, readOnly }, node: undefined };
  }
  throw new QmpError(`Option '${option}' expects the name of a block node or an object with 'file'`);
}

/** Throws a QmpError for a node that leads to nothing that the emulator can open. */
export function imageOfNode(name: string, nodes: readonly Declaration[]): DiskImage {
  const behind = imageBehind(name, nodes);
  if (behind.kind !== 'unfollowed') return behind;
  throw new QmpError(
    `Block driver '${behind.driver}' needs the engine 'qemu'; the embedded engine has file, raw and null-co`,
  );
}
