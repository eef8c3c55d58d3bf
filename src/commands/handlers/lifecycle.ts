// Creating the machine, ending it, and what its instance is (qapi/lifecycle.json; QEMU: x-exit-preconfig of
// qapi/misc.json). The other two QEMU does not have: there a machine lives as long as its process.

import type { TimedEnd } from '../../machine/life.ts';
import { QmpError } from '../../qmp/error.ts';
import type { CommandMap } from '../../schema/index.ts';
import { type CommandDefinition, command, type Server } from '../context.ts';
import { start } from './machine-restart.ts';

export const lifecycleCommands: readonly CommandDefinition[] = [
  command({
    name: 'x-exit-preconfig',
    kind: 'own',
    isOwn: ({ server }) => server.machine.mayEnd === true,
    phases: 'blank',
    role: 'operate',
    slow: true,
    run: async ({ server }) => {
      server.chardevs.refuseWaiting();
      await server.machine.create();
      if (server.configuration.get('autostart') === true) {
        await start(server);
      }
      return {};
    },
  }),
  command({
    name: 'machine-destroy',
    kind: 'own',
    phases: 'created',
    role: 'operate',
    slow: true,
    run: async ({ server }) => {
      const { machine } = server;
      if (machine.mayEnd !== true) throw new QmpError(`${machine.mayEnd}; quit ends it`);
      await machine.destroy();
      return {};
    },
  }),
  command({
    name: 'query-machine',
    kind: 'own',
    phases: 'any',
    role: 'observe',
    run: ({ server }) => describe(server),
  }),
];

/** The machine as a process of this host, which QEMU's own queries do not show. */
function describe({ machine, clock }: Server): CommandMap['query-machine']['returns'] {
  const { state } = machine;
  const end = machine.lastEnd;
  const common = {
    phase: state.phase,
    engine: machine.engineKind,
    'in-flight': [],
    ...(end === undefined ? {} : { 'last-end': describeEnd(end) }),
  };
  if (state.phase !== 'created') return common;
  const uptime = { 'uptime-ms': Math.round((clock.realTimeUs() - state.sinceUs) / 1000) };
  const { pid, version, inFlight } = state.instance.status();
  const now = clock.monotonicMs();
  return {
    ...common,
    ...uptime,
    ...(version === undefined ? {} : { version }),
    ...(pid === undefined ? {} : { pid }),
    'in-flight': inFlight.map(({ command: name, session, sinceMs }) => ({
      session,
      command: name,
      'age-ms': Math.round(now - sinceMs),
    })),
  };
}

function describeEnd({
  reason,
  status,
  timeUs,
}: TimedEnd): NonNullable<CommandMap['query-machine']['returns']['last-end']> {
  return { reason, ...(status === undefined ? {} : { status }), time: timestamp(timeUs) };
}

function timestamp(us: number): { seconds: number; microseconds: number } {
  const seconds = Math.floor(us / 1e6);
  return { seconds, microseconds: us - seconds * 1e6 };
}
