// All options of `machine-set`: the command line that a QEMU is started with for them, and how they change afterwards.

import type { JsonObject, JsonValue } from '../../../json/value.ts';
import type { MachineOptions } from '../../../schema/index.ts';
import { assert } from '../../../util/assert.ts';
import { bootOptions } from './boot.ts';
import { deviceOptions, identityOptions } from './devices.ts';
import { diagnosticOptions } from './diagnostics.ts';
import { displayOptions } from './display.ts';
import { driveOptions } from './drives.ts';
import { memoryOptions } from './memory.ts';
import {
  type Change,
  type ChangeOutcome,
  type Creation,
  type Execute,
  fixed,
  type MachineOption,
  option,
  type QemuRelease,
} from './option.ts';
import { processOptions } from './process.ts';
import { processorOptions } from './processor.ts';

export type { Change, ChangeOutcome, Execute, MachineOption, QemuRelease } from './option.ts';

const engineOption: MachineOption = option({
  name: 'engine',
  toWords: () => [],
  change: fixed('another engine means another machine'),
});

/** One entry for each member of the schema's MachineOptions. */
export const optionTable: readonly MachineOption[] = [
  engineOption,
  ...processorOptions,
  ...memoryOptions,
  ...identityOptions,
  ...bootOptions,
  ...deviceOptions,
  ...driveOptions,
  ...displayOptions,
  ...diagnosticOptions,
  ...processOptions,
];

const optionsByName: ReadonlyMap<string, MachineOption> = new Map(
  optionTable.map((entry) => [entry.name, entry]),
);

/** The newest release whose command line is known. */
const newestQemu: QemuRelease = { major: 10, minor: 0 };

/**
 * The words by which a QEMU process gets the options of a machine, without the name of the program and without
 * anything that the engine needs for itself. Character devices, network backends and objects that they name must be
 * on the same command line; block nodes must exist by the end of QEMU's preconfig state. `options` have been checked
 * against the schema. Throws a QmpError for what QEMU cannot do.
 */
export function argvOf(options: JsonObject, qemu: QemuRelease = newestQemu): string[] {
  const creation = { options: options as MachineOptions, qemu };
  const words = optionTable.flatMap(({ name, toWords }) => {
    const value = options[name];
    return value === undefined ? [] : toWords(value, creation);
  });
  return [...bareWords(creation), ...words];
}

/**
 * A machine has what is declared and nothing else, and is on nobody's screen, unless its options say otherwise. Its VNC
 * server can be told an address later, where that costs no more than a thread and the guest does not see it.
 */
function bareWords({ options, qemu }: Creation): readonly string[] {
  const { defaults, 'user-config': userConfig, display, vnc } = options;
  const waits =
    qemu.preparesVnc === true && vnc === undefined && defaults !== true && !needsScreen(options, qemu);
  return [
    ...(userConfig === true ? [] : ['-no-user-config']),
    ...(defaults === true ? quietPorts(options, qemu) : ['-nodefaults']),
    ...(display === undefined ? ['-display', 'none'] : []),
    ...(waits ? ['-vnc', 'none'] : []),
  ];
}

/**
 * QEMU's default ports are text consoles. Since 9 a VNC server shows the first console that there is when it starts,
 * and nothing else; in preconfig state that would be one of these and not the screen.
 */
function quietPorts({ vnc, serial, parallel }: MachineOptions, { major }: QemuRelease): readonly string[] {
  if (vnc === undefined || major < 9) return [];
  return [
    ...(serial === undefined ? ['-serial', 'null'] : []),
    ...(parallel === undefined ? ['-parallel', 'null'] : []),
  ];
}

/**
 * Whether something on the host shows the screen from the beginning. QEMU shows what is there when it opens its windows,
 * which in its preconfig state is nothing yet; only VNC servers before 9.0 notice what comes later.
 */
export function needsScreen(options: MachineOptions, { major }: QemuRelease): boolean {
  const { display, spice, vnc } = options;
  const window = display !== undefined && display.type !== 'none';
  return window || spice !== undefined || (vnc !== undefined && major >= 9);
}

/** What would become of a change of a machine that runs in QEMU. */
export async function planChange(
  name: string,
  change: Change<JsonValue>,
  ask: Execute,
): Promise<ChangeOutcome> {
  const { change: possible } = entryOf(name);
  if ('plan' in possible) return await possible.plan(change, ask);
  return { result: possible.kind, reason: possible.reason };
}

/** Carries out a change whose plan is `applied` or `needs-reset`; rejects with a QmpError when QEMU refuses it. */
export async function applyChange(name: string, change: Change<JsonValue>, execute: Execute): Promise<void> {
  const { change: possible } = entryOf(name);
  assert('apply' in possible, 'the change has been planned');
  await possible.apply(change, execute);
}

function entryOf(name: string): MachineOption {
  const entry = optionsByName.get(name);
  assert(entry !== undefined, `the table has option ${name}`);
  return entry;
}
