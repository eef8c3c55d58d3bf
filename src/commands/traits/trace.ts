// Trace events: QEMU's commands of qapi/trace.json.

import { type QemuCommand, qemuCommand } from './qemu-command.ts';

export const traceCommands: readonly QemuCommand[] = [
  qemuCommand('trace-event-get-state', { role: 'observe', right: 'debug' }),
  qemuCommand('trace-event-set-state', { role: 'configure', right: 'debug' }),
];
