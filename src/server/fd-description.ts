// What a descriptor is, in the schema's words (FdKind, FdAccess).

import type { FdDescription } from '../commands/context.ts';
import { describeFd, type FdAccess, type FdKind } from '../transports/unix/owned-fd.ts';
import type { OwnedFd } from '../util/owned-fd.ts';

const kinds: Readonly<Record<FdKind, FdDescription['kind']>> = {
  file: 'file',
  memfd: 'file',
  directory: 'directory',
  socket: 'socket',
  fifo: 'pipe',
  chr: 'character-device',
  blk: 'block-device',
  anonymous: 'anonymous',
  other: 'anonymous',
};

const accesses: Readonly<Record<FdAccess, FdDescription['access']>> = {
  read: 'read-only',
  write: 'write-only',
  'read-write': 'read-write',
  path: 'path-only',
};

export function fdDescription({ fd }: OwnedFd): FdDescription {
  const { kind, access } = describeFd(fd);
  return { kind: kinds[kind], access: accesses[access] };
}
