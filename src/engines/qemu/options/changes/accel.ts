// The accelerator of a machine that exists stays; TCG can be told to stop after each instruction (QEMU:
// accel/tcg/hmp.c, "one-insn-per-tb" since 8.1, "singlestep" before).

import type { JsonValue } from '../../../../json/value.ts';
import type { MachineAccelerator } from '../../../../schema/index.ts';
import type { Change, ChangeOutcome, Execute, PossibleChange } from '../option.ts';
import { membersOf } from '../words.ts';
import { hmp } from './hmp.ts';
import { sameValue } from './same-value.ts';

type Accelerators = readonly MachineAccelerator[];

const single = 'one-insn-per-tb';
const reason = 'the CPUs are made for one accelerator when the machine is created';

/** The list without what can change, and what can change. */
function split(accel: Accelerators = []): { fixed: JsonValue; singleStep: boolean } {
  const [first, ...others] = accel;
  if (first?.type !== 'tcg') return { fixed: [...accel], singleStep: false };
  const { [single]: singleStep, ...rest } = membersOf(first.properties, 'accel.properties');
  return { fixed: [rest, ...others], singleStep: singleStep === true };
}

function plan({ from, to }: Change<Accelerators>): ChangeOutcome {
  const usesTcg = from?.[0]?.type === 'tcg' && to?.[0]?.type === 'tcg';
  return usesTcg && sameValue(split(from).fixed, split(to).fixed)
    ? { result: 'applied' }
    : { result: 'needs-restart', reason };
}

async function apply({ to }: Change<Accelerators>, execute: Execute): Promise<void> {
  const state = split(to).singleStep ? 'on' : 'off';
  try {
    await hmp(execute, `${single} ${state}`);
  } catch {
    await hmp(execute, `singlestep ${state}`);
  }
}

export const accelChange: PossibleChange<Accelerators> = {
  kind: 'live',
  commands: ['human-monitor-command'],
  reason: `${reason}; only TCG's ${single} can change`,
  plan,
  apply,
};
