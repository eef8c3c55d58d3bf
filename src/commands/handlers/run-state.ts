// Running, pausing and resetting the machine (QEMU: qapi/run-state.json, qapi/misc.json, system/runstate.c).

import { type CommandDefinition, command, controls } from '../context.ts';

export const runStateCommands: readonly CommandDefinition[] = [
  command({
    name: 'query-status',
    phases: 'any',
    role: 'observe',
    answer: 'shared',
    run: ({ server }) => {
      const status = server.machine.runState;
      return { running: status === 'running', status };
    },
  }),
  command({
    name: 'stop',
    phases: 'created',
    role: 'operate',
    run: async (context) => {
      await controls(context).power.stop();
      return {};
    },
  }),
  command({
    name: 'cont',
    phases: 'created',
    role: 'operate',
    run: async (context) => {
      await controls(context).power.cont();
      return {};
    },
  }),
  command({
    name: 'system_reset',
    phases: 'created',
    role: 'operate',
    run: async (context) => {
      await controls(context).power.reset();
      return {};
    },
  }),
  command({
    name: 'system_powerdown',
    phases: 'created',
    role: 'operate',
    run: async (context) => {
      await controls(context).power.powerdown();
      return {};
    },
  }),
  command({
    name: 'set-action',
    phases: 'any',
    role: 'configure',
    run: ({ server }, actions) => {
      server.machine.setActions(actions);
      return {};
    },
  }),
];
