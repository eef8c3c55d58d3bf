// How the machine ends, and what it waits for, while it exists (QEMU: set-action, migrate-incoming).

import type { MachineAction } from '../../../../schema/index.ts';
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
  plan: ({ from, to }) =>
    from === 'defer' && to !== undefined && to !== 'defer'
      ? { result: 'applied' }
      : {
          result: 'needs-restart',
          reason: "only a machine that was created with 'defer' can be told where to wait",
        },
  apply: async ({ to }, execute) => {
    await execute('migrate-incoming', { uri: to ?? 'defer' });
  },
};
