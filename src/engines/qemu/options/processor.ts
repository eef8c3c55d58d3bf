// The board, what carries out its instructions, its CPUs and its time (QEMU: -machine, -accel, -cpu, -smp, -numa,
// -icount, -rtc).

import type { JsonObject } from '../../../json/value.ts';
import { QmpError } from '../../../qmp/error.ts';
import type {
  MachineAccelerator,
  MachineCpu,
  MachineIcount,
  MachineTypeOptions,
  NumaOptions,
} from '../../../schema/index.ts';
import { accelChange } from './changes/accel.ts';
import { smpChange } from './changes/smp.ts';
import { type Creation, fixed, type MachineOption, option } from './option.ts';
import { each, membersOf, pairs, pairsOf, pairTexts, scalar } from './words.ts';

function machineWords({ type, properties }: MachineTypeOptions): readonly string[] {
  const rest = membersOf(properties, 'machine.properties');
  return pairsOf('-machine', { ...(type === undefined ? {} : { type }), ...rest });
}

/** -cpu has a syntax of its own, in which a comma cannot be written in any way. */
function cpuWords({ model, properties }: MachineCpu): readonly string[] {
  const parts = [model];
  for (const [key, value] of Object.entries(membersOf(properties, 'cpu.properties'))) {
    parts.push(`${key}=${scalar(value)}`);
  }
  const comma = parts.find((part) => part.includes(','));
  if (comma !== undefined) throw new QmpError(`Option 'cpu': QEMU cannot take a comma, as in '${comma}'`);
  return ['-cpu', parts.join(',')];
}

function accelWords({ type, properties }: MachineAccelerator, { qemu }: Creation): readonly string[] {
  const { ...rest } = membersOf(properties, 'accel.properties');
  // Up to 8.0 this was an option of its own.
  const single = type === 'tcg' && qemu.major < 8 && rest['one-insn-per-tb'] === true;
  if (single) delete rest['one-insn-per-tb'];
  return [...pairsOf('-accel', rest, type), ...(single ? ['-singlestep'] : [])];
}

/** QEMU takes a bare number as megabytes here, and lists as repeated keys. */
function numaWords({ type, ...members }: NumaOptions): readonly string[] {
  const parts: string[] = [type];
  for (const [key, value] of Object.entries(members as JsonObject)) {
    if (Array.isArray(value)) parts.push(...value.flatMap((element) => pairTexts({ [key]: element })));
    else parts.push(key === 'mem' ? `mem=${scalar(value)}B` : pairTexts({ [key]: value }).join());
  }
  return ['-numa', parts.join(',')];
}

function icountWords(value: MachineIcount): readonly string[] {
  const words = pairsOf('-icount', value as JsonObject);
  return words.length === 0 ? ['-icount', 'shift=auto'] : words;
}

export const processorOptions: readonly MachineOption[] = [
  option({
    name: 'machine',
    toWords: machineWords,
    change: fixed('the board is built when the machine is created'),
  }),
  option({
    name: 'accel',
    toWords: each(accelWords),
    change: accelChange,
  }),
  option({
    name: 'cpu',
    toWords: cpuWords,
    change: fixed('a guest cannot bear that its CPUs change their model', 'device_add'),
  }),
  option({ name: 'smp', toWords: pairs('-smp'), change: smpChange }),
  option({
    name: 'numa',
    toWords: each(numaWords),
    change: fixed('the guest reads its NUMA nodes from tables that are made when the machine is created'),
  }),
  option({
    name: 'icount',
    toWords: icountWords,
    change: fixed('whether instructions are counted is compiled into all translated code'),
  }),
  option({
    name: 'rtc',
    toWords: pairs('-rtc'),
    change: fixed('the clock is set once, when the machine is created'),
  }),
];
