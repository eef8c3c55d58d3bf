// Audio back ends: QEMU's commands of qapi/audio.json.

import { type QemuCommand, qemuCommand } from './qemu-command.ts';

export const audioCommands: readonly QemuCommand[] = [
  qemuCommand('query-audiodevs', { role: 'observe', answer: 'shared' }),
];
