// Crypto devices: QEMU's commands of qapi/cryptodev.json.

import { type QemuCommand, qemuCommand } from './qemu-command.ts';

export const cryptodevCommands: readonly QemuCommand[] = [
  qemuCommand('query-cryptodev', { role: 'observe', answer: 'shared' }),
];
