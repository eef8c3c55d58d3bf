// The limits of drives of a machine that exists (QEMU: block_set_io_throttle). What else `drive` says is fixed.

import type { JsonObject } from '../../../../json/value.ts';
import type { MachineDriveOptions, MachineDriveThrottle } from '../../../../schema/index.ts';
import type { Change, ChangeOutcome, Execute, PossibleChange } from '../option.ts';
import { sameValue } from './same-value.ts';

type Drives = readonly MachineDriveOptions[];

const reason = 'drives of the board are fixed; only the limits of those with an id can change';

/** QEMU wants all of these, 0 for no limit. */
const noLimits = { bps: 0, bps_rd: 0, bps_wr: 0, iops: 0, iops_rd: 0, iops_wr: 0 } as const;

/** The commands for limits have underscores in their names, as -drive has. */
export function throttleMembers(throttle: MachineDriveThrottle): JsonObject {
  return Object.fromEntries(
    Object.entries(throttle).map(([key, value]) => [key.replaceAll('-', '_'), value]),
  );
}

function withoutLimits(drives: Drives = []): MachineDriveOptions[] {
  return drives.map(({ throttling: _, ...rest }) => rest);
}

function changedDrives({ from = [], to = [] }: Change<Drives>): Drives {
  return to.filter(({ throttling }, index) => !sameValue(throttling, from[index]?.throttling));
}

function plan(change: Change<Drives>): ChangeOutcome {
  const onlyLimits = sameValue(withoutLimits(change.from), withoutLimits(change.to));
  return onlyLimits && changedDrives(change).every(({ id }) => id !== undefined)
    ? { result: 'applied' }
    : { result: 'needs-restart', reason };
}

async function apply(change: Change<Drives>, execute: Execute): Promise<void> {
  for (const { id, throttling = {} } of changedDrives(change)) {
    if (id === undefined) continue;
    await execute('block_set_io_throttle', { device: id, ...noLimits, ...throttleMembers(throttling) });
  }
}

export const driveChange: PossibleChange<Drives> = {
  kind: 'live',
  commands: ['block_set_io_throttle', 'blockdev-change-medium', 'device_add'],
  reason,
  plan,
  apply,
};
