// The listening side of a socket backend: accepts at once but hands over one peer at a time, as QEMU does, where the
// others wait in the kernel's queue and hear nothing (QEMU: chardev/char-socket.c, io/net-listener.c).

import { lstatSync, unlinkSync } from 'node:fs';
import { type AddressInfo, createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import { QmpError } from '../../qmp/error.ts';
import type { OwnedFd } from '../../util/owned-fd.ts';
import { strerror } from '../../util/strerror.ts';
import type { InetAddress, SocketAddress } from '../options.ts';
import { resolveInet, unixPath } from './address.ts';

/** Peers that may wait for their turn; later ones are closed at once. */
const waitingPeersMax = 16;

export class Acceptor {
  /** Where it listens, with the real port. */
  readonly address: SocketAddress;
  readonly #server: Server;
  readonly #waiting: Socket[] = [];
  #wanted: ((peer: Socket) => void) | undefined;

  constructor(server: Server, address: SocketAddress) {
    this.#server = server;
    this.address = address;
    server.on('connection', (peer) => this.#accept(peer));
    // A listener that fails later (EMFILE) tries again with the next peer.
    server.on('error', () => {});
  }

  #accept(peer: Socket): void {
    // A peer that breaks off while it waits is found out when its turn comes.
    peer.on('error', () => {});
    const wanted = this.#wanted;
    this.#wanted = undefined;
    if (wanted) wanted(peer);
    else if (this.#waiting.length < waitingPeersMax) this.#waiting.push(peer);
    else peer.destroy();
  }

  /** Calls back once with the next peer, paused. */
  next(callback: (peer: Socket) => void): void {
    const peer = this.#waiting.shift();
    if (peer) callback(peer);
    else this.#wanted = callback;
  }

  /** The next peer is not wanted any more: another one was handed in by other means. */
  cancelNext(): void {
    this.#wanted = undefined;
  }

  async close(): Promise<void> {
    this.#wanted = undefined;
    for (const peer of this.#waiting.splice(0)) peer.destroy();
    await new Promise<void>((resolve) => {
      // The promise waits for the listener only; peers that were handed over live on.
      this.#server.close();
      setImmediate(resolve);
    });
  }
}

function listen(options: ListenOptions | { readonly fd: number }): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
    server.once('error', reject);
    server.listen(options, () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}

export async function listenOn(address: SocketAddress, fd: OwnedFd | undefined): Promise<Acceptor> {
  switch (address.type) {
    case 'inet':
      return await listenInet(address.data);
    case 'unix':
      return await listenUnix(address);
    case 'fd':
      return await listenFd(address, fd);
    case 'vsock':
      throw new QmpError('socket family AF_VSOCK unsupported');
  }
}

async function listenInet(wanted: InetAddress): Promise<Acceptor> {
  const hosts = await resolveInet(wanted, 'passive', 'tcp');
  const host = hosts[0];
  if (!host) throw new QmpError(`address resolution failed for ${wanted.host}:${wanted.port}`);
  let failure: unknown;
  for (let port = host.port; port <= Math.max(host.port, wanted.to ?? 0); port++) {
    try {
      const server = await listen({ host: host.host, port, ipv6Only: host.family === 6, backlog: 1 });
      const bound = server.address() as AddressInfo;
      return new Acceptor(server, { type: 'inet', data: { host: bound.address, port: String(bound.port) } });
    } catch (error) {
      failure = error;
    }
  }
  throw new QmpError(`Failed to bind socket: ${strerror(failure)}`);
}

async function listenUnix(address: SocketAddress & { type: 'unix' }): Promise<Acceptor> {
  const path = unixPath(address.data);
  if (!address.data.abstract) removeOldSocket(path);
  try {
    return new Acceptor(await listen({ path, backlog: 1 }), address);
  } catch (error) {
    // libuv reports a missing directory as EACCES.
    const code = error instanceof Error && 'code' in error ? error.code : '';
    const why = code === 'EACCES' && !directoryExists(path) ? 'No such file or directory' : strerror(error);
    throw new QmpError(`Failed to bind socket to ${address.data.path}: ${why}`);
  }
}

function directoryExists(path: string): boolean {
  return lstatSync(path.replace(/\/[^/]*$/, '/'), { throwIfNoEntry: false }) !== undefined;
}

/** QEMU takes the path over whoever made it; unlike QEMU, only if it is a socket. */
function removeOldSocket(path: string): void {
  try {
    if (lstatSync(path).isSocket()) unlinkSync(path);
  } catch {
    // Binding tells what is wrong with the path.
  }
}

async function listenFd(address: SocketAddress & { type: 'fd' }, fd: OwnedFd | undefined): Promise<Acceptor> {
  if (!fd) throw new QmpError(`File descriptor named '${address.data.str}' has not been found`);
  const server = await listen({ fd: fd.release() }).catch((error) => {
    throw new QmpError(`Failed to listen on fd socket: ${strerror(error)}`);
  });
  const bound = server.address();
  if (typeof bound === 'string') return new Acceptor(server, { type: 'unix', data: { path: bound } });
  const { address: host = '', port = 0 } = bound ?? {};
  return new Acceptor(server, host ? { type: 'inet', data: { host, port: String(port) } } : address);
}
