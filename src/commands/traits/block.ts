// Block devices beyond the core: QEMU's commands of qapi/block.json.

import { type QemuCommand, qemuCommand } from './qemu-command.ts';

export const blockCommands: readonly QemuCommand[] = [
  qemuCommand('block-latency-histogram-set', { role: 'configure' }),
  qemuCommand('query-pr-managers', { role: 'observe', answer: 'shared' }),
];
