// What can be told of migrations without one (QEMU: migration/savevm.c, -dump-vmstate).

import type { CommandDefinition } from '../../qmp/command.ts';
import { QmpError } from '../../qmp/error.ts';
import { type CommandContext, command } from '../context.ts';

export const migrationCommands: readonly CommandDefinition<CommandContext>[] = [
  command({
    name: 'query-vmstate-description',
    kind: 'own',
    phases: 'any',
    // A process is started for it.
    role: 'operate',
    run: async ({ server }, { 'machine-type': machineType }) => {
      const description = await server.engine().vmstateDescription?.(machineType);
      if (description === undefined) throw new QmpError("Only the engine 'qemu' has migrations");
      return { description };
    },
  }),
];
