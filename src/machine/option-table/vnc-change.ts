// Where the VNC server of a machine that exists listens (QEMU: ui/vnc.c, display-update).

import type { MachineVnc } from '../../schema/index.ts';
import type { Change, ChangeOutcome, PossibleChange } from './option.ts';
import { sameValue } from './same-value.ts';

function plan({ from, to }: Change<MachineVnc>): ChangeOutcome {
  const { addr: _before, ...before } = from ?? {};
  const { addr, ...after } = to ?? {};
  if (from === undefined) {
    return {
      result: 'needs-restart',
      reason: 'QEMU makes its VNC server when it starts; with no address it waits',
    };
  }
  if (addr === undefined || !sameValue(before, after)) {
    return { result: 'needs-restart', reason: 'only the address changes while the machine exists' };
  }
  return { result: 'applied' };
}

export const vncChange: PossibleChange<MachineVnc> = {
  kind: 'live',
  commands: ['display-update', 'set_password', 'expire_password', 'change-vnc-password', 'add_client'],
  reason: 'only the address of a server that is there changes; passwords have commands of their own',
  plan,
  apply: async ({ to }, execute) => {
    const addresses = to?.addr === undefined ? [] : [to.addr];
    await execute('display-update', { type: 'vnc', addresses });
  },
};
