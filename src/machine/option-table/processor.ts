// The machine type, what carries out its instructions, and its CPUs (QEMU: -machine, -accel, -cpu, -smp).

import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { QmpError } from '../../qmp/error.ts';
import { fixed, type MachineOption, qemuOnly } from './option.ts';
import { doubleCommas, each, objectOf, pairs, pairsWord, scalar, stringOf } from './words.ts';

/** `properties` is open-ended; it goes behind the name: "q35,hpet=off". */
function withProperties(option: string, key: string, value: JsonValue): readonly string[] {
  const { [key]: name, properties, ...typed } = objectOf(value);
  const rest: JsonObject = Object.assign(
    Object.create(null),
    typed,
    isJsonObject(properties) ? properties : {},
  );
  const parts = [name === undefined ? '' : `${key}=${doubleCommas(stringOf(name))}`, pairsWord(rest)];
  const word = parts.filter((part) => part !== '').join(',');
  return word === '' ? [] : [option, word];
}

/** -cpu has a syntax of its own, in which a comma cannot be written in any way. */
function cpuWords(value: JsonValue): readonly string[] {
  const { model, properties } = objectOf(value);
  const parts = [stringOf(model)];
  for (const [key, property] of Object.entries(isJsonObject(properties) ? properties : {})) {
    parts.push(`${key}=${scalar(property)}`);
  }
  const comma = parts.find((part) => part.includes(','));
  if (comma !== undefined) throw new QmpError(`Option 'cpu': QEMU cannot take a comma, as in '${comma}'`);
  return ['-cpu', parts.join(',')];
}

function accelWords(value: JsonValue): readonly string[] {
  const { type, properties } = objectOf(value);
  const word = isJsonObject(properties) ? pairsWord(properties) : '';
  return ['-accel', word === '' ? stringOf(type) : `${stringOf(type)},${word}`];
}

export const processorOptions: readonly MachineOption[] = [
  {
    name: 'machine',
    engines: qemuOnly,
    toWords: (value) => withProperties('-machine', 'type', value),
    change: fixed('the board is built when the machine is created'),
  },
  {
    name: 'accel',
    engines: qemuOnly,
    toWords: each(accelWords),
    change: fixed('the CPUs are made for one accelerator when the machine is created'),
  },
  {
    name: 'cpu',
    engines: qemuOnly,
    toWords: cpuWords,
    change: fixed('a guest cannot bear its CPUs changing their model', 'device_add'),
  },
  {
    name: 'smp',
    engines: qemuOnly,
    toWords: pairs('-smp'),
    change: fixed(
      'the places for CPUs are fixed when the machine is created',
      'query-hotpluggable-cpus',
      'device_add',
    ),
  },
];
