// Firmware, kernel, what firmware tells the guest, and the order of booting (QEMU: -bios, -pflash, -kernel, -initrd,
// -append, -dtb, -shim, -boot, -option-rom, -acpitable, -smbios, -fw_cfg, -prom-env).

import type { JsonObject } from '../../../json/value.ts';
import { QmpError } from '../../../qmp/error.ts';
import type {
  MachineAcpiTable,
  MachineBoot,
  MachineDriveSource,
  MachineFwCfg,
  MachineOptionRom,
  MachineSmbiosTable,
} from '../../../schema/index.ts';
import { bootChange, bootLettersOf } from './changes/boot.ts';
import { type Creation, fixed, type MachineOption, option, type ToWords } from './option.ts';
import { each, membersOf, pairsOf, pairTexts, text } from './words.ts';

function bootWords({ order, once, 'floppy-check': floppyCheck, ...rest }: MachineBoot): readonly string[] {
  const letters: JsonObject = {};
  if (order !== undefined) letters.order = bootLettersOf(order);
  if (once !== undefined) letters.once = bootLettersOf(once);
  return [...pairsOf('-boot', { ...letters, ...rest }), ...(floppyCheck === false ? ['-no-fd-bootchk'] : [])];
}

/** The graphics cards whose firmware can be another file. */
const cardsByVga: ReadonlyMap<string, string> = new Map([
  ['std', 'VGA'],
  ['cirrus', 'cirrus-vga'],
  ['vmware', 'vmware-svga'],
  ['qxl', 'qxl-vga'],
  ['virtio', 'virtio-vga'],
]);

const vgaFirmwareWords: ToWords<string> = (file, { options: { vga } }) => {
  const driver = cardsByVga.get(vga ?? 'std');
  if (driver === undefined)
    throw new QmpError(`Option 'vga-firmware': graphics card '${vga}' has no firmware`);
  // QEMU takes a global for a sign that the card is added by hand, so it has to be asked for.
  const card = vga === undefined ? ['-vga', 'std'] : [];
  return [...card, ...pairsOf('-global', { driver, property: 'romfile', value: file })];
};

function pflashWords(source: MachineDriveSource, index: number): readonly string[] {
  if (source === null) throw new QmpError("Option 'pflash': a flash memory cannot be empty");
  if (typeof source === 'string') return pairsOf('-machine', { [`pflash${index}`]: source });
  const { file, format = 'raw', 'read-only': readonly } = source;
  return pairsOf('-drive', {
    if: 'pflash',
    index,
    file,
    format,
    ...(readonly === undefined ? {} : { readonly }),
  });
}

function optionRomWords({ file, bootindex }: MachineOptionRom): readonly string[] {
  return pairsOf('-option-rom', { romfile: file, ...(bootindex === undefined ? {} : { bootindex }) });
}

/** Files are joined by colons, with no way to write one. */
function acpiTableWords({ file, data, ...header }: MachineAcpiTable): readonly string[] {
  const colon = [...(file ?? []), ...(data ?? [])].find((path) => path.includes(':'));
  if (colon !== undefined)
    throw new QmpError(`Option 'acpitable': QEMU cannot take a colon, as in '${colon}'`);
  const fields: JsonObject = {};
  for (const [key, value] of Object.entries(header)) fields[key.replaceAll('-', '_')] = value;
  if (file !== undefined) fields.file = file.join(':');
  if (data !== undefined) fields.data = data.join(':');
  return pairsOf('-acpitable', fields);
}

/** A list gives a field several times. */
function smbiosWords({ type, fields, file }: MachineSmbiosTable): readonly string[] {
  const parts = pairTexts({ file, type });
  for (const [key, value] of Object.entries(membersOf(fields, 'smbios.fields'))) {
    const values = Array.isArray(value) ? value : [value];
    parts.push(...values.flatMap((single) => pairTexts({ [key]: single })));
  }
  return ['-smbios', parts.join(',')];
}

function fwCfgWords({ name, file, string, 'gen-id': genId }: MachineFwCfg): readonly string[] {
  return ['-fw_cfg', pairTexts({ name, file, string, gen_id: genId }).join(',')];
}

const loaded = fixed('it is loaded when the machine is created');
const table = fixed('the guest reads it from tables that are made when the machine is created');

export const bootOptions: readonly MachineOption[] = [
  option({ name: 'firmware', toWords: text('-bios'), change: loaded }),
  option({ name: 'vga-firmware', toWords: vgaFirmwareWords, change: loaded }),
  option({
    name: 'pflash',
    toWords: (sources: readonly MachineDriveSource[]) => sources.flatMap(pflashWords),
    change: fixed('flash memory is a part of the board, and nothing can take it out'),
  }),
  option({ name: 'kernel', toWords: text('-kernel'), change: loaded }),
  option({ name: 'initrd', toWords: text('-initrd'), change: loaded }),
  option({ name: 'append', toWords: text('-append'), change: loaded }),
  option({ name: 'dtb', toWords: text('-dtb'), change: loaded }),
  option({ name: 'shim', toWords: shimWords, change: loaded }),
  option({ name: 'boot', toWords: bootWords, change: bootChange }),
  option({ name: 'option-rom', toWords: each(optionRomWords), change: loaded }),
  option({ name: 'acpitable', toWords: each(acpiTableWords), change: table }),
  option({ name: 'smbios', toWords: each(smbiosWords), change: table }),
  option({ name: 'fw-cfg', toWords: each(fwCfgWords), change: table }),
  option({
    name: 'prom-env',
    toWords: each(({ name, value }: { name: string; value: string }) => ['-prom-env', `${name}=${value}`]),
    change: table,
  }),
];

function shimWords(file: string, { qemu }: Creation): readonly string[] {
  if (qemu.major < 10) throw new QmpError("Option 'shim' needs QEMU 10.0 or newer");
  return ['-shim', file];
}
