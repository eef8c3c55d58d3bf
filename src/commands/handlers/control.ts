// The protocol's commands about itself, and the end of the process (QEMU: qapi/control.json, monitor/qmp-cmds-control.c).

import { jsonObject } from '../../json/value.ts';
import { type CommandDefinition, command, control } from '../context.ts';

export const controlCommands: readonly CommandDefinition[] = [
  command({
    name: 'query-version',
    kind: 'own',
    phases: 'any',
    role: 'observe',
    answer: 'once',
    run: ({ server }) => server.version,
  }),
  command({
    name: 'query-commands',
    kind: 'own',
    phases: 'any',
    role: 'observe',
    answer: 'once',
    run: async ({ server }) => (await server.schema()).commandNames.map((name) => ({ name })),
  }),
  command({
    name: 'quit',
    kind: 'own',
    // Of a QEMU that is shared, all clients see what they would see of it alone.
    isOwn: ({ server }) => server.machine.mayEnd === true,
    // QEMU reads nothing more after it, and so neither do we.
    carriedOut: ({ session }) => session.endAfterReply('shutdown'),
    phases: 'any',
    role: 'admin',
    run: ({ server, session }) => {
      server.events.emit('SHUTDOWN', jsonObject({ guest: false, reason: 'host-qmp-quit' }));
      session.endAfterReply('shutdown');
      server.quitAfter(session);
      return {};
    },
  }),
  command({
    name: 'human-monitor-command',
    phases: 'created',
    role: 'admin',
    humanLine: 'command-line',
    secret: ['command-line'],
    slow: true,
    run: (context, args) => control(context, 'human')(args['command-line']),
  }),
];
