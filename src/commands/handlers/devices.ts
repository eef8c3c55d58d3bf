// Devices and network backends (QEMU: qapi/qdev.json, qapi/net.json, system/qdev-monitor.c). They are QEMU's: before
// creation they are declared and checked against what the binary says of itself; the embedded engine's hardware is
// given by machine-set.

import { type JsonObject, jsonObject } from '../../json/value.ts';
import type { CommandDefinition } from '../../qmp/command.ts';
import { QmpError } from '../../qmp/error.ts';
import { type CommandContext, command } from '../context.ts';
import { declare, withdraw } from '../declare.ts';

export const deviceCommands: readonly CommandDefinition<CommandContext>[] = [
  command({
    name: 'device_add',
    phases: 'any',
    role: 'operate',
    run: async (context, args) => {
      const { server } = context;
      const options = wireObject(args);
      if (options.driver === undefined) throw new QmpError("Parameter 'driver' is missing");
      if (typeof options.driver !== 'string') {
        throw new QmpError("Invalid parameter type for 'driver', expected: string");
      }
      if (server.machine.engineKind === 'embedded') {
        throw new QmpError(`'${options.driver}' is not a valid device model name`);
      }
      await declare(context, 'device', options);
      return {};
    },
  }),
  command({
    name: 'device_del',
    phases: 'any',
    role: 'operate',
    run: ({ server }, { id }) => {
      withdraw(server, 'device', id);
      return {};
    },
  }),
  command({
    name: 'netdev_add',
    phases: 'any',
    role: 'operate',
    run: async (context, args) => {
      const { server } = context;
      const options = wireObject(args);
      if (options.type === undefined) throw new QmpError("Parameter 'type' is missing");
      if (server.machine.engineKind === 'embedded') {
        throw new QmpError("Network backends need the engine 'qemu'");
      }
      await declare(context, 'netdev', options);
      return {};
    },
  }),
  command({
    name: 'netdev_del',
    phases: 'any',
    role: 'operate',
    run: ({ server }, { id }) => {
      withdraw(server, 'netdev', id);
      return {};
    },
  }),
];

/** Arguments that the schema does not describe in full ('gen': false) are still what came over the wire. */
function wireObject(args: object): JsonObject {
  return jsonObject(args as JsonObject);
}
