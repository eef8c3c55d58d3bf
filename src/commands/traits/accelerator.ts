// Accelerators: QEMU's commands of qapi/accelerator.json.

import { type QemuCommand, qemuCommand } from './qemu-command.ts';

export const acceleratorCommands: readonly QemuCommand[] = [
  qemuCommand('x-accel-stats', { role: 'observe' }),
];
