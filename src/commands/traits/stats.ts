// Statistics: QEMU's commands of qapi/stats.json.

import { type QemuCommand, qemuCommand } from './qemu-command.ts';

export const statsCommands: readonly QemuCommand[] = [
  qemuCommand('query-stats', { role: 'observe', answer: 'shared' }),
  qemuCommand('query-stats-schemas', { role: 'observe', answer: 'shared' }),
];
