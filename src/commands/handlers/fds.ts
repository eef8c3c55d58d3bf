// Descriptors that clients send (QEMU: monitor/fds.c, qapi/misc.json). Unlike QEMU's, they queue per session, may be
// sent and named in every phase, and belong to their session.

import type { DeclaredFd } from '../../qmp/fds/declared.ts';
import type { Fdset } from '../../qmp/fds/fdsets.ts';
import type { CommandMap } from '../../schema/index.ts';
import type { OwnedFd } from '../../util/owned-fd.ts';
import { type CommandDefinition, command, type Server, type SessionRecord } from '../context.ts';

type FdInfo = CommandMap['query-fds']['returns'][number];

export const fdCommands: readonly CommandDefinition[] = [
  command({
    name: 'getfd',
    kind: 'own',
    phases: 'any',
    role: 'configure',
    run: ({ session, request, server }, { fdname }) => {
      const fd = session.fds.claim(request.start, request.end);
      session.fds.name(fdname, fd, server.clock.monotonicMs());
      return {};
    },
  }),
  command({
    name: 'setfd',
    kind: 'own',
    phases: 'any',
    role: 'configure',
    run: ({ session, request, server }, { fdname }) => {
      const fd = session.fds.claim(request.start, request.end);
      session.fds.rename(fdname, fd, server.clock.monotonicMs());
      return {};
    },
  }),
  command({
    name: 'closefd',
    kind: 'own',
    phases: 'any',
    role: 'operate',
    run: ({ session }, { fdname }) => {
      session.fds.closeName(fdname);
      return {};
    },
  }),
  command({
    name: 'add-fd',
    kind: 'own',
    phases: 'any',
    role: 'configure',
    run: ({ session, request, server }, args) => {
      const fd = session.fds.claim(request.start, request.end);
      const member = { fd, opaque: args.opaque, sinceMs: server.clock.monotonicMs() };
      const set = server.fdsets.add(session.id, member, args['fdset-id']);
      session.fds.stored(fd);
      return { 'fdset-id': set.id, fd: fd.fd };
    },
  }),
  command({
    name: 'remove-fd',
    kind: 'own',
    phases: 'any',
    role: 'configure',
    run: ({ session, server }, args) => {
      for (const fd of server.fdsets.remove(session.id, args['fdset-id'], args.fd)) session.fds.discard(fd);
      return {};
    },
  }),
  command({
    name: 'query-fdsets',
    kind: 'own',
    phases: 'any',
    role: 'observe',
    run: ({ session, server }) =>
      server.fdsets.list(session.id).map((set) => ({
        'fdset-id': set.id,
        fds: set.members.map(({ fd, opaque }) => ({
          fd: fd.fd,
          ...(opaque === undefined ? {} : { opaque }),
        })),
      })),
  }),
  command({
    name: 'query-fds',
    kind: 'own',
    phases: 'any',
    role: 'observe',
    run: ({ server, session: { fds } }, { session }) => {
      const wanted = (id: string): boolean => session === undefined || session === id;
      return [
        ...server
          .sessions()
          .filter((record) => wanted(record.session.id))
          .flatMap((r) => sessionFds(server, r)),
        ...server.fdsets
          .list()
          .filter((set) => wanted(set.owner))
          .flatMap((set) => fdsetFds(server, set)),
        ...[...fds.declared.entries]
          .filter(({ owner }) => wanted(owner))
          .map((declared) => declaredFd(server, declared)),
      ];
    },
  }),
];

function sessionFds(server: Server, { session }: SessionRecord): FdInfo[] {
  const { queue, names } = session.fds;
  return [
    ...queue.entries.map(({ fd, receivedMs }): FdInfo => {
      return { ...common(server, session.id, fd, receivedMs), claim: 'unclaimed' };
    }),
    ...[...names].map(({ name, fd, sinceMs }): FdInfo => {
      return { ...common(server, session.id, fd, sinceMs), claim: 'named', name };
    }),
  ];
}

function fdsetFds(server: Server, set: Fdset): FdInfo[] {
  return set.members.map(({ fd, sinceMs }) => {
    return { ...common(server, set.owner, fd, sinceMs), claim: 'fdset', 'fdset-id': set.id };
  });
}

function declaredFd(server: Server, declared: DeclaredFd): FdInfo {
  const { owner, name, sinceMs } = declared;
  return { ...common(server, owner, declared, sinceMs), claim: 'declared', name };
}

function common(server: Server, session: string, fd: OwnedFd, sinceMs: number): Omit<FdInfo, 'claim'> {
  return { session, ...server.describeFd(fd), 'age-ms': Math.round(server.clock.monotonicMs() - sinceMs) };
}
