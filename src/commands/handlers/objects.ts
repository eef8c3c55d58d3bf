// Objects made by clients (QEMU: qapi/qom.json, qom/qom-qmp-cmds.c). Those that belong to this process (servers,
// monitors on chardevs, credentials) are made at once; those of the machine are declared for its creation.

import { isJsonObject, type JsonObject, jsonObject } from '../../json/value.ts';
import { isWellFormedId } from '../../machine/identifier.ts';
import type { CommandDefinition } from '../../qmp/command.ts';
import { QmpError } from '../../qmp/error.ts';
import { type CommandContext, command, descriptorsOf } from '../context.ts';
import { declare, withdraw } from './declare.ts';

/** Types that live here and that QEMU may need as well: both get them. */
const sharedTypes: ReadonlySet<string> = new Set([
  'secret',
  'tls-creds-anon',
  'tls-creds-psk',
  'tls-creds-x509',
]);

export const objectCommands: readonly CommandDefinition<CommandContext>[] = [
  command({
    name: 'object-add',
    phases: 'any',
    role: 'admin',
    isOwn: ({ server }, args) => {
      const type = args?.['qom-type'];
      return typeof type === 'string' && server.objects.isOwnType(type) && !sharedTypes.has(type);
    },
    run: async ({ server, session }, args) => {
      const options = jsonObject(args as unknown as JsonObject);
      const { id, 'qom-type': type, ...properties } = options;
      if (typeof id === 'string' && server.objects.get(id) !== undefined) {
        throw new QmpError(`attempt to add duplicate property '${id}' to object (type 'container')`);
      }
      // Only the arguments of a type of ours have been checked by then; QEMU's are by its own schema.
      if (typeof id !== 'string' || typeof type !== 'string' || !server.objects.isOwnType(type)) {
        await declare({ server, session }, 'object', options);
        return {};
      }
      if (!isWellFormedId(id)) throw new QmpError("Parameter 'id' expects an identifier");
      if (type === 'secret') checkSecret(properties);
      const shared = sharedTypes.has(type);
      if (shared && server.machine.engineKind === 'qemu') {
        await declare({ server, session }, 'object', options);
      }
      await server.objects.add(id, type, jsonObject(properties), descriptorsOf(session));
      if (shared) await server.chardevs.serveWaiting();
      return {};
    },
  }),
  command({
    name: 'object-del',
    phases: 'any',
    role: 'admin',
    isOwn: ({ server }, args) =>
      isJsonObject(args) && typeof args.id === 'string' && server.objects.get(args.id) !== undefined,
    run: async ({ server, session }, { id }) => {
      if (server.objects.get(id) === undefined) withdraw(server, 'object', id);
      else {
        // A client that deletes the server that it came in by still gets the answer.
        const own = server.sessions().find((record) => record.session === session);
        if (own?.server === id) session.endAfterReply('server-removed');
        await server.objects.remove(id);
        server.configuration.withdraw('object', id);
      }
      return {};
    },
  }),
];

/** What QEMU refuses at once (crypto/secret_common.c); a file is read when somebody asks for the secret. */
function checkSecret({ data, file }: JsonObject): void {
  if (data === undefined && file === undefined)
    throw new QmpError("Either 'file' or 'data' must be provided");
  if (data !== undefined && file !== undefined)
    throw new QmpError("'file' and 'data' are mutually exclusive");
}
