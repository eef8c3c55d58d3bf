// The switch device rocker: QEMU's commands of qapi/rocker.json.

import { type QemuCommand, qemuCommand } from './qemu-command.ts';

export const rockerCommands: readonly QemuCommand[] = [
  qemuCommand('query-rocker', { role: 'observe', answer: 'shared' }),
  qemuCommand('query-rocker-of-dpa-flows', { role: 'observe', answer: 'shared' }),
  qemuCommand('query-rocker-of-dpa-groups', { role: 'observe', answer: 'shared' }),
  qemuCommand('query-rocker-ports', { role: 'observe', answer: 'shared' }),
];
