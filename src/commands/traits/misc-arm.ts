// What only Arm has: QEMU's commands of qapi/misc-arm.json; in older QEMUs misc-target.json.

import { type QemuCommand, qemuCommand } from './qemu-command.ts';

export const miscArmCommands: readonly QemuCommand[] = [
  qemuCommand('query-gic-capabilities', { role: 'observe', answer: 'once', probe: 'blank' }),
];
