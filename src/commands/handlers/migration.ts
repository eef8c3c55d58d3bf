// Migrations (QEMU: qapi/migration.json). Only QEMU has any: without one there is nothing to pause or to recover, but
// what a device would put into one can be told (migration/savevm.c, -dump-vmstate).

import { QmpError } from '../../qmp/error.ts';
import { type CommandDefinition, command } from '../context.ts';

export const migrationCommands: readonly CommandDefinition[] = [
  command({
    name: 'migrate-pause',
    phases: 'any',
    outOfBand: true,
    role: 'operate',
    right: 'migrate',
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
    role: 'admin',
    right: 'migrate',
    run: () => {
      throw new QmpError('Migrate recover can only be run when postcopy is paused.');
    },
  }),
  command({
    name: 'query-vmstate-description',
    kind: 'own',
    phases: 'any',
    // A process is started for it.
    role: 'observe',
    slow: true,
    run: async ({ server }, { 'machine-type': machineType }) => {
      const description = await server.engine().vmstateDescription?.(machineType);
      if (description === undefined) {
        throw new QmpError(`The engine '${server.machine.engineKind}' has no migrations`);
      }
      return { description };
    },
  }),
];
