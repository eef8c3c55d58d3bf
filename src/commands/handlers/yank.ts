// Interrupting connections that hang (QEMU: qapi/yank.json). Only QEMU has such connections: without one there is
// nothing to interrupt.

import { QmpError } from '../../qmp/error.ts';
import { type CommandDefinition, command } from '../context.ts';

export const yankCommands: readonly CommandDefinition[] = [
  command({
    name: 'query-yank',
    phases: 'any',
    outOfBand: true,
    role: 'observe',
    answer: 'shared',
    run: () => [],
  }),
  command({
    name: 'yank',
    phases: 'any',
    outOfBand: true,
    role: 'operate',
    run: (_context, { instances }) => {
      if (instances.length === 0) return {};
      throw new QmpError('Instance not found', 'DeviceNotFound');
    },
  }),
];
