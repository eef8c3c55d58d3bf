// Processors of s390x: QEMU's commands of qapi/machine-s390x.json.

import { type QemuCommand, qemuCommand } from './qemu-command.ts';

export const machineS390xCommands: readonly QemuCommand[] = [
  qemuCommand('query-s390x-cpu-polarization', { role: 'observe', answer: 'shared' }),
  qemuCommand('set-cpu-topology', { role: 'configure' }),
];
