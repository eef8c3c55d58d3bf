// `query-machine-config`: the configuration as commands that declare it again (qapi/machine-config.json). `qmpd --script`
// carries such commands out. What a running machine is given later is declared when QEMU has answered
// (src/machine/configuration/follow.ts).

import { type JsonObject, jsonObject } from '../../json/value.ts';
import { QmpError } from '../../qmp/error.ts';
import type { CommandMap } from '../../schema/index.ts';
import { type CommandDefinition, command, type Server } from '../context.ts';

type ConfigCommand = CommandMap['query-machine-config']['returns'][number];

/** Objects of this process by which clients come in: they are made last, when what they name is there. */
const entranceTypes: ReadonlySet<string> = new Set(['qmp-server', 'monitor-qmp']);

export const machineConfigCommands: readonly CommandDefinition[] = [
  command({
    name: 'query-machine-config',
    kind: 'own',
    phases: 'any',
    role: 'observe',
    run: ({ server }, { pending = true }) => {
      if (server.machine.mayEnd !== true) throw new QmpError('The machine was not declared here');
      return configCommands(server, pending);
    },
  }),
];

function configCommands(server: Server, pending: boolean): ConfigCommand[] {
  const { configuration, machine } = server;
  const { options: next, declarations } = configuration.snapshot(() => false);
  const options = pending || machine.phase !== 'created' ? next : configuration.runningOptions;
  const { actions } = machine;
  return [
    ...ownObjects(server, (type) => !entranceTypes.has(type)),
    ...(Object.keys(options).length === 0 ? [] : [{ execute: 'machine-set', arguments: options }]),
    ...declarations.map(({ kind, arguments: args }) => ({
      execute: server.declaring[kind].name,
      arguments: args,
    })),
    ...(Object.keys(actions).length === 0
      ? []
      : [{ execute: 'set-action', arguments: jsonObject({ ...actions }) }]),
    ...ownObjects(server, (type) => entranceTypes.has(type)),
  ];
}

/** The objects of this process that are not declared for the engine as well. */
function ownObjects(
  { objects, configuration, declaring }: Server,
  wanted: (type: string) => boolean,
): ConfigCommand[] {
  return [...objects.ids].flatMap((id): ConfigCommand[] => {
    const object = objects.get(id);
    if (object === undefined || !wanted(object.type)) return [];
    if (configuration.declared('object', id) !== undefined) return [];
    const args: JsonObject = jsonObject({ 'qom-type': object.type, id, ...object.properties });
    return [{ execute: declaring.object.name, arguments: args }];
  });
}
