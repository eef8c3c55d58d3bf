// What fits nowhere else: QEMU's commands of qapi/misc.json.

import { type QemuCommand, qemuCommand } from './qemu-command.ts';

export const miscCommands: readonly QemuCommand[] = [
  qemuCommand('add_client', { role: 'admin', descriptors: [{ member: 'fdname', form: 'name' }] }),
  qemuCommand('query-command-line-options', { role: 'observe', answer: 'once', probe: 'blank' }),
  qemuCommand('query-iothreads', { role: 'observe', answer: 'shared' }),
];
