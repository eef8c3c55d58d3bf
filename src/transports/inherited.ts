// Sockets that this process was born with: given by number (fd:3) or by systemd (LISTEN_FDS, sd_listen_fds(3)). Each is
// either listening or connected; the kernel tells which. Unix sockets carry descriptors, others do not.

import { fstatSync, readFileSync, readlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Connection, Listener } from '../qmp/connection.ts';
import { LocalError, messageOf } from '../util/local-error.ts';
import { type NetConnectionOptions, socketConnection } from './net/net-connection.ts';
import { NetListener, openServer } from './net/net-listener.ts';
import { errnoName, isWatched, type NativeSockets, native, numbers, whyNoFds } from './unix/native.ts';
import { UnixConnection } from './unix/unix-connection.ts';
import { UnixListener } from './unix/unix-listener.ts';

/** systemd's first descriptor (SD_LISTEN_FDS_START). */
const firstActivatedFd = 3;
/** More than any unit has; a wrong LISTEN_FDS must not make us search the whole table. */
const activatedFdsMax = 1_024;

export interface ActivatedSocket {
  readonly fd: number;
  /** FileDescriptorName= of the socket unit; "unknown" when there is none. */
  readonly name: string;
}

/** The sockets of systemd's socket activation, if the variables are meant for the process `pid`. */
export function activatedSockets(environment: NodeJS.ProcessEnv, pid: number): ActivatedSocket[] {
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES } = environment;
  if (LISTEN_FDS === undefined || LISTEN_PID !== String(pid)) return [];
  const count = Number(LISTEN_FDS);
  if (!Number.isInteger(count) || count < 0 || count > activatedFdsMax) {
    throw new LocalError(
      'ERR_QMPD_ADDRESS',
      `LISTEN_FDS=${LISTEN_FDS}: expected a number up to ${activatedFdsMax}`,
    );
  }
  const names = LISTEN_FDNAMES?.split(':') ?? [];
  return Array.from({ length: count }, (_, index) => ({
    fd: firstActivatedFd + index,
    name: names[index] ?? 'unknown',
  }));
}

/** What an inherited descriptor turned out to be. */
interface SocketState {
  readonly unix: boolean;
  readonly listening: boolean;
}

/**
 * Takes over the descriptor `fd`: a listening socket yields connections until it is closed, a connected one is a
 * connection itself, at once. Throws a LocalError ERR_QMPD_FD for anything else.
 */
export async function listenInherited(
  fd: number,
  onConnection: (connection: Connection) => void,
): Promise<Listener> {
  const { unix, listening } = inspectSocket(fd);
  const address = `fd:${fd}`;
  if (!listening) {
    onConnection(adoptConnection(fd, unix, address));
    return { address, refusedConnections: 0, close: () => Promise.resolve() };
  }
  if (unix && native !== undefined) {
    const socket = { transport: 'inherited', address } as const;
    return new UnixListener(native, takeOver(native, fd), socket, onConnection);
  }
  const result = await openServer({ fd }, (socket) => {
    onConnection(socketConnection(socket, connectionOptions(unix, address)));
  });
  if (typeof result === 'string') {
    throw new LocalError('ERR_QMPD_LISTEN', `${address}: cannot listen on the inherited socket: ${result}`);
  }
  return new NetListener(result, address);
}

/** A connection over an inherited, connected socket. Throws a LocalError ERR_QMPD_FD for anything else. */
export function connectInherited(fd: number): Connection {
  const { unix, listening } = inspectSocket(fd);
  if (listening) throw wrongFd(fd, 'it is a listening socket; a connected one is needed here');
  return adoptConnection(fd, unix, `fd:${fd}`);
}

function adoptConnection(fd: number, unix: boolean, address: string): Connection {
  if (unix && native !== undefined)
    return new UnixConnection(native, takeOver(native, fd), 'inherited', address);
  const socket = new Socket({ fd, allowHalfOpen: true });
  return socketConnection(socket, connectionOptions(unix, address));
}

function connectionOptions(unix: boolean, address: string): NetConnectionOptions {
  const why = unix ? whyNoFds : 'descriptors travel over unix sockets only, and this one is TCP';
  return {
    transport: 'inherited',
    peer: { address },
    whyNoFds: why ?? 'this process cannot pass descriptors',
  };
}

/** A close-on-exec duplicate in place of the inherited number, so that no child process gets the socket as well. Standard
 * input and output stay: their numbers must never be free. */
function takeOver(addon: NativeSockets, fd: number): number {
  const copy = addon.dup(fd);
  if (copy < 0) throw wrongFd(fd, errnoName(copy));
  if (fd >= firstActivatedFd) addon.close(fd);
  return copy;
}

function inspectSocket(fd: number): SocketState {
  let isSocket: boolean;
  try {
    isSocket = fstatSync(fd).isSocket();
  } catch (cause) {
    throw wrongFd(fd, `it is not open (${messageOf(cause)})`);
  }
  // A number that a client gives must not take another client's connection away.
  if (isWatched(fd)) throw wrongFd(fd, 'it belongs to a connection of qmpd itself');
  if (!isSocket) throw wrongFd(fd, 'it is not a socket');
  const state = native === undefined ? stateFromProc(fd) : stateFromKernel(native);
  if (state === undefined) throw wrongFd(fd, 'it is not a unix or TCP stream socket');
  return state;

  function stateFromKernel(addon: NativeSockets): SocketState | undefined {
    const AF_UNIX = 1;
    const AF_INET = 2;
    const AF_INET6 = 10;
    const SOCK_STREAM = 1;
    if (addon.describe(fd) < 0) return undefined;
    const [family = 0, type, listening] = numbers;
    if (type !== SOCK_STREAM || ![AF_UNIX, AF_INET, AF_INET6].includes(family)) return undefined;
    return { unix: family === AF_UNIX, listening: listening === 1 };
  }
}

/** Without the addon: the kernel's tables of sockets, searched by inode (proc(5)). */
function stateFromProc(fd: number): SocketState | undefined {
  const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1];
  const acceptsConnections = 0x10000;
  for (const line of readFileSync('/proc/self/net/unix', 'latin1').split('\n')) {
    const [, , , flags = '0', type, , found] = line.split(/\s+/);
    if (found !== inode || inode === undefined) continue;
    if (type !== '0001') return undefined;
    return { unix: true, listening: (Number.parseInt(flags, 16) & acceptsConnections) !== 0 };
  }
  const listen = '0A';
  for (const table of ['tcp', 'tcp6']) {
    for (const line of readFileSync(`/proc/self/net/${table}`, 'latin1').split('\n')) {
      const columns = line.trim().split(/\s+/);
      if (columns[9] === inode && inode !== undefined)
        return { unix: false, listening: columns[3] === listen };
    }
  }
  return undefined;
}

function wrongFd(fd: number, why: string): LocalError {
  return new LocalError('ERR_QMPD_FD', `fd:${fd}: cannot use descriptor ${fd}: ${why}`);
}
