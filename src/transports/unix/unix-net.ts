// Unix sockets without the native addon: everything but descriptors and the peer's identity. One difference remains
// visible: libuv removes the socket's path when the listener closes, even if somebody else has put another file there.

import { connect, type Server } from 'node:net';
import type { Connection, Listener } from '../../qmp/connection.ts';
import { LocalError } from '../../util/local-error.ts';
import { type NetConnectionOptions, socketConnection } from '../net/net-connection.ts';
import { untilConnected } from '../net/net-dial.ts';
import { NetListener, openServer } from '../net/net-listener.ts';
import { whyNoFds } from './native.ts';
import { applyPermissions, claimPath, isAbstract, type SocketPermissions } from './socket-path.ts';

interface PathOptions extends SocketPermissions {
  readonly path: string;
}

function connectionOptions(path: string): NetConnectionOptions {
  return {
    transport: 'unix',
    peer: { address: `unix:${path}` },
    whyNoFds: whyNoFds ?? 'this process cannot pass descriptors',
  };
}

/** Node 20 pads abstract names with zeros to the full length: no other program would find such a socket. */
function refuseAbstract(path: string): void {
  if (!isAbstract(path)) return;
  const message = `unix:${path}: names in the abstract namespace need the native addon: ${whyNoFds}`;
  throw new LocalError('ERR_QMPD_ADDRESS', message);
}

/** As `listenUnix`. */
export async function listenUnixNet(
  options: PathOptions,
  backlog: number,
  onConnection: (connection: Connection) => void,
): Promise<Listener> {
  refuseAbstract(options.path);
  let server: Server | undefined;
  await claimPath(options.path, async () => {
    const result = await openServer({ path: options.path, backlog }, (socket) => {
      onConnection(socketConnection(socket, connectionOptions(options.path)));
    });
    if (typeof result === 'string') return result;
    server = result;
    return undefined;
  });
  if (server === undefined) throw new LocalError('ERR_QMPD_LISTEN', `unix:${options.path}: cannot listen`);
  try {
    applyPermissions(options.path, options);
  } catch (error) {
    server.close();
    throw error;
  }
  return new NetListener(server, `unix:${options.path}`);
}

/** As `connectUnix`. */
export async function connectUnixNet(path: string, signal: AbortSignal | undefined): Promise<Connection> {
  refuseAbstract(path);
  const socket = connect({ path, allowHalfOpen: true });
  await untilConnected(socket, `unix:${path}`, signal);
  return socketConnection(socket, connectionOptions(path));
}
