// The order of booting of a machine that exists: PCs keep it in their CMOS memory, which the firmware reads again at
// the next reset (QEMU: hw/i386/pc.c pc_boot_set). Menus and pictures are told to the firmware once.

import type { BootDevice, MachineBoot } from '../../../../schema/index.ts';
import type { Change, ChangeOutcome, PossibleChange } from '../option.ts';
import { sameValue } from './same-value.ts';

/** The letters by which PCs' boot devices go. */
const bootLetters: Readonly<Record<BootDevice, string>> = {
  floppy: 'a',
  disk: 'c',
  cdrom: 'd',
  network: 'n',
};

export function bootLettersOf(devices: readonly BootDevice[]): string {
  return devices.map((device) => bootLetters[device]).join('');
}

function plan({ from = {}, to }: Change<MachineBoot>): ChangeOutcome {
  const { order: fromOrder, ...before } = from;
  const { order, ...after } = to ?? {};
  if (order === undefined || order.length === 0 || !sameValue(before, after)) {
    return {
      result: 'needs-restart',
      reason: 'the firmware is told all but the order when the machine is created',
    };
  }
  return { result: 'needs-reset', reason: 'the firmware reads the order when it starts' };
}

export const bootChange: PossibleChange<MachineBoot> = {
  kind: 'needs-reset',
  commands: ['human-monitor-command', 'qom-set'],
  reason: 'the order changes with the next reset; the firmware is told the rest when the machine is created',
  plan,
  apply: async ({ to }, execute) => {
    await execute('human-monitor-command', { 'command-line': `boot_set ${bootLettersOf(to?.order ?? [])}` });
  },
};
