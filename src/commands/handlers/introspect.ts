// Descriptions of all commands (QEMU: qapi/introspect.json, monitor/qmp-cmds-control.c): qmpd's and those of the QEMU
// that is, or would be, behind qmpd, as one schema (../schema.ts).

import { type CommandDefinition, command } from '../context.ts';

export const introspectCommands: readonly CommandDefinition[] = [
  command({
    name: 'query-qmp-schema',
    kind: 'own',
    phases: 'any',
    role: 'observe',
    answer: 'once',
    run: async ({ server }) => (await server.schema()).text,
  }),
];
