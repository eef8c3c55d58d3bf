// Standard input and output as one connection, as with `-qmp stdio`. When both are the same unix socket (a program that
// starts qmpd with a socket pair), descriptors travel too. Never blocks on a slow reader of a pipe, unlike
// process.stdout.

import { closeSync, createReadStream, createWriteStream, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { isatty, ReadStream, WriteStream } from 'node:tty';
import type { Connection, Listener } from '../qmp/connection.ts';
import { connectInherited } from './inherited.ts';
import { NetConnection } from './net/net-connection.ts';
import { native } from './unix/native.ts';

/** One connection, at once. Only one user of standard input and output may exist. */
export function listenStdio(onConnection: (connection: Connection) => void): Promise<Listener> {
  onConnection(connectStdio());
  return Promise.resolve({ address: 'stdio', refusedConnections: 0, close: () => Promise.resolve() });
}

/** Throws what Node throws when a descriptor is closed or of an unsuitable kind. */
export function connectStdio(): Connection {
  const input = fstatSync(0);
  const output = fstatSync(1);
  const sameSocket = input.isSocket() && output.isSocket() && input.ino === output.ino;
  if (sameSocket && native !== undefined) return connectSocket();
  return new NetConnection(openInput(), openOutput(), {
    transport: 'stdio',
    peer: { address: 'stdio' },
    whyNoFds: 'descriptors travel over unix sockets only, and this connection is standard input and output',
  });
}

/** The connection has a duplicate; the originals must not keep the socket open when it closes. */
function connectSocket(): Connection {
  const connection = connectInherited(0);
  for (const fd of [0, 1]) {
    closeSync(fd);
    // The lowest free number is used: the one that was closed.
    openSync('/dev/null', 'r+');
  }
  return connection;
}

function openInput(): Readable {
  const stats = fstatSync(0);
  if (stats.isFIFO() || stats.isSocket()) return new Socket({ fd: 0, readable: true, writable: false });
  return isatty(0) ? new ReadStream(0) : createReadStream('', { fd: 0, autoClose: false });
}

function openOutput(): Writable {
  const stats = fstatSync(1);
  if (stats.isFIFO() || stats.isSocket()) return new Socket({ fd: 1, readable: false, writable: true });
  return isatty(1) ? new WriteStream(1) : createWriteStream('', { fd: 1, autoClose: false });
}
