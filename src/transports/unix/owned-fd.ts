// Real descriptors with an owner, and what can be told about one. The interface is in src/util/owned-fd.ts, so that the
// folders without I/O can hold them.

import { closeSync, fstatSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { LocalError } from '../../util/local-error.ts';
import type { OwnedFd } from '../../util/owned-fd.ts';
import { errnoName, native, whyNoFds } from './native.ts';

/** Owns `fd` from now on. */
export function ownFd(fd: number): OwnedFd {
  return new Descriptor(fd);
}

class Descriptor implements OwnedFd {
  #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  get fd(): number {
    return this.#fd;
  }

  close(): void {
    if (this.#fd >= 0) closeNumber(this.release());
  }

  release(): number {
    const fd = this.#fd;
    this.#fd = -1;
    native?.own(fd, 0);
    return fd;
  }
}

/** A close can fail only for a number that is not open, or with news about data long since written: nothing to do. */
function closeNumber(fd: number): void {
  if (native !== undefined) {
    native.close(fd);
    return;
  }
  try {
    closeSync(fd);
  } catch {
    // See above.
  }
}

/** A second descriptor for the same open file, close-on-exec. The caller closes it. */
export function duplicateFd(fd: number): OwnedFd {
  if (native === undefined) {
    throw new LocalError('ERR_QMPD_NO_FDS', `cannot duplicate a descriptor: ${whyNoFds}`);
  }
  const copy = native.dup(fd);
  if (copy < 0) throw new LocalError('ERR_QMPD_FD', `cannot duplicate descriptor ${fd}: ${errnoName(copy)}`);
  return ownFd(copy);
}

export type FdKind =
  | 'file'
  | 'directory'
  | 'memfd'
  | 'socket'
  | 'fifo'
  | 'chr'
  | 'blk'
  | 'anonymous'
  | 'other';
export type FdAccess = 'read' | 'write' | 'read-write' | 'path';

export interface FdDescription {
  readonly kind: FdKind;
  readonly access: FdAccess;
  /** What the kernel calls the open file: a path, "socket:[123]", "anon_inode:[eventfd]". */
  readonly target: string;
}

/** What a descriptor is and what may be done with it; throws a LocalError for a number that is not open. */
export function describeFd(fd: number): FdDescription {
  try {
    const target = readlinkSync(`/proc/self/fd/${fd}`);
    return { kind: kindOf(fstatSync(fd), target), access: accessOf(fd), target };
  } catch (cause) {
    throw new LocalError('ERR_QMPD_FD', `descriptor ${fd} is not open`, { cause });
  }
}

function kindOf(stats: Stats, target: string): FdKind {
  if (stats.isFile()) return target.startsWith('/memfd:') ? 'memfd' : 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSocket()) return 'socket';
  if (stats.isFIFO()) return 'fifo';
  if (stats.isCharacterDevice()) return 'chr';
  if (stats.isBlockDevice()) return 'blk';
  return target.startsWith('anon_inode:') ? 'anonymous' : 'other';
}

/** The flags of open(2) stand in octal in fdinfo; the low two bits are the access mode. */
function accessOf(fd: number): FdAccess {
  const O_PATH = 0o10000000;
  const line = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'));
  const flags = Number.parseInt(line?.[1] ?? '0', 8);
  if ((flags & O_PATH) !== 0) return 'path';
  const access = flags & 3;
  return access === 0 ? 'read' : access === 1 ? 'write' : 'read-write';
}
