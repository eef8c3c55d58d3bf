// The object tree, as far as this process has one of its own (QEMU: qapi/qom.json, qom/qom-qmp-cmds.c): the machine with
// its options, the chardevs and the objects. When QEMU is the engine and the machine exists, the tree is QEMU's. Objects
// that belong to this process (servers, monitors on chardevs, credentials) are made at once; those of the machine are
// declared for its creation.

import { isJsonObject, type JsonObject, type JsonValue, jsonObject } from '../../json/value.ts';
import { isWellFormedId } from '../../machine/identifier.ts';
import { optionNames } from '../../machine/options.ts';
import { QmpError } from '../../qmp/error.ts';
import type { ArgumentRule } from '../../qmp/traits.ts';
import type { CommandMap } from '../../schema/index.ts';
import { type CommandDefinition, command, descriptorsOf, type Server } from '../context.ts';
import { declare, makesItsOwn, withdraw } from '../declare.ts';

type Property = CommandMap['qom-list']['returns'][number];

interface Node {
  readonly type: string;
  readonly children: ReadonlyMap<string, Node>;
  readonly properties: ReadonlyMap<string, JsonValue | undefined>;
}

/** Types that live here and that QEMU may need as well: both get them. */
const sharedTypes: ReadonlySet<string> = new Set([
  'secret',
  'tls-creds-anon',
  'tls-creds-psk',
  'tls-creds-x509',
]);

/** What stays inside; anything of them that is a file of the host is not. */
const objectRules: readonly ArgumentRule[] = [
  { arguments: ['id'], role: 'configure' },
  {
    arguments: ['qom-type'],
    is: [
      'iothread',
      'throttle-group',
      'memory-backend-ram',
      'memory-backend-memfd',
      'secret',
      'authz-list',
      'authz-simple',
      'rng-builtin',
      'main-loop',
      'thread-context',
      'can-bus',
      'filter-*',
      'colo-compare',
    ],
    role: 'configure',
  },
  { arguments: ['*'], role: 'configure' },
  { arguments: ['qom-type'], is: ['filter-dump'], role: 'admin' },
  { arguments: ['file', 'filename', 'dir', 'mem-path', 'path'], role: 'admin' },
];

/** Secrets are readable there. */
const secretRules: readonly ArgumentRule[] = [
  { arguments: ['path'], is: ['/objects/*'], role: 'admin' },
  { arguments: ['property'], is: ['data', '*password*'], role: 'admin' },
];

