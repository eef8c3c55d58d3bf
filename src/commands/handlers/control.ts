// The protocol's commands about itself (QEMU: qapi/control.json, monitor/qmp-cmds-control.c).

import type { CommandDefinition } from '../../qmp/command.ts';
import { QmpError } from '../../qmp/error.ts';
import { type CommandContext, command } from '../context.ts';

export const controlCommands: readonly CommandDefinition<CommandContext>[] = [
  command({
    name: 'query-version',
    kind: 'own',
    phases: 'any',
    role: 'observe',
    run: ({ server }) => server.version,
  }),
  command({
    name: 'query-commands',
    kind: 'own',
    phases: 'any',
    role: 'observe',
    run: async ({ server }) => (await server.schema()).commandNames.map((name) => ({ name })),
  }),
  command({
    name: 'query-qmp-schema',
    kind: 'own',
    phases: 'any',
    role: 'observe',
    run: async ({ server }) => (await server.schema()).text,
  }),
  command({
    name: 'human-monitor-command',
    phases: 'created',
    role: 'admin',
    run: () => {
      throw new QmpError("The human monitor is QEMU's: it needs the engine 'qemu'");
    },
  }),
];
