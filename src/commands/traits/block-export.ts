// Block nodes for others: QEMU's commands of qapi/block-export.json.

import { type QemuCommand, qemuCommand } from './qemu-command.ts';

export const blockExportCommands: readonly QemuCommand[] = [
  qemuCommand('block-export-add', { role: 'admin', slow: true }),
  qemuCommand('block-export-del', { role: 'configure' }),
  qemuCommand('nbd-server-add', { role: 'admin' }),
  qemuCommand('nbd-server-remove', { role: 'configure' }),
  qemuCommand('nbd-server-start', { role: 'admin' }),
  qemuCommand('nbd-server-stop', { role: 'configure' }),
  qemuCommand('query-block-exports', { role: 'observe', answer: 'shared' }),
];
