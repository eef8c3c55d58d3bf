// The transports under test, each as a way to make a connected pair. A scenario that every transport can express runs
// over all of them.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Connection, Listener } from '../../../src/qmp/connection.ts';
import { connectTcp, listenTcp } from '../../../src/transports/net/tcp.ts';
import { connectUnix, listenUnix } from '../../../src/transports/unix/unix.ts';
import { connectUnixNet, listenUnixNet } from '../../../src/transports/unix/unix-net.ts';

export interface TransportUnderTest {
  readonly name: string;
  /** Why a plain client of Node's own cannot connect here. */
  readonly noPlainClient?: string;
  listen(directory: string, onConnection: (connection: Connection) => void): Promise<Listener>;
  connect(listener: Listener): Promise<Connection>;
}

const withoutScheme = (address: string): string => address.slice(address.indexOf(':') + 1);

export const unixTransport: TransportUnderTest = {
  name: 'unix',
  listen: (directory, onConnection) => listenUnix({ path: path.join(directory, 's') }, onConnection),
  connect: (listener) => connectUnix(withoutScheme(listener.address)),
};

const abstractTransport: TransportUnderTest = {
  name: 'unix in the abstract namespace',
  noPlainClient: 'Node 20 pads abstract names with zeros',
  listen: (directory, onConnection) => listenUnix({ path: `@${directory}` }, onConnection),
  connect: (listener) => connectUnix(withoutScheme(listener.address)),
};

const unixNetTransport: TransportUnderTest = {
  name: 'unix without the addon',
  listen: (directory, onConnection) => listenUnixNet({ path: path.join(directory, 's') }, 511, onConnection),
  connect: (listener) => connectUnixNet(withoutScheme(listener.address), undefined),
};

const tcpTransport: TransportUnderTest = {
  name: 'tcp',
  listen: (_directory, onConnection) => listenTcp({ host: '127.0.0.1', port: 0 }, onConnection),
  connect: (listener) => {
    const [host = '', port] = withoutScheme(listener.address).split(':');
    return connectTcp({ host, port: Number(port) });
  },
};

/** A plain client of Node's own, for what a `Connection` cannot do, such as ending one direction only. */
export function connectPlain(listener: Listener): Socket {
  const where = withoutScheme(listener.address);
  const [host = '', port] = where.split(':');
  if (listener.address.startsWith('tcp:')) return connect({ host, port: Number(port), allowHalfOpen: true });
  return connect({ path: where, allowHalfOpen: true });
}

export const transports: readonly TransportUnderTest[] = [
  unixTransport,
  abstractTransport,
  unixNetTransport,
  tcpTransport,
];

export interface Pair extends AsyncDisposable {
  readonly server: Connection;
  readonly client: Connection;
  readonly listener: Listener;
}

/** A new directory that is removed at the end of the scope. */
export function temporaryDirectory(): Disposable & { readonly path: string } {
  const directory = mkdtempSync(path.join(tmpdir(), 'qmpd-test-'));
  return {
    path: directory,
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** A listener, a plain client of it, and the connection that the client made. */
export async function plainClient(
  transport: TransportUnderTest,
): Promise<AsyncDisposable & { readonly server: Connection; readonly client: Socket }> {
  const directory = temporaryDirectory();
  let client: Socket | undefined;
  let listener: Listener | undefined;
  const server = await new Promise<Connection>((resolve, reject) => {
    transport.listen(directory.path, resolve).then((listening) => {
      listener = listening;
      client = connectPlain(listening).on('error', () => {});
    }, reject);
  });
  assert.ok(client && listener);
  const close = async (): Promise<void> => {
    client?.destroy();
    server.destroy();
    await listener?.close();
    directory[Symbol.dispose]();
  };
  return { server, client, [Symbol.asyncDispose]: close };
}

/** A listener and one connection to it, both sides not yet started. All of it ends with the scope. */
export async function connectedPair(transport: TransportUnderTest): Promise<Pair> {
  const directory = temporaryDirectory();
  let accept: (connection: Connection) => void = () => {};
  const accepted = new Promise<Connection>((resolve) => {
    accept = resolve;
  });
  const listener = await transport.listen(directory.path, accept);
  const client = await transport.connect(listener);
  const server = await accepted;
  return {
    server,
    client,
    listener,
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      server.destroy();
      await listener.close();
      directory[Symbol.dispose]();
    },
  };
}
