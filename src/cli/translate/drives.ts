// Drives and directories: -drive and its short forms as option `drive`, -blockdev as blockdev-add.

import { objectIn, pairsIn, recordOf, take, truth } from '../../engines/qemu/options/key-values.ts';
import { type JsonObject, jsonObject } from '../../json/value.ts';
import type { Draft, Translator, TranslatorEntry } from './draft.ts';

/** By the names of -drive; what is not here goes into `properties`. */
const known: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      'id',
      'if',
      'bus',
      'unit',
      'index',
      'media',
      'file',
      'format',
      'snapshot',
      'cache',
      'aio',
      'discard',
    ].map((name) => [name, name]),
  ),
  'detect-zeroes': 'detect-zeroes',
  'copy-on-read': 'copy-on-read',
  readonly: 'read-only',
  'read-only': 'read-only',
  werror: 'werror',
  rerror: 'rerror',
};

const discards: Readonly<Record<string, string>> = { on: 'unmap', off: 'ignore' };

function drive(draft: Draft, words: JsonObject): void {
  const [members, others] = take(words, known);
  const [limits, properties] = split(others);
  if (members.discard !== undefined) {
    members.discard = discards[String(members.discard)] ?? members.discard;
  }
  // "read-only=auto" of newer versions means what is so without the word.
  if (members['read-only'] === 'auto') delete members['read-only'];
  if (Object.keys(limits).length > 0) members.throttling = limits;
  if (Object.keys(properties).length > 0) members.properties = properties;
  draft.push('drive', members);
}

/** Limits have two names each: "bps_rd" and "throttling.bps-read". */
function split(words: JsonObject): [limits: JsonObject, rest: JsonObject] {
  const limits = jsonObject();
  const rest = jsonObject();
  for (const [key, value] of Object.entries(words)) {
    const limit = limitName(key);
    if (limit === undefined) rest[key] = value;
    else limits[limit] = value;
  }
  return [limits, rest];
}

const directions: Readonly<Record<string, string>> = {
  read: '-rd',
  write: '-wr',
  rd: '-rd',
  wr: '-wr',
  total: '',
};

function limitName(key: string): string | undefined {
  if (key === 'group' || key === 'throttling.group') return 'group';
  if (/^(throttling\.)?iops[-_]size$/.test(key)) return 'iops-size';
  const match = /^(?:throttling\.)?(bps|iops)(?:[-_](read|write|total|rd|wr))?([-_]max)?$/.exec(key);
  if (match === null) return undefined;
  const [, what = '', direction = 'total', max] = match;
  return `${what}${directions[direction] ?? ''}${max === undefined ? '' : '-max'}`;
}

function at(place: Record<string, string>): Translator {
  return (draft, file) => drive(draft, jsonObject({ ...place, file }));
}

const securityModels: Readonly<Record<string, string>> = { mapped: 'mapped-xattr' };

function fsdevOf(words: JsonObject): JsonObject {
  const { driver, fsdriver, security_model: model, writeout, fmode, dmode, ...others } = words;
  const [limits, rest] = split(others);
  const members = jsonObject({ ...rest, driver: driver ?? fsdriver ?? '' });
  if (model !== undefined) members['security-model'] = securityModels[String(model)] ?? model;
  if (writeout === 'immediate') members.writeout = true;
  for (const [key, mode] of Object.entries({ fmode, dmode })) {
    if (typeof mode === 'string') members[key] = Number.parseInt(mode, 8);
  }
  if (Object.keys(limits).length > 0) members.throttling = limits;
  return members;
}

/** A directory and the device that shows it, in one. */
function virtfs(draft: Draft, text: string): void {
  const { mount_tag: tag = '', id, ...words } = recordOf(pairsIn(text, 'fsdriver'));
  const name = String(id ?? tag);
  draft.push('fsdev', fsdevOf(jsonObject({ ...words, id: name })));
  draft.declare('device_add', jsonObject({ driver: 'virtio-9p-pci', fsdev: name, mount_tag: tag }));
}

export const driveTranslators: readonly TranslatorEntry[] = [
  ['-fda', at({ if: 'floppy', index: '0' })],
  ['-fdb', at({ if: 'floppy', index: '1' })],
  ['-hda', at({ media: 'disk', index: '0' })],
  ['-hdb', at({ media: 'disk', index: '1' })],
  ['-hdc', at({ media: 'disk', index: '2' })],
  ['-hdd', at({ media: 'disk', index: '3' })],
  ['-cdrom', at({ media: 'cdrom', index: '2' })],
  ['-mtdblock', at({ if: 'mtd' })],
  ['-sd', at({ if: 'sd' })],
  ['-pflash', at({ if: 'pflash' })],
  ['-drive', (draft, text) => drive(draft, recordOf(pairsIn(text, 'file')))],
  ['-snapshot', (draft) => draft.set('snapshot', true)],
  ['-blockdev', (draft, text) => draft.declare('blockdev-add', objectIn(text, 'driver'))],
  [
    '-fsdev',
    (draft, text) => {
      const words = recordOf(pairsIn(text, 'fsdriver'));
      const readonly = truth(words.readonly);
      draft.push('fsdev', fsdevOf(jsonObject({ ...words, ...(readonly === undefined ? {} : { readonly }) })));
    },
  ],
  ['-virtfs', virtfs],
  [
    '-iscsi',
    (draft) =>
      draft.lost("each block node of driver iscsi has its own: give them with the node's blockdev-add"),
  ],
];
