// Firmware, kernel and the order of booting (QEMU: -bios, -kernel, -initrd, -append, -boot).

import { isJsonObject, type JsonValue } from '../../json/value.ts';
import { QmpError } from '../../qmp/error.ts';
import { bothEngines, fixed, type MachineOption, type ToWords } from './option.ts';
import { listOf, objectOf, pairsWord, stringOf, text } from './words.ts';

/** The letters by which PCs' boot devices go. */
const bootLetters: ReadonlyMap<string, string> = new Map([
  ['floppy', 'a'],
  ['disk', 'c'],
  ['cdrom', 'd'],
  ['network', 'n'],
]);

/** A list of BootDevice as QEMU's string of letters. */
export function bootLettersOf(value: JsonValue): string {
  return listOf(value)
    .map((device) => bootLetters.get(stringOf(device)) ?? '')
    .join('');
}

function bootWords(value: JsonValue): readonly string[] {
  const { order, once, ...rest } = objectOf(value);
  const words = Object.assign(
    Object.create(null),
    order === undefined ? {} : { order: bootLettersOf(order) },
  );
  if (once !== undefined) words.once = bootLettersOf(once);
  const word = pairsWord(Object.assign(words, rest));
  return word === '' ? [] : ['-boot', word];
}

/** The graphics cards whose firmware can be another file. */
const cardsByVga: ReadonlyMap<string, string> = new Map([
  ['std', 'VGA'],
  ['cirrus', 'cirrus-vga'],
  ['vmware', 'vmware-svga'],
  ['qxl', 'qxl-vga'],
  ['virtio', 'virtio-vga'],
]);

const vgaFirmwareWords: ToWords = (value, { options }) => {
  const { vga } = options;
  const kind = typeof vga === 'string' ? vga : 'std';
  const driver = cardsByVga.get(kind);
  if (driver === undefined)
    throw new QmpError(`Option 'vga-firmware': graphics card '${kind}' has no firmware`);
  const global = { driver, property: 'romfile', value: stringOf(value) };
  return ['-global', pairsWord(Object.assign(Object.create(null), global))];
};

const loadedAtCreation = fixed('it is loaded when the machine is created');

export const bootOptions: readonly MachineOption[] = [
  { name: 'firmware', engines: bothEngines, toWords: text('-bios'), change: loadedAtCreation },
  { name: 'vga-firmware', engines: bothEngines, toWords: vgaFirmwareWords, change: loadedAtCreation },
  { name: 'kernel', engines: bothEngines, toWords: text('-kernel'), change: loadedAtCreation },
  { name: 'initrd', engines: bothEngines, toWords: text('-initrd'), change: loadedAtCreation },
  { name: 'append', engines: bothEngines, toWords: text('-append'), change: loadedAtCreation },
  {
    name: 'boot',
    engines: bothEngines,
    toWords: (value) => (isJsonObject(value) ? bootWords(value) : []),
    change: fixed('the firmware reads it when it starts', 'qom-set'),
  },
];
