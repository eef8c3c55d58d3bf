// The drives of a PC's board (QEMU: -fda, -fdb, -hda to -hdd, -cdrom, which are -drive with an index). A drive whose
// medium is a block node is given as a device, since -drive cannot refer to a node.

import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { QmpError } from '../../qmp/error.ts';
import { bothEngines, type Creation, fixed, type MachineOption } from './option.ts';
import { json, pairsWord } from './words.ts';

interface Place {
  readonly name: string;
  readonly media: 'disk' | 'cdrom' | 'floppy';
  /** Position on the IDE buses, or of the floppy drive. */
  readonly index: number;
}

const places: readonly Place[] = [
  { name: 'fda', media: 'floppy', index: 0 },
  { name: 'fdb', media: 'floppy', index: 1 },
  { name: 'hda', media: 'disk', index: 0 },
  { name: 'hdb', media: 'disk', index: 1 },
  { name: 'cdrom', media: 'cdrom', index: 2 },
];

function driveWords(place: Place, value: JsonValue, creation: Creation): readonly string[] {
  if (typeof value === 'string') return nodeWords(place, value, creation);
  if (value === null && place.media === 'disk') {
    throw new QmpError(`Option '${place.name}': a hard disk cannot be empty`);
  }
  const { file, format = 'raw', 'read-only': readOnly } = isJsonObject(value) ? value : {};
  const drive: JsonObject = Object.create(null);
  if (place.media === 'floppy') drive.if = 'floppy';
  else drive.media = place.media;
  drive.index = place.index;
  if (file !== undefined) Object.assign(drive, { file, format });
  if (file !== undefined && readOnly === true && place.media !== 'cdrom') drive.readonly = true;
  return ['-drive', pairsWord(drive)];
}

function nodeWords(place: Place, node: string, creation: Creation): readonly string[] {
  const board = boardOf(place, creation);
  const device: JsonObject = Object.create(null);
  if (place.media === 'floppy') {
    Object.assign(device, { driver: 'floppy', id: place.name, unit: place.index, drive: node });
  } else {
    const driver = place.media === 'cdrom' ? 'ide-cd' : 'ide-hd';
    // A PC of 1996 has two IDE buses with two units each; a Q35 has six SATA ports.
    const bus = board === 'q35' ? `ide.${place.index}` : `ide.${place.index >> 1}`;
    Object.assign(device, {
      driver,
      id: place.name,
      bus,
      unit: board === 'q35' ? 0 : place.index & 1,
      drive: node,
    });
  }
  return json('-device')(device, creation);
}

/** The two families of PC, whose drives are attached differently. */
function boardOf(place: Place, { options }: Creation): 'i440fx' | 'q35' {
  const { machine } = options;
  const type = isJsonObject(machine) && typeof machine.type === 'string' ? machine.type : 'pc';
  if (/^(pc-)?q35/.test(type)) return 'q35';
  if (/^(pc$|pc-i440fx|isapc)/.test(type)) return 'i440fx';
  throw new QmpError(
    `Option '${place.name}': machine type '${type}' needs its drives as devices (device_add)`,
  );
}

const diskReason = 'IDE disks cannot be changed while the machine exists; disks on other buses can be added';
const mediumReason = 'the drive is fixed; the medium in it can change';

export const driveOptions: readonly MachineOption[] = places.map((place) => ({
  name: place.name,
  engines: bothEngines,
  toWords: (value, creation) => driveWords(place, value, creation),
  change:
    place.media === 'disk'
      ? fixed(diskReason, 'blockdev-add', 'device_add')
      : fixed(mediumReason, 'blockdev-change-medium', 'eject'),
}));