export const qomCommands: readonly CommandDefinition[] = [
  command({
    name: 'qom-list',
    phases: 'any',
    role: 'observe',
    answer: 'shared',
    run: ({ server }, { path }) => {
      if (path === '') throw new QmpError("Path '' is ambiguous");
      const node = resolve(server, path);
      const children = [...node.children].map(
        ([name, child]): Property => ({ name, type: `child<${child.type}>` }),
      );
      const properties = [...node.properties].map(
        ([name, value]): Property => ({ name, type: typeName(value) }),
      );
      return [{ name: 'type', type: 'string' }, ...properties, ...children];
    },
  }),
  command({
    name: 'qom-get',
    phases: 'any',
    role: 'operate',
    rules: secretRules,
    answer: 'shared',
    run: ({ server }, { path, property }) => {
      const node = resolve(server, path);
      if (property === 'type') return node.type;
      if (!node.properties.has(property)) throw new QmpError(`Property '${node.type}.${property}' not found`);
      return node.properties.get(property) ?? null;
    },
  }),
  command({
    name: 'qom-set',
    phases: 'any',
    role: 'admin',
    rules: [
      { arguments: ['path', 'value'], role: 'configure' },
      {
        arguments: ['property'],
        is: ['guest-stats-polling-interval', 'attached', 'requested-size', 'host', 'label', 'clipboard'],
        role: 'configure',
      },
    ],
    guards: ['machine-property'],
    human: { name: 'qom-set', reads: 'path-and-property' },
    secret: ['value'],
    run: ({ server }, { path, property }) => {
      const node = resolve(server, path);
      if (!node.properties.has(property)) throw new QmpError(`Property '${node.type}.${property}' not found`);
      if (node.type !== 'machine') throw new QmpError(`Property '${node.type}.${property}' is not writable`);
      throw new QmpError(`Property '${node.type}.${property}' is set by machine-set ${property}=...`);
    },
  }),
  command({
    name: 'qom-list-types',
    phases: 'any',
    role: 'observe',
    answer: 'once',
    probe: 'always',
    run: () => [],
  }),
  command({
    name: 'object-add',
    engineChecks: ({ server }, args) => !server.objects.isOwnType(String(args?.['qom-type'])),
    phases: 'any',
    role: 'admin',
    rules: objectRules,
    descriptors: [{ member: 'fd', form: 'name' }],
    declares: { kind: 'object', id: 'id', effect: 'add' },
    guards: ['memory-backend-size', 'acpi-node', 'crypto-queues'],
    human: { name: 'object_add', reads: { word: 0, options: 'qom-type' } },
    secret: ['data'],
    slow: true,
    isOwn: ({ server }, args) => {
      const type = args?.['qom-type'];
      return typeof type === 'string' && server.objects.isOwnType(type) && !sharedTypes.has(type);
    },
    run: async (context, args) => {
      const { server, session } = context;
      const options = jsonObject(args as unknown as JsonObject);
      const { id, 'qom-type': type, ...properties } = options;
      if (typeof id === 'string' && server.objects.get(id) !== undefined) {
        throw new QmpError(`attempt to add duplicate property '${id}' to object (type 'container')`);
      }
      // So far only arguments for qmpd's own types have been checked. QEMU checks the others by its own schema.
      if (typeof id !== 'string' || typeof type !== 'string' || !server.objects.isOwnType(type)) {
        await declare(context, options);
        return {};
      }
      if (!isWellFormedId(id)) throw new QmpError("Parameter 'id' expects an identifier");
      if (type === 'secret') checkSecret(properties);
      const shared = sharedTypes.has(type);
      if (shared && makesItsOwn(server)) {
        await declare(context, options);
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
    declares: { kind: 'object', id: 'id', effect: 'remove' },
    guards: ['open-qtest'],
    human: { name: 'object_del', reads: { word: 0, member: 'id' } },
    isOwn: ({ server }, args) =>
      isJsonObject(args) && typeof args.id === 'string' && server.objects.get(args.id) !== undefined,
    run: async (context, { id }) => {
      const { server, session } = context;
      if (server.objects.get(id) === undefined) withdraw(context, id);
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

function resolve(server: Server, path: string): Node {
  if (path === '') throw new QmpError("Device '' not found", 'DeviceNotFound');
  const parts = path.split('/').filter((part) => part !== '');
  let node = root(server);
  for (const part of parts) {
    const next = node.children.get(part);
    if (next === undefined) throw new QmpError(`Device '${path}' not found`, 'DeviceNotFound');
    node = next;
  }
  return node;
}

function root(server: Server): Node {
  const { configuration } = server;
  const machine: Node = {
    type: 'machine',
    children: new Map(),
    properties: new Map(optionNames.map((name) => [name, configuration.get(name)])),
  };
  const chardevs = new Map(server.chardevs.list().map((info) => [String(info.label), chardevNode(info)]));
  const objects = new Map<string, Node>();
  for (const id of server.objects.ids) {
    const object = server.objects.get(id);
    if (object !== undefined) objects.set(id, leaf(object.type, object.properties));
  }
  for (const { kind, id, arguments: args } of configuration.declarations) {
    if (kind === 'object' && !objects.has(id)) objects.set(id, leaf(String(args['qom-type']), args));
  }
  return container([
    ['machine', machine],
    ['chardevs', container(chardevs)],
    ['objects', container(objects)],
  ]);
}

function container(children: Iterable<readonly [string, Node]>): Node {
  return { type: 'container', children: new Map(children), properties: new Map() };
}

function leaf(type: string, properties: JsonObject): Node {
  const hidden = type === 'secret' ? jsonObject() : properties;
  return { type, children: new Map(), properties: new Map(Object.entries(hidden)) };
}

function chardevNode(info: JsonObject): Node {
  return leaf('chardev', jsonObject({ filename: info.filename ?? null }));
}

function typeName(value: JsonValue | undefined): string {
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number' || typeof value === 'bigint') return 'int';
  return typeof value === 'string' ? 'string' : 'any';
}

/** What QEMU refuses at once (crypto/secret_common.c); a file is read when somebody asks for the secret. */
function checkSecret({ data, file }: JsonObject): void {
  if (data === undefined && file === undefined)
    throw new QmpError("Either 'file' or 'data' must be provided");
  if (data !== undefined && file !== undefined)
    throw new QmpError("'file' and 'data' are mutually exclusive");
}
