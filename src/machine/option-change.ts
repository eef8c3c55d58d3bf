// How each option of `machine-set` can change once the machine exists, for the embedded engine, whose hardware is
// fixed at creation but for removable media. What QEMU can do is in src/machine/option-table.

import type { DriveOption } from './drives.ts';

export type OptionChange =
  | { readonly change: 'live'; readonly commands: readonly string[] }
  | {
      readonly change: 'needs-restart' | 'refused';
      readonly commands: readonly string[];
      readonly reason: string;
    };

const media: ReadonlySet<string> = new Set<DriveOption>(['fda', 'fdb', 'cdrom']);

/** Options of QEMU alone: an embedded machine would be the same with any value. */
const qemuOnly: ReadonlySet<string> = new Set(['machine', 'accel', 'cpu', 'smp']);

export function embeddedOptionChange(option: string): OptionChange {
  if (media.has(option)) return { change: 'live', commands: ['blockdev-change-medium', 'eject'] };
  if (qemuOnly.has(option)) {
    return { change: 'refused', commands: [], reason: `the embedded engine has no option '${option}'` };
  }
  const reason = 'the embedded engine fixes it when the machine is created';
  return { change: 'needs-restart', commands: [], reason };
}
