// The machine's clock (QEMU: -rtc).

import { bothEngines, fixed, type MachineOption } from './option.ts';
import { pairs } from './words.ts';

export const clockOptions: readonly MachineOption[] = [
  {
    name: 'rtc',
    engines: bothEngines,
    toWords: pairs('-rtc'),
    change: fixed('the clock is set once, when the machine is created'),
  },
];
