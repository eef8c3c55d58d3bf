// Unix stream sockets: listening and connecting, with descriptor passing where the native addon is there, over
// net.Socket otherwise. Which of the two shows only in `canPassFds` and `whyNoFds` of the connections.

import { setTimeout as delay } from 'node:timers/promises';
import type { Connection, Listener } from '../../qmp/connection.ts';
import { LocalError } from '../../util/local-error.ts';
import { strerrorOf } from '../../util/strerror.ts';
import { closeSocket, errnoName, type NativeSockets, native } from './native.ts';
import {
  applyPermissions,
  checkSocketPath,
  claimPath,
  identify,
  removeOwn,
  type SocketPermissions,
} from './socket-path.ts';
import { UnixConnection } from './unix-connection.ts';
import { UnixListener } from './unix-listener.ts';
import { connectUnixNet, listenUnixNet } from './unix-net.ts';

export interface UnixListenOptions extends SocketPermissions {
  /** A file name, or "@name" in the abstract namespace. */
  readonly path: string;
  /** Connections that may wait to be accepted; the kernel caps it (net.core.somaxconn). */
  readonly backlog?: number;
}

export interface ConnectOptions {
  readonly signal?: AbortSignal | undefined;
}

const backlogDefault = 4_096;

/** A server whose backlog is full makes connect(2) fail at once: tried again this often, for this long. */
const connectRetryMs = 10;
const connectTimeoutMs = 10_000;

/**
 * Listens, and calls `onConnection` with each new connection, which must start or destroy it. A stale socket file is
 * replaced. Throws a LocalError that names the path: ERR_QMPD_ADDRESS_IN_USE, _NO_DIRECTORY, _ACCESS, _PATH_TOO_LONG.
 */
export async function listenUnix(
  options: UnixListenOptions,
  onConnection: (connection: Connection) => void,
): Promise<Listener> {
  const backlog = options.backlog ?? backlogDefault;
  const addon = native;
  if (addon === undefined) return listenUnixNet(options, backlog, onConnection);
  let fd = -1;
  await claimPath(options.path, () => {
    fd = addon.bind(options.path);
    return fd < 0 ? errnoName(fd) : undefined;
  });
  const identity = identify(options.path);
  try {
    applyPermissions(options.path, options);
    const error = addon.listen(fd, backlog);
    if (error < 0) {
      throw new LocalError(
        'ERR_QMPD_LISTEN',
        `unix:${options.path}: cannot listen: ${strerrorOf(errnoName(error))}`,
      );
    }
    const { path } = options;
    const socket = { transport: 'unix', address: `unix:${path}`, file: { path, identity } } as const;
    return new UnixListener(addon, fd, socket, onConnection);
  } catch (error) {
    removeOwn(options.path, identity);
    closeSocket(addon, fd);
    throw error;
  }
}

/** Throws a LocalError ERR_QMPD_CONNECT that names the path, or the signal's reason. */
export async function connectUnix(path: string, options: ConnectOptions = {}): Promise<Connection> {
  checkSocketPath(path);
  const { signal } = options;
  signal?.throwIfAborted();
  if (native === undefined) return connectUnixNet(path, signal);
  const fd = await connectPatiently(native, path, signal);
  return new UnixConnection(native, fd, 'unix', `unix:${path}`);
}

async function connectPatiently(addon: NativeSockets, path: string, signal?: AbortSignal): Promise<number> {
  const tries = connectTimeoutMs / connectRetryMs;
  for (let left = tries; ; left -= 1) {
    const fd = addon.connect(path);
    if (fd >= 0) return fd;
    const name = errnoName(fd);
    if (name !== 'EAGAIN' || left === 0) throw connectError(path, name);
    await delay(connectRetryMs);
    signal?.throwIfAborted();
  }
}

function connectError(path: string, errorName: string): LocalError {
  const why: Record<string, string> = {
    ENOENT: 'no such socket',
    ECONNREFUSED: 'nobody listens there (the file is left over from a server that is gone)',
    EACCES: 'permission denied',
    EAGAIN: 'the server does not accept connections',
    ENOTSOCK: 'not a socket',
  };
  const message = `cannot connect to unix:${path}: ${why[errorName] ?? errorName}`;
  const cause = Object.assign(new Error(strerrorOf(errorName)), { code: errorName });
  return new LocalError('ERR_QMPD_CONNECT', message, { cause });
}
