// Ports for character devices (QEMU: -serial).

import type { JsonValue } from '../../json/value.ts';
import { bothEngines, fixed, type MachineOption, type ToWords } from './option.ts';
import { listOf, stringOf } from './words.ts';

/** The chardev has to be there already, on the same command line. An empty list means that there are no ports. */
function portWords(option: string): ToWords {
  const word = (port: JsonValue): string => (port === null ? 'none' : `chardev:${stringOf(port)}`);
  return (value) => {
    const ports = listOf(value);
    return ports.length === 0 ? [option, 'none'] : ports.flatMap((port) => [option, word(port)]);
  };
}

export const portOptions: readonly MachineOption[] = [
  {
    name: 'serial',
    engines: bothEngines,
    toWords: portWords('-serial'),
    change: fixed(
      'a port keeps its character device; what that is connected to can change',
      'chardev-change',
      'device_add',
    ),
  },
];
