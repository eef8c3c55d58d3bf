// Creating, running and ending the machine (QEMU: qapi/run-state.json, qapi/machine.json, system/runstate.c).

import { jsonObject } from '../../json/value.ts';
import type { TimedEnd } from '../../machine/life.ts';
import type { CommandDefinition } from '../../qmp/command.ts';
import { QmpError } from '../../qmp/error.ts';
import type { CommandMap } from '../../schema/index.ts';
import { type CommandContext, command, emulated, type Server } from '../context.ts';
import { start } from './machine-restart.ts';

export const runStateCommands: readonly CommandDefinition<CommandContext>[] = [
  command({
    name: 'query-status',
    phases: 'any',
    role: 'observe',
    run: ({ server }) => {
      const status = server.machine.runState;
      return { running: status === 'running', status };
    },
  }),
  command({
    name: 'x-exit-preconfig',
    kind: 'own',
    isOwn: ({ server }) => !server.attached,
    phases: 'blank',
    role: 'operate',
    run: async ({ server }) => {
      server.chardevs.refuseWaiting();
      await server.machine.create();
      if (server.configuration.get('autostart') === true) {
        await start(server.machine.created.machine);
      }
      return {};
    },
  }),
  command({
    name: 'machine-destroy',
    kind: 'own',
    phases: 'created',
    role: 'operate',
    run: async ({ server }) => {
      if (server.attached) throw new QmpError('The machine was not started here; quit ends it');
      await server.machine.destroy();
      return {};
    },
  }),
  command({
    name: 'stop',
    phases: 'created',
    role: 'operate',
    run: async (context) => {
      await emulated(context).stop();
      return {};
    },
  }),
  command({
    name: 'cont',
    phases: 'created',
    role: 'operate',
    run: async (context) => {
      await emulated(context).cont();
      return {};
    },
  }),
  command({
    name: 'system_reset',
    phases: 'created',
    role: 'operate',
    run: async (context) => {
      await emulated(context).reset();
      return {};
    },
  }),
  command({
    name: 'system_powerdown',
    phases: 'created',
    role: 'operate',
    run: async (context) => {
      await emulated(context).powerdown();
      return {};
    },
  }),
  command({
    name: 'set-action',
    phases: 'any',
    role: 'operate',
    run: ({ server }, actions) => {
      server.machine.setActions(actions);
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
  command({
    name: 'quit',
    kind: 'own',
    // Of a QEMU that is shared, all clients see what they would see of it alone.
    isOwn: ({ server }) => !server.attached,
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
  if (state.machine.kind === 'emulated') return { ...common, ...uptime };
  const { pid, version, inFlight } = state.machine.status();
  const now = clock.monotonicMs();
  return {
    ...common,
    ...uptime,
    version,
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
