// The file name of a listening unix socket: claiming it, telling a stale one from a live one, mode and group, and
// removing it only while it is still ours. A name that begins with "@" is in Linux's abstract namespace and has no file.

import { chmodSync, chownSync, existsSync, lstatSync, readFileSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LocalError } from '../../util/local-error.ts';
import { strerrorOf } from '../../util/strerror.ts';

/**
 * Longest path that fits into a socket address, in bytes (unix(7): 108 with the terminating zero). An abstract name has
 * none, and may hold zeroes.
 */
const pathBytesMax = 107;
const abstractBytesMax = 108;

/** A server that has bound its path but does not listen yet looks stale for a moment: look again after this long. */
const secondLookMs = 20;

/** Permissions of a new socket file: who may connect. Unset: as the process's umask says. */
export interface SocketPermissions {
  readonly mode?: number;
  /** Name or number. */
  readonly group?: string;
}

/** Which file a path named when it was looked at. */
export interface FileIdentity {
  readonly device: bigint;
  readonly inode: bigint;
}

export function isAbstract(socketPath: string): boolean {
  return socketPath.startsWith('@');
}

/** Throws a LocalError for a path that cannot be a socket's. */
export function checkSocketPath(socketPath: string): void {
  const abstract = isAbstract(socketPath);
  if (socketPath === '' || (socketPath.includes('\0') && !abstract)) {
    throw new LocalError('ERR_QMPD_ADDRESS', 'a unix socket needs a path, as in unix:/run/qmp.sock');
  }
  const bytes = Buffer.byteLength(socketPath);
  const bytesMax = abstract ? abstractBytesMax : pathBytesMax;
  if (bytes > bytesMax) {
    const message = `unix:${socketPath}: the path has ${bytes} bytes; a socket's path has at most ${bytesMax}`;
    throw new LocalError('ERR_QMPD_PATH_TOO_LONG', message);
  }
}

/**
 * Calls `bind`, which answers with an error's name or undefined, and once more after a stale file has been removed.
 * Throws a LocalError that names the path when it is taken or cannot be used.
 */
export async function claimPath(
  socketPath: string,
  bind: () => Promise<string | undefined> | string | undefined,
): Promise<void> {
  checkSocketPath(socketPath);
  let error = await bind();
  if (error === 'EADDRINUSE') {
    await removeStale(socketPath);
    error = await bind();
  }
  if (error !== undefined) throw bindError(socketPath, error);
}

async function removeStale(socketPath: string): Promise<void> {
  if (isAbstract(socketPath)) throw inUse(socketPath, 'another server listens there');
  const before = identify(socketPath);
  if (before === undefined) return;
  if (!lstatSync(socketPath, { throwIfNoEntry: false })?.isSocket()) {
    throw inUse(socketPath, 'the file exists and is not a socket');
  }
  if (!(await isRefusing(socketPath))) throw inUse(socketPath, 'another server listens there');
  await delay(secondLookMs);
  if (!(await isRefusing(socketPath))) throw inUse(socketPath, 'another server listens there');
  removeOwn(socketPath, before);
}

/** True when nobody listens. Any other failure to connect may come from a living server. */
function isRefusing(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ path: socketPath });
    probe.once('connect', () => {
      probe.destroy();
      resolve(false);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'ECONNREFUSED' || error.code === 'ENOENT');
    });
  });
}

/** Undefined when nothing is there (or nothing that we may look at). */
export function identify(socketPath: string): FileIdentity | undefined {
  if (isAbstract(socketPath)) return undefined;
  try {
    const { dev, ino } = lstatSync(socketPath, { bigint: true });
    return { device: dev, inode: ino };
  } catch {
    return undefined;
  }
}

/** Removes the file if it is still the one that `identity` names. */
export function removeOwn(socketPath: string, identity: FileIdentity | undefined): void {
  const now = identify(socketPath);
  if (identity === undefined || now?.device !== identity.device || now.inode !== identity.inode) return;
  try {
    unlinkSync(socketPath);
  } catch {
    // Removed by somebody else in between, or not ours to remove any more.
  }
}

/** Sets mode and group; throws a LocalError that names the path. Before listen(2), so that nobody slips in. */
export function applyPermissions(socketPath: string, permissions: SocketPermissions): void {
  const { mode, group } = permissions;
  if (isAbstract(socketPath)) return;
  try {
    if (group !== undefined) chownSync(socketPath, -1, groupId(socketPath, group));
    if (mode !== undefined) chmodSync(socketPath, mode);
  } catch (cause) {
    if (cause instanceof LocalError) throw cause;
    const what = `mode=${mode?.toString(8) ?? 'unchanged'}, group=${group ?? 'unchanged'}`;
    const message = `unix:${socketPath}: cannot set ${what}: ${(cause as Error).message}`;
    throw new LocalError('ERR_QMPD_ACCESS', message, { cause });
  }
}

function groupId(socketPath: string, group: string): number {
  if (/^[0-9]{1,9}$/.test(group)) return Number(group);
  for (const line of readFileSync('/etc/group', 'utf8').split('\n')) {
    const [name, , id] = line.split(':');
    if (name === group && id !== undefined) return Number(id);
  }
  throw new LocalError(
    'ERR_QMPD_ADDRESS',
    `unix:${socketPath}: group=${group}: not in /etc/group; a group's number works too`,
  );
}

function inUse(socketPath: string, why: string): LocalError {
  return new LocalError('ERR_QMPD_ADDRESS_IN_USE', `unix:${socketPath}: the address is in use: ${why}`);
}

function bindError(socketPath: string, errorFromBind: string): LocalError {
  const directory = path.dirname(socketPath);
  // libuv reports a missing directory as EACCES.
  const missing = errorFromBind === 'EACCES' && !existsSync(directory);
  const errorName = missing ? 'ENOENT' : errorFromBind;
  switch (errorName) {
    case 'EADDRINUSE':
      return inUse(socketPath, 'another server was quicker');
    case 'ENOENT':
      return new LocalError('ERR_QMPD_NO_DIRECTORY', `unix:${socketPath}: no such directory: ${directory}`);
    case 'ENOTDIR':
      return new LocalError('ERR_QMPD_NO_DIRECTORY', `unix:${socketPath}: not a directory: ${directory}`);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new LocalError(
        'ERR_QMPD_ACCESS',
        `unix:${socketPath}: cannot write to ${directory} (${errorName})`,
      );
    default:
      return new LocalError('ERR_QMPD_LISTEN', `unix:${socketPath}: cannot listen: ${strerrorOf(errorName)}`);
  }
}
