// Devices: QEMU's commands of qapi/qdev.json.

import { type QemuCommand, qemuCommand } from './qemu-command.ts';

export const qdevCommands: readonly QemuCommand[] = [
  qemuCommand('device-list-properties', {
    role: 'observe',
    answer: 'once',
    probe: 'always',
    fatalTypes: 'of-devices',
  }),
  qemuCommand('device-sync-config', { role: 'configure' }),
];
