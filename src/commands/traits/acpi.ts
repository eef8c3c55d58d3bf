// ACPI, as the guest uses it: QEMU's commands of qapi/acpi.json.

import { type QemuCommand, qemuCommand } from './qemu-command.ts';

export const acpiCommands: readonly QemuCommand[] = [
  qemuCommand('query-acpi-ospm-status', { role: 'observe', answer: 'shared' }),
];
