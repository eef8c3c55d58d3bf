// A file of `-readconfig` as the options that it stands for (QEMU: util/qemu-config.c): groups in brackets, perhaps with
// an id, and lines of key = "value".

import { QmpError } from '../../qmp/error.ts';

export interface CommandLineOption {
  /** With one dash. */
  readonly name: string;
  /** Empty for an option that stands alone. */
  readonly text: string;
}

/** Where the option is not called as the group is. */
const optionOfGroup: Readonly<Record<string, string>> = {
  memory: '-m',
  'smp-opts': '-smp',
  'boot-opts': '-boot',
  acpi: '-acpitable',
};

/** Throws a QmpError with the line that cannot be understood. `known`: names of options with one dash. */
export function optionsOfFile(text: string, known: ReadonlySet<string>): CommandLineOption[] {
  const options: { name: string; parts: string[] }[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*(#.*)?$/.test(line)) continue;
    const group = /^\s*\[\s*([\w-]+)(?:\s+"([^"]*)")?\s*\]\s*$/.exec(line);
    const pair = /^\s*([\w.-]+)\s*=\s*"([^"]*)"\s*$/.exec(line);
    const current = options.at(-1);
    if (group !== null) {
      const [, groupName = '', id] = group;
      const name = optionOfGroup[groupName] ?? `-${groupName}`;
      if (!known.has(name))
        throw new QmpError(`line ${index + 1}: there is no group with name '${groupName}'`);
      options.push({ name, parts: id === undefined ? [] : [`id=${id}`] });
    } else if (pair !== null && current !== undefined) {
      const [, key = '', value = ''] = pair;
      current.parts.push(`${key}=${value.replaceAll(',', ',,')}`);
    } else {
      throw new QmpError(`line ${index + 1}: expected [GROUP] or KEY = "VALUE"`);
    }
  }
  return options.map(({ name, parts }) => ({ name, text: parts.join(',') }));
}
