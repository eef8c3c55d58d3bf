// How the machine ends, and what it waits for, while it exists (QEMU: set-action, migrate-incoming).

import type { MachineAction } from '../../../../schema/index.ts';
import { incomingArguments, incomingDescriptor } from '../incoming.ts';
import type { PossibleChange } from '../option.ts';

const actionDefaults: Required<MachineAction> = {
  reboot: 'reset',
  shutdown: 'poweroff',
  panic: 'shutdown',
  watchdog: 'reset',
};

export const actionChange: PossibleChange<MachineAction> = {
  kind: 'live',
  commands: ['set-action', 'watchdog-set-action'],
  plan: () => ({ result: 'applied' }),
  apply: async ({ to }, execute) => {
    await execute('set-action', { ...actionDefaults, ...to });
  },
};

export const incomingChange: PossibleChange<string> = {
  kind: 'live',
  commands: ['migrate-incoming'],
  reason: "only a machine that was created with 'defer' can be told where to wait",
  plan: ({ from, to }) => {
    if (from !== 'defer' || to === undefined || to === 'defer') {
      return {
        result: 'needs-restart',
        reason: "only a machine that was created with 'defer' can be told where to wait",
      };
    }
    if (incomingDescriptor(to) !== undefined) {
      return { result: 'refused', reason: 'a machine that exists takes a descriptor by migrate-incoming' };
    }
    return { result: 'applied' };
  },
  apply: async ({ to }, execute) => {
    await execute('migrate-incoming', incomingArguments(to ?? 'defer', undefined));
  },
};
