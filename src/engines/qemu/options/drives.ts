// The drives of a machine's board, and directories of the host (QEMU: -fda, -fdb, -hda to -hdd, -cdrom, which are -drive
// with an index, -drive, -snapshot, -fsdev). A drive whose medium is a block node is given as a device, since -drive
// cannot refer to a node.

import type { JsonObject } from '../../../json/value.ts';
import { QmpError } from '../../../qmp/error.ts';
import type {
  MachineDriveOptions,
  MachineDriveSource,
  MachineFsdev,
  MachineOptions,
} from '../../../schema/index.ts';
import { type Board, boardOf } from './board.ts';
import { driveChange, throttleMembers } from './changes/drive.ts';
import { mediumChange } from './changes/medium.ts';
import { type Creation, fixed, type MachineOption, option } from './option.ts';
import { each, flag, json, membersOf, pairsOf } from './words.ts';

interface Place {
  readonly name: 'fda' | 'fdb' | 'hda' | 'hdb' | 'hdc' | 'hdd' | 'cdrom';
  readonly media: 'disk' | 'cdrom' | 'floppy';
  /** Position on the IDE buses, or of the floppy drive. */
  readonly index: number;
}

const places: readonly Place[] = [
  { name: 'fda', media: 'floppy', index: 0 },
  { name: 'fdb', media: 'floppy', index: 1 },
  { name: 'hda', media: 'disk', index: 0 },
  { name: 'hdb', media: 'disk', index: 1 },
  { name: 'hdc', media: 'disk', index: 2 },
  { name: 'hdd', media: 'disk', index: 3 },
  { name: 'cdrom', media: 'cdrom', index: 2 },
];

function placeWords(place: Place, source: MachineDriveSource, creation: Creation): readonly string[] {
  const { name, media, index } = place;
  if (name === 'hdc' && creation.options.cdrom !== undefined) {
    throw new QmpError("Options 'hdc' and 'cdrom' are for the same place");
  }
  if (typeof source === 'string') return nodeWords(place, source, creation);
  const where: JsonObject = media === 'floppy' ? { if: 'floppy', index } : { media, index };
  if (source === null) {
    if (media === 'disk') throw new QmpError(`Option '${name}': a hard disk cannot be empty`);
    return pairsOf('-drive', where);
  }
  const { file, format = 'raw', 'read-only': readOnly = false } = source;
  const readonly = readOnly && media !== 'cdrom' ? { readonly: true } : {};
  return pairsOf('-drive', { ...where, file, format, ...readonly });
}

function nodeWords({ name, media, index }: Place, node: string, creation: Creation): readonly string[] {
  const board = boardFor(name, creation.options);
  const device = json('-device');
  if (media === 'floppy') {
    const controller = needsController(name, board, creation.options) ? ['-device', 'isa-fdc'] : [];
    const drive = { driver: 'floppy', id: name, unit: index, drive: node };
    return [...controller, ...device(drive, creation)];
  }
  const driver = media === 'cdrom' ? 'ide-cd' : 'ide-hd';
  // A PC of 1996 has two IDE buses with two units each; a Q35 has six SATA ports.
  const place =
    board === 'q35' ? { bus: `ide.${index}`, unit: 0 } : { bus: `ide.${index >> 1}`, unit: index & 1 };
  return device({ driver, id: name, ...place, drive: node }, creation);
}

/** The name that -drive gives the backend of a drive at its place: which option it is ("ide0-hd0" is hda). */
export function optionOfBackend(backend: string, options: MachineOptions): string | undefined {
  const unitsOfBus = boardOf(options) === 'q35' ? 1 : 2;
  return places.find(({ name, media, index }) => {
    if (options[name] === undefined) return false;
    if (media === 'floppy') return backend === `floppy${index}`;
    const kind = media === 'cdrom' ? 'cd' : 'hd';
    return backend === `ide${Math.floor(index / unitsOfBus)}-${kind}${index % unitsOfBus}`;
  })?.name;
}

function boardFor(name: string, options: MachineOptions): Board {
  const board = boardOf(options);
  if (board !== undefined) return board;
  const type = options.machine?.type ?? '';
  throw new QmpError(`Option '${name}': machine type '${type}' needs its drives as devices (device_add)`);
}

/** A Q35 has a floppy controller only when it is asked for, which -drive does by itself. */
function needsController(name: string, board: Board, { fda, fdb }: MachineOptions): boolean {
  const made = [fda, fdb].some((source) => source !== undefined && typeof source !== 'string');
  return board === 'q35' && !made && (name === 'fda' || fda === undefined);
}

function driveWords(drive: MachineDriveOptions): readonly string[] {
  const { 'read-only': readonly, throttling = {}, properties, ...rest } = drive;
  const members: JsonObject = { ...rest, ...throttleMembers(throttling) };
  if (readonly !== undefined) members.readonly = readonly;
  return pairsOf('-drive', { ...members, ...membersOf(properties, 'drive.properties') });
}

const throttleNames: ReadonlyMap<string, string> = new Map([
  ['', 'total'],
  ['rd', 'read'],
  ['wr', 'write'],
]);

/** "bps-rd-max" is throttling.bps-read-max for -fsdev. */
function throttleKey(key: string): string {
  const [, what = '', kind = '', max = ''] = /^(bps|iops)-?(rd|wr)?(-max)?$/.exec(key) ?? [];
  return what === '' ? `throttling.${key}` : `throttling.${what}-${throttleNames.get(kind)}${max}`;
}

function fsdevWords(fsdev: MachineFsdev): readonly string[] {
  const { driver, writeout, throttling = {}, fmode, dmode, 'security-model': model, ...rest } = fsdev;
  const members: JsonObject = { ...rest };
  if (model !== undefined) members.security_model = model;
  if (writeout === true) members.writeout = 'immediate';
  if (fmode !== undefined) members.fmode = `0${fmode.toString(8)}`;
  if (dmode !== undefined) members.dmode = `0${dmode.toString(8)}`;
  for (const [key, value] of Object.entries(throttling)) members[throttleKey(key)] = value;
  return pairsOf('-fsdev', members, driver);
}

const fixedDisk = fixed(
  'IDE disks cannot be changed while the machine exists; disks on other buses can be added',
  'blockdev-add',
  'device_add',
);

const placeOptions = places.map((place) =>
  option({
    name: place.name,
    toWords: (source: MachineDriveSource, creation) => placeWords(place, source, creation),
    change:
      place.name === 'fda' || place.name === 'fdb' || place.name === 'cdrom'
        ? mediumChange(place.name)
        : fixedDisk,
  }),
);

export const driveOptions: readonly MachineOption[] = [
  ...placeOptions,
  option({
    name: 'drive',
    toWords: each(driveWords),
    change: driveChange,
  }),
  option({
    name: 'snapshot',
    toWords: flag('-snapshot'),
    change: fixed('it says how images are opened', 'blockdev-snapshot-sync'),
  }),
  option({
    name: 'fsdev',
    toWords: each(fsdevWords),
    change: fixed('QEMU has no command that makes them'),
  }),
];
