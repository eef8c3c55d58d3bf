// Where the VNC server of a machine that exists listens (QEMU: ui/vnc.c, display-update). A machine without a window has
// a server that waits, whether it was asked for or not (index.ts).

import type { MachineVnc } from '../../../../schema/index.ts';
import type { Change, ChangeOutcome, Execute, PossibleChange } from '../option.ts';
import { sameValue } from './same-value.ts';

async function plan({ from = {}, to = {} }: Change<MachineVnc>, ask: Execute): Promise<ChangeOutcome> {
  const servers = await ask('query-vnc-servers').catch(() => []);
  if (!Array.isArray(servers) || servers.length === 0) {
    return { result: 'needs-restart', reason: 'QEMU makes its VNC server when it starts, and made none' };
  }
  const { addr: _before, ...before } = from;
  const { addr: _after, ...after } = to;
  return sameValue(before, after)
    ? { result: 'applied' }
    : { result: 'needs-restart', reason: 'only the address changes while the machine exists' };
}

export const vncChange: PossibleChange<MachineVnc> = {
  kind: 'live',
  commands: ['display-update', 'set_password', 'expire_password', 'change-vnc-password', 'add_client'],
  reason:
    'only its address changes, and only of a machine without a window; passwords have commands of their own',
  plan,
  apply: async ({ to }, execute) => {
    const addresses = to?.addr === undefined ? [] : [to.addr];
    await execute('display-update', { type: 'vnc', addresses });
  },
};
