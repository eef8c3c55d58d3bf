// The object tree: QEMU's commands of qapi/qom.json.

import { type QemuCommand, qemuCommand } from './qemu-command.ts';

export const qomCommands: readonly QemuCommand[] = [
  qemuCommand('qom-list-get', {
    role: 'operate',
    rules: [{ arguments: ['paths.*'], is: ['/objects/*'], role: 'admin' }],
    answer: 'shared',
  }),
  qemuCommand('qom-list-properties', {
    role: 'observe',
    answer: 'once',
    probe: 'always',
    fatalTypes: 'of-objects',
  }),
];
