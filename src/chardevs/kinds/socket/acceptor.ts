// The listening side of a socket backend: accepts at once but hands over one peer at a time, as QEMU does, where the
// others wait in the kernel's queue and hear nothing (QEMU: chardev/char-socket.c, io/net-listener.c).

import { randomBytes } from 'node:crypto';
import { type AddressInfo, createServer, type ListenOptions, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QmpError } from '../../../qmp/error.ts';
import type { InetSocketAddress, SocketAddressLegacy } from '../../../schema/index.ts';
import { listenInherited } from '../../../transports/inherited.ts';
import { type Peer, socketPeer, streamPeer, type TcpOptions } from '../../../transports/layers/peer.ts';
import { listenUnix } from '../../../transports/unix/unix.ts';
import { listenVsock } from '../../../transports/vsock.ts';
import { LocalError, messageOf } from '../../../util/local-error.ts';
import type { OwnedFd } from '../../../util/owned-fd.ts';
import { strerror, strerrorOf } from '../../../util/strerror.ts';
import { resolveInet, unixPath, vsockAddress } from './address.ts';

/** Peers that may wait for their turn; later ones are closed at once. */
const waitingPeersMax = 16;

/** The kernel's queue behind it, as QEMU has it: one peer is served at a time. */
const backlogDefault = 1;

/** Who reaches the socket has the console, or the monitor, whatever the umask says. Its owner may open it to others. */
const socketMode = 0o600;

export class Acceptor {
  /** Where it listens, with the real port. */
  address: SocketAddressLegacy;
  readonly #waiting: Peer[] = [];
  #wanted: ((peer: Peer) => void) | undefined;
  #closeListener: () => Promise<void> = async () => {};

  constructor(address: SocketAddressLegacy) {
    this.address = address;
  }

  /** The listener was opened; it calls `accept` with each peer. */
  opened(closeListener: () => Promise<void>, address: SocketAddressLegacy = this.address): this {
    this.#closeListener = closeListener;
    this.address = address;
    return this;
  }

  accept(peer: Peer): void {
    const wanted = this.#wanted;
    this.#wanted = undefined;
    if (wanted) wanted(peer);
    else if (this.#waiting.length < waitingPeersMax) this.#waiting.push(peer);
    else peer.stream.destroy();
  }

  /** Calls back once with the next peer, not started. */
  next(callback: (peer: Peer) => void): void {
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
    for (const peer of this.#waiting.splice(0)) peer.stream.destroy();
    await this.#closeListener();
  }
}

export async function listenOn(
  address: SocketAddressLegacy,
  fd: OwnedFd | undefined,
  options: TcpOptions,
  backlog: number = backlogDefault,
): Promise<Acceptor> {
  switch (address.type) {
    case 'inet':
      return await listenInet(address.data, options, backlog);
    case 'unix':
      return await listenPath(address, backlog);
    case 'fd':
      return await listenFd(address, fd);
    case 'vsock':
      return listenVsockAt(address, backlog);
  }
}

function listen(options: ListenOptions): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
    server.once('error', reject);
    server.listen(options, () => {
      // A listener that fails later (EMFILE) tries again with the next peer.
      server.off('error', reject).on('error', () => {});
      resolve(server);
    });
  });
}

/** Resolves when nobody can connect any more; peers that were handed over live on. */
async function stop(server: Server): Promise<void> {
  server.close();
  await new Promise((resolve) => setImmediate(resolve));
}

async function listenInet(
  wanted: InetSocketAddress,
  options: TcpOptions,
  backlog: number,
): Promise<Acceptor> {
  const [first] = await resolveInet(wanted, 'passive', 'tcp');
  if (!first) throw new QmpError(`address resolution failed for ${wanted.host}:${wanted.port}`);
  const { host, family } = first;
  let failure: unknown;
  for (let port = first.port; port <= Math.max(first.port, wanted.to ?? 0); port++) {
    try {
      const server = await listen({ host, port, ipv6Only: family === 6 && wanted.ipv4 === false, backlog });
      const bound = server.address() as AddressInfo;
      const acceptor = new Acceptor({
        type: 'inet',
        data: { host: bound.address, port: String(bound.port) },
      });
      server.on('connection', (socket) => acceptor.accept(socketPeer(socket, options)));
      return acceptor.opened(() => stop(server));
    } catch (error) {
      failure = error;
    }
  }
  const taken = failure instanceof Error && 'code' in failure && failure.code === 'EADDRINUSE';
  const what = taken ? 'Failed to find an available port' : 'Failed to bind socket';
  throw new QmpError(`${what}: ${strerror(failure)}`);
}

/** Unlike QEMU, which removes whatever is at the path, this replaces only sockets where nobody listens. */
async function listenPath(
  wanted: SocketAddressLegacy & { type: 'unix' },
  backlog: number,
): Promise<Acceptor> {
  // Without a path one is made up, as QEMU does.
  const path = wanted.data.path || join(tmpdir(), `qemu-socket-${randomBytes(3).toString('hex')}`);
  return await listenAt({ type: 'unix', data: { ...wanted.data, path } }, backlog);
}

async function listenAt(address: SocketAddressLegacy & { type: 'unix' }, backlog: number): Promise<Acceptor> {
  const path = unixPath(address.data);
  const acceptor = new Acceptor(address);
  try {
    const listener = await listenUnix({ path, backlog, mode: socketMode }, (connection) =>
      acceptor.accept(streamPeer(connection)),
    );
    return acceptor.opened(() => listener.close());
  } catch (error) {
    throw new QmpError(`Failed to bind socket to ${address.data.path}: ${whyNotBound(error)}`);
  }
}

const bindTexts: Readonly<Record<string, string>> = {
  ERR_QMPD_ADDRESS_IN_USE: 'Address already in use',
  ERR_QMPD_NO_DIRECTORY: 'No such file or directory',
  ERR_QMPD_ACCESS: 'Permission denied',
};

function whyNotBound(error: unknown): string {
  return (error instanceof LocalError ? bindTexts[error.code] : undefined) ?? strerror(error);
}

function listenVsockAt(address: SocketAddressLegacy & { type: 'vsock' }, backlog: number): Acceptor {
  const acceptor = new Acceptor(address);
  const listener = listenVsock(vsockAddress(address.data), backlog, (connection) =>
    acceptor.accept(streamPeer(connection)),
  );
  if (typeof listener === 'string') throw new QmpError(`Failed to bind socket: ${strerrorOf(listener)}`);
  return acceptor.opened(() => listener.close());
}

/** A listening socket that came as a descriptor; a connected one is a server's first and only peer. */
async function listenFd(
  address: SocketAddressLegacy & { type: 'fd' },
  fd: OwnedFd | undefined,
): Promise<Acceptor> {
  if (!fd) throw new QmpError(`File descriptor named '${address.data.str}' has not been found`);
  const acceptor = new Acceptor(address);
  try {
    const listener = await listenInherited(fd.fd, (connection) => acceptor.accept(streamPeer(connection)));
    fd.release();
    return acceptor.opened(() => listener.close());
  } catch (error) {
    fd.close();
    throw new QmpError(`Failed to listen on fd socket: ${messageOf(error)}`);
  }
}
