// Dumps of the guest's memory: QEMU's commands of qapi/dump.json.

import { type QemuCommand, qemuCommand } from './qemu-command.ts';

export const dumpCommands: readonly QemuCommand[] = [
  qemuCommand('dump-guest-memory', {
    role: 'admin',
    right: 'debug',
    rules: [
      { arguments: ['protocol'], is: ['fd:*'], role: 'configure' },
      { arguments: ['paging', 'detach', 'format', 'begin', 'length'], role: 'configure' },
    ],
    descriptors: [{ member: 'protocol', form: 'uri' }],
    slow: true,
  }),
  qemuCommand('dump-skeys', { role: 'admin', right: 'debug', slow: true }),
  qemuCommand('query-dump', { role: 'observe', right: 'debug', answer: 'shared' }),
  qemuCommand('query-dump-guest-memory-capability', { role: 'observe', answer: 'shared' }),
];
