// Hardware errors for the guest's ACPI tables: QEMU's commands of qapi/acpi-hest.json.

import { type QemuCommand, qemuCommand } from './qemu-command.ts';

export const acpiHestCommands: readonly QemuCommand[] = [
  qemuCommand('inject-ghes-v2-error', { role: 'configure' }),
];
