// The machine's memory (QEMU: -m).

import { isJsonObject, type JsonValue } from '../../json/value.ts';
import { bothEngines, fixed, type MachineOption } from './option.ts';
import { scalar } from './words.ts';

/** QEMU takes a bare number for megabytes, so sizes carry their unit. */
function memoryWords(value: JsonValue): readonly string[] {
  const { size, slots, 'max-size': max } = isJsonObject(value) ? value : {};
  const parts: string[] = [];
  if (size !== undefined) parts.push(`size=${scalar(size)}B`);
  if (slots !== undefined) parts.push(`slots=${scalar(slots)}`);
  if (max !== undefined) parts.push(`maxmem=${scalar(max)}B`);
  return parts.length === 0 ? [] : ['-m', parts.join(',')];
}

export const memoryOptions: readonly MachineOption[] = [
  {
    name: 'memory',
    engines: bothEngines,
    toWords: memoryWords,
    change: fixed('the guest learns of its memory when it boots', 'object-add', 'device_add', 'balloon'),
  },
];
