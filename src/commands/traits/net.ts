// Network: QEMU's commands of qapi/net.json.

import { type QemuCommand, qemuCommand } from './qemu-command.ts';

export const netCommands: readonly QemuCommand[] = [
  qemuCommand('query-rx-filter', { role: 'observe', answer: 'shared' }),
  qemuCommand('set_link', { role: 'operate' }),
];
