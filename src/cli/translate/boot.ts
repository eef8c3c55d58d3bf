// Firmware, kernels, boot order and tables, as options of machine-set.

import { pairsIn, recordOf, take } from '../../engines/qemu/options/key-values.ts';
import { type JsonObject, jsonObject } from '../../json/value.ts';
import { QmpError } from '../../qmp/error.ts';
import type { MachineOptionName } from '../../schema/index.ts';
import type { Draft, Translator, TranslatorEntry } from './draft.ts';

/** The option that takes the word as it is. */
export function word(name: MachineOptionName): Translator {
  return (draft, text) => draft.set(name, text);
}

const bootDevices: Readonly<Record<string, string>> = { a: 'floppy', c: 'disk', d: 'cdrom', n: 'network' };

function boot(draft: Draft, text: string): void {
  const { order, once, ...rest } = recordOf(pairsIn(text, 'order'));
  const members: JsonObject = jsonObject({ ...rest });
  for (const [key, letters] of Object.entries({ order, once })) {
    if (typeof letters === 'string') members[key] = devicesOf(draft, letters);
  }
  draft.merge('boot', members);
}

function devicesOf(draft: Draft, letters: string): string[] {
  return [...letters].flatMap((letter) => {
    const device = bootDevices[letter];
    if (device === undefined) draft.lost(`boot device '${letter}' is none of a PC's that qmpd can name`);
    return device ?? [];
  });
}

function optionRom(draft: Draft, text: string): void {
  const { romfile = '', ...rest } = recordOf(pairsIn(text, 'romfile'));
  draft.push('option-rom', jsonObject({ file: romfile, ...rest }));
}

function acpiTable(draft: Draft, text: string): void {
  const members: JsonObject = jsonObject();
  for (const [key, value] of pairsIn(text)) {
    members[key.replaceAll('_', '-')] = key === 'file' || key === 'data' ? value.split(':') : value;
  }
  draft.push('acpitable', members);
}

/** A field that is given several times is a list. */
function smbios(draft: Draft, text: string): void {
  const fields: JsonObject = jsonObject();
  const [known, rest] = [jsonObject(), pairsIn(text)];
  for (const [key, value] of rest) {
    if (key === 'type' || key === 'file') known[key] = value;
    else if (fields[key] === undefined) fields[key] = value;
    else fields[key] = [fields[key], value].flat();
  }
  if (Object.keys(fields).length > 0) known.fields = fields;
  draft.push('smbios', known);
}

function fwCfg(draft: Draft, text: string): void {
  const [members, rest] = take(recordOf(pairsIn(text, 'name')), {
    name: 'name',
    file: 'file',
    string: 'string',
    gen_id: 'gen-id',
  });
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new QmpError(`-fw_cfg: '${unknown}' is not known`);
  draft.push('fw-cfg', members);
}

function promEnv(draft: Draft, text: string): void {
  const equals = text.indexOf('=');
  if (equals < 0) throw new QmpError(`-prom-env ${text}: expected NAME=VALUE`);
  draft.push('prom-env', jsonObject({ name: text.slice(0, equals), value: text.slice(equals + 1) }));
}

export const bootTranslators: readonly TranslatorEntry[] = [
  ['-boot', boot],
  ['-no-fd-bootchk', (draft) => draft.merge('boot', jsonObject({ 'floppy-check': false }))],
  ['-bios', word('firmware')],
  ['-kernel', word('kernel')],
  ['-initrd', word('initrd')],
  ['-append', word('append')],
  ['-dtb', word('dtb')],
  ['-shim', word('shim')],
  ['-option-rom', optionRom],
  ['-acpitable', acpiTable],
  ['-smbios', smbios],
  ['-fw_cfg', fwCfg],
  ['-prom-env', promEnv],
];
