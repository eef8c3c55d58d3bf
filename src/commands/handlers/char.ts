// Character devices (QEMU: qapi/char.json, chardev/char.c). Before there is a machine they are declared, and opened
// when the first frontend needs them.

import { type JsonObject, type JsonValue, jsonObject } from '../../json/value.ts';
import type { ArgumentRule } from '../../qmp/traits.ts';
import type { CommandMap } from '../../schema/index.ts';
import {
  bridgeNew,
  changeBridged,
  isBridged,
  isOnlyHere,
  isOwnBackend,
  onlyHere,
  unbridge,
  withChardevs,
} from '../bridged-chardevs.ts';
import { type CommandDefinition, command, descriptorsOf, type Server } from '../context.ts';
import { refuseTooLate } from '../declare.ts';

type ChardevInfo = CommandMap['query-chardev']['returns'];
type ChardevReturn = CommandMap['chardev-add']['returns'];

/** What stays inside; any backend can have a log file. */
const chardevRules: readonly ArgumentRule[] = [
  { arguments: ['id'], role: 'configure' },
  {
    arguments: ['backend.type'],
    is: [
      'null',
      'ringbuf',
      'memory',
      'vc',
      'mux',
      'hub',
      'msmouse',
      'spicevmc',
      'spiceport',
      'qemu-vdagent',
      'console',
      'websocket',
      'pty',
    ],
    role: 'configure',
  },
  { arguments: ['backend.data.*'], role: 'configure' },
  { arguments: ['backend.data.logfile', 'backend.data.logappend', 'backend.data.path'], role: 'admin' },
];

export const charCommands: readonly CommandDefinition[] = [
  command({
    name: 'query-chardev',
    phases: 'any',
    role: 'observe',
    answer: 'shared',
    isOwn: ({ server }) => onlyHere(server).length > 0,
    run: async ({ server }) => {
      const machine = server.machine.forwarded;
      if (machine === undefined) return server.chardevs.list() as unknown as ChardevInfo;
      const theirs = (await server.tell('query-chardev')) as unknown as ChardevInfo;
      return [...theirs, ...(onlyHere(server) as unknown as ChardevInfo)];
    },
  }),
  command({
    name: 'query-chardev-backends',
    phases: 'any',
    role: 'observe',
    answer: 'shared',
    run: ({ server }) =>
      server.chardevs.backends() as unknown as CommandMap['query-chardev-backends']['returns'],
  }),
  command({
    name: 'query-consoles',
    kind: 'own',
    phases: 'any',
    role: 'observe',
    right: 'console',
    run: ({ server }) => server.chardevs.consoles() as unknown as CommandMap['query-consoles']['returns'],
  }),
  command({
    name: 'console-resize',
    kind: 'own',
    phases: 'any',
    role: 'operate',
    run: ({ server }, { id, cols, rows }) => {
      server.chardevs.resizeConsole(id, cols, rows);
      return {};
    },
  }),
  command({
    name: 'chardev-add',
    phases: 'any',
    role: 'admin',
    rules: chardevRules,
    declares: { kind: 'chardev', id: 'id', effect: 'add' },
    guards: ['waiting-chardev', 'chardev-buffer', 'console-size'],
    human: { name: 'chardev-add', reads: { word: 0, chardev: true } },
    isOwn: ({ server }, args) => isOwnBackend(args) || isOnlyHere(server, args?.id),
    run: async ({ server, session }, { id, backend }) => {
      const options = jsonObject(backend as unknown as JsonObject);
      refuseTooLate(server);
      const instance = withChardevs(server);
      if (instance !== undefined) {
        await bridgeNew(server, instance, id, options, descriptorsOf(session));
        return {};
      }
      const added = await server.chardevs.add(id, options, server.machine.phase, descriptorsOf(session));
      declareForEngine(server, id, options);
      return added as unknown as ChardevReturn;
    },
  }),
  command({
    name: 'chardev-change',
    phases: 'any',
    role: 'admin',
    rules: chardevRules,
    declares: { kind: 'chardev', id: 'id', effect: 'replace' },
    guards: ['waiting-chardev', 'chardev-buffer', 'console-size'],
    human: { name: 'chardev-change', reads: { word: 1, chardev: true } },
    isOwn: ({ server }, args) => isOwnBackend(args) || isOurs(server, args?.id),
    run: async ({ server, session }, { id, backend }) => {
      const options = jsonObject(backend as unknown as JsonObject);
      refuseTooLate(server);
      const instance = isOnlyHere(server, id) ? undefined : withChardevs(server);
      if (instance !== undefined) {
        const answer = await changeBridged(server, instance, id, options, descriptorsOf(session));
        return answer as unknown as ChardevReturn;
      }
      const changed = await server.chardevs.change(id, options, descriptorsOf(session));
      server.configuration.withdraw('chardev', id);
      declareForEngine(server, id, options);
      return changed as unknown as ChardevReturn;
    },
  }),
  command({
    name: 'chardev-remove',
    phases: 'any',
    role: 'configure',
    declares: { kind: 'chardev', id: 'id', effect: 'remove' },
    isOwn: ({ server }, args) => isOurs(server, args?.id),
    run: async ({ server }, { id }) => {
      refuseTooLate(server);
      const bridged = server.machine.instance?.chardevs;
      if (bridged !== undefined && isBridged(server, id)) {
        await unbridge(server, bridged, id);
        return {};
      }
      await server.chardevs.remove(id);
      server.configuration.withdraw('chardev', id);
      return {};
    },
  }),
  command({
    name: 'chardev-send-break',
    phases: 'any',
    role: 'operate',
    right: 'console',
    isOwn: ({ server }, args) => isOnlyHere(server, args?.id),
    run: ({ server }, { id }) => {
      server.chardevs.sendBreak(id);
      return {};
    },
  }),
  command({
    name: 'ringbuf-read',
    phases: 'any',
    role: 'operate',
    right: 'console',
    isOwn: ({ server }, args) => isOnlyHere(server, args?.device),
    run: ({ server }, args) => server.chardevs.readRingbuf(args.device, args.size, args.format),
  }),
  command({
    name: 'ringbuf-write',
    phases: 'any',
    role: 'operate',
    right: 'console',
    isOwn: ({ server }, args) => isOnlyHere(server, args?.device),
    run: async ({ server }, args) => {
      await server.chardevs.writeRingbuf(args.device, args.data, args.format);
      return {};
    },
  }),
];

function isOurs(server: Server, id: JsonValue | undefined): boolean {
  return isBridged(server, id) || isOnlyHere(server, id);
}

/** An engine that makes its own chardevs gets those that nothing in this process has opened by the creation. */
function declareForEngine(server: Server, id: string, backend: JsonObject): void {
  server.configuration.declare({ kind: 'chardev', id, arguments: jsonObject({ id, backend }) });
}
