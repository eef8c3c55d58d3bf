// Record and replay: QEMU's commands of qapi/replay.json.

import { type QemuCommand, qemuCommand } from './qemu-command.ts';

export const replayCommands: readonly QemuCommand[] = [
  qemuCommand('query-replay', { role: 'observe', answer: 'shared' }),
  qemuCommand('replay-break', { role: 'operate' }),
  qemuCommand('replay-delete-break', { role: 'operate' }),
  qemuCommand('replay-seek', { role: 'operate' }),
];
