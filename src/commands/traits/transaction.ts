// Several changes of block nodes at once: QEMU's commands of qapi/transaction.json.

import { type QemuCommand, qemuCommand } from './qemu-command.ts';

export const transactionCommands: readonly QemuCommand[] = [
  qemuCommand('transaction', { role: 'admin', slow: true, guards: ['bitmap-in-transaction'] }),
];
