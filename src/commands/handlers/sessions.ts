// Sessions as things that can be looked at and ended. QEMU has nothing of the kind.

import { QmpError } from '../../qmp/error.ts';
import type { CommandMap } from '../../schema/index.ts';
import { type CommandDefinition, command, type SessionRecord } from '../context.ts';

export const sessionCommands: readonly CommandDefinition[] = [
  command({
    name: 'query-sessions',
    kind: 'own',
    phases: 'any',
    role: 'observe',
    run: ({ server }) => server.sessions().map(describe),
  }),
  command({
    name: 'session-close',
    kind: 'own',
    phases: 'any',
    role: 'admin',
    run: ({ server, session }, { id }) => {
      if (id === session.id) session.endAfterReply('session-close');
      else if (!server.closeSession(id)) throw new QmpError(`Session '${id}' not found`);
      return {};
    },
  }),
  command({
    name: 'session-set',
    kind: 'own',
    phases: 'any',
    role: 'observe',
    run: ({ session }, { 'timeout-ms': timeoutMs }) => {
      if (timeoutMs !== undefined) session.commandTimeoutMs = timeoutMs === 0 ? undefined : timeoutMs;
      return {};
    },
  }),
];

function describe(record: SessionRecord): CommandMap['query-sessions']['returns'][number] {
  const { session } = record;
  const seconds = Math.floor(session.sinceUs / 1e6);
  return {
    id: session.id,
    transport: record.transport,
    ...(record.server === undefined ? {} : { server: record.server }),
    peer: record.peer,
    role: record.role,
    since: { seconds, microseconds: session.sinceUs - seconds * 1e6 },
    negotiated: session.negotiated,
    capabilities: [...session.capabilities],
    commands: session.served,
    'bytes-received': session.bytesIn,
    'bytes-sent': session.bytesOut,
    'requests-queued': session.queueLength,
    'bytes-queued': session.outputBytes,
    fds: session.fds.held,
  };
}
