// What there is to know of the machine (QEMU: qapi/machine.json, hw/core/machine-qmp-cmds.c).

import { isJsonObject } from '../../json/value.ts';
import type { CommandDefinition } from '../../qmp/command.ts';
import { type CommandContext, command } from '../context.ts';

const nilUuid = '00000000-0000-0000-0000-000000000000';

export const machineInfoCommands: readonly CommandDefinition<CommandContext>[] = [
  command({
    name: 'query-name',
    phases: 'any',
    role: 'observe',
    run: ({ server }) => {
      const name = server.configuration.get('name');
      const text = isJsonObject(name) ? name.guest : name;
      return typeof text === 'string' ? { name: text } : {};
    },
  }),
  command({
    name: 'query-uuid',
    phases: 'any',
    role: 'observe',
    run: ({ server }) => {
      const uuid = server.configuration.get('uuid');
      return { UUID: typeof uuid === 'string' ? uuid : nilUuid };
    },
  }),
  command({
    name: 'query-machines',
    kind: 'cached',
    phases: 'any',
    role: 'observe',
    run: () => [
      {
        name: 'v86',
        'is-default': true,
        'cpu-max': 1,
        'hotpluggable-cpus': false,
        'numa-mem-supported': false,
        deprecated: false,
        acpi: true,
      },
    ],
  }),
  command({
    name: 'query-cpus-fast',
    phases: 'created',
    role: 'observe',
    run: () => [
      {
        'cpu-index': 0,
        'qom-path': '/machine/cpu[0]',
        'thread-id': process.pid,
        target: 'i386',
        props: { 'socket-id': 0, 'core-id': 0, 'thread-id': 0 },
      },
    ],
  }),
];
