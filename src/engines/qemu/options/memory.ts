// The machine's memory (QEMU: -m, -mem-path, -mem-prealloc).

import type { MachineMemory } from '../../../schema/index.ts';
import { memoryChange } from './changes/memory.ts';
import { type MachineOption, option } from './option.ts';
import { pairsOf } from './words.ts';

/** QEMU takes a bare number for megabytes, so sizes carry their unit. */
function memoryWords(memory: MachineMemory): readonly string[] {
  const { size, slots, 'max-size': max, path, prealloc, backend } = memory;
  return [
    ...pairsOf('-m', {
      ...(size === undefined ? {} : { size: `${size}B` }),
      ...(slots === undefined ? {} : { slots }),
      ...(max === undefined ? {} : { maxmem: `${max}B` }),
    }),
    ...(path === undefined ? [] : ['-mem-path', path]),
    ...(prealloc === true ? ['-mem-prealloc'] : []),
    ...(backend === undefined ? [] : pairsOf('-machine', { 'memory-backend': backend })),
  ];
}

export const memoryOptions: readonly MachineOption[] = [
  option({ name: 'memory', toWords: memoryWords, change: memoryChange }),
];
