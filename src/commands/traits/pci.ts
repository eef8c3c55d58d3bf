// PCI: QEMU's commands of qapi/pci.json.

import { type QemuCommand, qemuCommand } from './qemu-command.ts';

export const pciCommands: readonly QemuCommand[] = [
  qemuCommand('query-pci', { role: 'observe', answer: 'shared' }),
];
