// From an address to connections: the one place that knows every transport. A new transport adds a line to each of the
// two functions and a form to address.ts.

import type { Connection, Listener } from '../qmp/connection.ts';
import type { Address } from './address.ts';
import { connectInherited, listenInherited } from './inherited.ts';
import { connectTcp, listenTcp } from './net/tcp.ts';
import { connectStdio, listenStdio } from './stdio.ts';
import { type ConnectOptions, connectUnix, listenUnix } from './unix/unix.ts';

/**
 * Yields connections that come in at `address`, each of which must be started or destroyed. An address that is a
 * connection already (stdio, a connected descriptor) yields one, before the promise resolves.
 */
export function listen(address: Address, onConnection: (connection: Connection) => void): Promise<Listener> {
  switch (address.kind) {
    case 'unix':
      return listenUnix(address, onConnection);
    case 'tcp':
      return listenTcp(address, onConnection);
    case 'fd':
      return listenInherited(address.fd, onConnection);
    case 'stdio':
      return listenStdio(onConnection);
  }
}

/** Connects to the listener at `address`. Throws a LocalError that names it, or the signal's reason. */
export async function connect(address: Address, options: ConnectOptions = {}): Promise<Connection> {
  switch (address.kind) {
    case 'unix':
      return connectUnix(address.path, options);
    case 'tcp':
      return connectTcp(address, options);
    case 'fd':
      return connectInherited(address.fd);
    case 'stdio':
      return connectStdio();
  }
}
