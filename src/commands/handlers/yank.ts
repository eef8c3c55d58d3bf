// The commands that may go out of band (QEMU: qapi/yank.json, qapi/migration.json). Without a migration and without
// connections of QEMU's there is nothing to interrupt.

import type { CommandDefinition } from '../../qmp/command.ts';
import { QmpError } from '../../qmp/error.ts';
import { type CommandContext, command } from '../context.ts';

export const yankCommands: readonly CommandDefinition<CommandContext>[] = [
  command({ name: 'query-yank', phases: 'any', outOfBand: true, role: 'observe', run: () => [] }),
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
  command({
    name: 'migrate-pause',
    phases: 'any',
    outOfBand: true,
    role: 'operate',
    run: () => {
      throw new QmpError(
        'migrate-pause is currently only supported during postcopy-active or postcopy-recover state',
      );
    },
  }),
  command({
    name: 'migrate-recover',
    phases: 'any',
    outOfBand: true,
    role: 'operate',
    run: () => {
      throw new QmpError('Migrate recover can only be run when postcopy is paused.');
    },
  }),
];
