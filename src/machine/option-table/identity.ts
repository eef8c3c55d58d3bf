// What the machine is called (QEMU: -name, -uuid).

import { bothEngines, fixed, type MachineOption } from './option.ts';
import { doubleCommas, stringOf, text } from './words.ts';

export const identityOptions: readonly MachineOption[] = [
  {
    name: 'name',
    engines: bothEngines,
    toWords: (value) => ['-name', `guest=${doubleCommas(stringOf(value))}`],
    change: fixed('QEMU takes its name when it starts'),
  },
  {
    name: 'uuid',
    engines: bothEngines,
    toWords: text('-uuid'),
    change: fixed('the guest finds it in tables that are made when the machine is created'),
  },
];
