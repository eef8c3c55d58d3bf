// TCP without encryption: listening and connecting. Whoever reaches the port is in command, so the server decides who
// may: nothing is checked here.

import { connect } from 'node:net';
import type { Connection, Listener } from '../../qmp/connection.ts';
import { LocalError } from '../../util/local-error.ts';
import { formatTcp } from '../address.ts';
import { type NetConnectionOptions, socketConnection } from './net-connection.ts';
import { untilConnected } from './net-dial.ts';
import { NetListener, openServer } from './net-listener.ts';

export interface TcpAddress {
  /** Empty: every address of this machine. */
  readonly host: string;
  /** 0: any free one; the listener's address tells which. */
  readonly port: number;
}

export interface TcpListenOptions extends TcpAddress {
  readonly backlog?: number;
}

const backlogDefault = 4_096;

/** Throws a LocalError that names the address: ERR_QMPD_ADDRESS_IN_USE, _ACCESS or _LISTEN. */
export async function listenTcp(
  options: TcpListenOptions,
  onConnection: (connection: Connection) => void,
): Promise<Listener> {
  const { host, port, backlog = backlogDefault } = options;
  const result = await openServer({ port, backlog, ...(host === '' ? {} : { host }) }, (socket) => {
    const { remoteAddress = 'unknown', remotePort = 0 } = socket;
    onConnection(socketConnection(socket, connectionOptions(remoteAddress, remotePort)));
  });
  if (typeof result === 'string') throw listenError(formatTcp(host, port), result);
  const bound = result.address();
  return new NetListener(result, formatTcp(host, typeof bound === 'object' ? (bound?.port ?? port) : port));
}

/** Throws a LocalError ERR_QMPD_CONNECT that names the address, or the signal's reason. */
export async function connectTcp(
  address: TcpAddress,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Connection> {
  const { host, port } = address;
  options.signal?.throwIfAborted();
  const socket = connect({
    host: host === '' ? 'localhost' : host,
    port,
    allowHalfOpen: true,
    noDelay: true,
  });
  await untilConnected(socket, formatTcp(host, port), options.signal);
  return socketConnection(socket, connectionOptions(host, port));
}

function connectionOptions(host: string, port: number): NetConnectionOptions {
  return {
    transport: 'tcp',
    peer: { address: formatTcp(host, port) },
    whyNoFds: 'descriptors travel over unix sockets only, and this connection is TCP',
  };
}

function listenError(address: string, errorName: string): LocalError {
  switch (errorName) {
    case 'EADDRINUSE':
      return new LocalError('ERR_QMPD_ADDRESS_IN_USE', `${address}: the address is in use`);
    case 'EACCES':
      return new LocalError(
        'ERR_QMPD_ACCESS',
        `${address}: permission denied (ports below 1024 need privileges)`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new LocalError('ERR_QMPD_LISTEN', `${address}: no such address on this machine (${errorName})`);
    default:
      return new LocalError('ERR_QMPD_LISTEN', `${address}: cannot listen: ${errorName}`);
  }
}
