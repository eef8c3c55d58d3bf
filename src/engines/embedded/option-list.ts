// The options of `machine-set` that the engine has, and what becomes of each when it changes: the one list from which
// options.ts answers and plan.ts checks.

import type { MachineOptionName } from '../../schema/index.ts';

/**
 * When a change takes effect: `medium`: at once, in the drive; `own`: at once, since only qmpd makes use of it;
 * `hardware`: at the next reset, which makes the machine anew; `machine`: with another machine.
 */
export type OptionEffect = 'medium' | 'own' | 'hardware' | 'machine';

const effects: Readonly<Partial<Record<MachineOptionName, OptionEffect>>> = {
  engine: 'machine',
  name: 'own',
  uuid: 'own',
  memory: 'hardware',
  firmware: 'hardware',
  'vga-firmware': 'hardware',
  kernel: 'hardware',
  initrd: 'hardware',
  append: 'hardware',
  boot: 'hardware',
  rtc: 'hardware',
  serial: 'hardware',
  nic: 'hardware',
  fda: 'medium',
  fdb: 'medium',
  cdrom: 'medium',
  hda: 'hardware',
  hdb: 'hardware',
  // The server starts it.
  autostart: 'machine',
};

/** Undefined for an option that the engine does not have. */
export function effectOf(option: string): OptionEffect | undefined {
  return Object.hasOwn(effects, option) ? effects[option as MachineOptionName] : undefined;
}

/** Those that a machine can be made with. */
export const madeOptions: readonly string[] = Object.keys(effects);
