// Running and stopping: QEMU's commands of qapi/run-state.json.

import { type QemuCommand, qemuCommand } from './qemu-command.ts';

export const runStateCommands: readonly QemuCommand[] = [
  qemuCommand('system_wakeup', { role: 'operate' }),
  qemuCommand('watchdog-set-action', { role: 'configure' }),
];
