// More memory for a machine that exists: memory devices are plugged into the slots that were left for them (QEMU:
// pc-dimm). A guest has to be asked to give memory back, and may refuse.

import type { JsonInteger } from '../../../../json/value.ts';
import type { MachineMemory } from '../../../../schema/index.ts';
import type { Change, ChangeOutcome, Execute, PossibleChange } from '../option.ts';
import { sameValue } from './same-value.ts';

/** QEMU wants memory devices to begin and end at large pages. */
const alignmentBytes = 2_097_152n;

function plan({ from, to }: Change<MachineMemory>): ChangeOutcome {
  const { size: before, ...room } = from ?? {};
  const { size: after, ...wantedRoom } = to ?? {};
  if (before === undefined || after === undefined || !sameValue(room, wantedRoom)) {
    return { result: 'needs-restart', reason: 'slots and limits are fixed when the machine is created' };
  }
  const growth = grown(before, after);
  if (growth < 0n) {
    return { result: 'needs-restart', reason: 'a guest need not give memory back; balloon can ask it to' };
  }
  if (growth > 0n && !hasRoom(room, after)) {
    return {
      result: 'needs-restart',
      reason: "memory can only be added where 'slots' and 'max-size' left room",
    };
  }
  if (growth % alignmentBytes !== 0n) {
    return { result: 'refused', reason: 'memory is added in multiples of 2 MiB' };
  }
  return { result: 'applied' };
}

function grown(before: JsonInteger, after: JsonInteger): bigint {
  return BigInt(after) - BigInt(before);
}

function hasRoom({ slots = 0, 'max-size': max = 0 }: MachineMemory, after: JsonInteger): boolean {
  return BigInt(slots) > 0n && BigInt(after) <= BigInt(max);
}

async function apply({ from, to }: Change<MachineMemory>, execute: Execute): Promise<void> {
  const after = to?.size ?? 0;
  const size = grown(from?.size ?? after, after);
  if (size === 0n) return;
  // Sizes only grow, so the size that is reached is a name that nothing else has.
  const memdev = `qmpd-memory-${after}`;
  await execute('object-add', { 'qom-type': 'memory-backend-ram', id: memdev, size });
  try {
    await execute('device_add', { driver: 'pc-dimm', id: `qmpd-dimm-${after}`, memdev });
  } catch (thrown) {
    await execute('object-del', { id: memdev });
    throw thrown;
  }
}

export const memoryChange: PossibleChange<MachineMemory> = {
  kind: 'live',
  commands: ['object-add', 'device_add', 'device_del', 'balloon'],
  reason:
    "memory can be added where 'slots' and 'max-size' left room; those are fixed when the machine is created",
  plan,
  apply,
};
