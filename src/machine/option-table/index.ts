// All options of `machine-set`, and the command line that a QEMU is started with for them.

import type { JsonObject } from '../../json/value.ts';
import { bootOptions } from './boot.ts';
import { clockOptions } from './clock.ts';
import { driveOptions } from './drives.ts';
import { identityOptions } from './identity.ts';
import { memoryOptions } from './memory.ts';
import { networkOptions } from './network.ts';
import { bothEngines, fixed, type MachineOption, type QemuRelease } from './option.ts';
import { portOptions } from './ports.ts';
import { processorOptions } from './processor.ts';

const engineOption: MachineOption = {
  name: 'engine',
  engines: bothEngines,
  toWords: () => [],
  change: fixed('another engine means another machine'),
};

/** One entry an option, in the order of the schema's MachineOptionName. */
export const optionTable: readonly MachineOption[] = [
  engineOption,
  ...processorOptions,
  ...memoryOptions,
  ...identityOptions,
  ...bootOptions,
  ...clockOptions,
  ...portOptions,
  ...driveOptions,
  ...networkOptions,
];

/** The newest release whose command line is known. */
const newestQemu: QemuRelease = { major: 10, minor: 0 };

/**
 * The words by which a QEMU process gets the options of a machine, without the name of the program and without
 * anything that the engine needs for itself. Character devices, network backends and objects that they name must come
 * before them on the command line or, for block nodes, exist by the end of QEMU's preconfig state. Throws a QmpError
 * for what QEMU cannot do.
 */
export function argvOf(options: JsonObject, qemu: QemuRelease = newestQemu): string[] {
  return optionTable.flatMap(({ name, toWords }) => {
    const value = options[name];
    return value === undefined ? [] : toWords(value, { options, qemu });
  });
}
