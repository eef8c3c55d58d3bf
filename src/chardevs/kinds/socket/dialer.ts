// The connecting side of a socket backend (QEMU: io/channel-socket.c, util/qemu-sockets.c).

import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { QmpError } from '../../../qmp/error.ts';
import type { SocketAddressLegacy } from '../../../schema/index.ts';
import {
  fdPeer,
  type Peer,
  socketPeer,
  streamPeer,
  type TcpOptions,
} from '../../../transports/layers/peer.ts';
import { errnoName, native } from '../../../transports/unix/native.ts';
import { UnixConnection } from '../../../transports/unix/unix-connection.ts';
import { connectVsock } from '../../../transports/vsock.ts';
import type { OwnedFd } from '../../../util/owned-fd.ts';
import { strerror, strerrorOf } from '../../../util/strerror.ts';
import { describeAddress, resolveInet, unixPath, vsockAddress } from './address.ts';

/** Connects once; the peer is not started. Aborting ends the attempt. Rejects with a QmpError. */
export async function dial(
  address: SocketAddressLegacy,
  fd: OwnedFd | undefined,
  options: TcpOptions,
  signal: AbortSignal,
): Promise<Peer> {
  switch (address.type) {
    case 'inet':
      return await dialInet(address, options, signal);
    case 'unix':
      return native ? dialNative(address) : socketPeer(await dialPath(address, signal));
    case 'fd':
      if (!fd) throw new QmpError(`File descriptor named '${address.data.str}' has not been found`);
      return fdPeer(address.data.str, fd);
    case 'vsock':
      return await dialVsock(address, signal);
  }
}

function failed(address: SocketAddressLegacy, why: string): QmpError {
  return new QmpError(`Failed to connect to '${describeAddress(address)}': ${why}`);
}

async function dialInet(
  address: SocketAddressLegacy & { type: 'inet' },
  options: TcpOptions,
  signal: AbortSignal,
): Promise<Peer> {
  let failure: unknown;
  for (const { host, family, port } of await resolveInet(address.data, 'active', 'tcp')) {
    try {
      return socketPeer(await connectTo({ host, family, port }, signal), options);
    } catch (error) {
      failure = error;
    }
  }
  throw failed(address, strerror(failure));
}

/** A unix socket that connects at once or not at all: no event loop is needed. */
function dialNative(address: SocketAddressLegacy & { type: 'unix' }): Peer {
  const fd = native?.connect(unixPath(address.data)) ?? -1;
  if (!native || fd < 0) throw failed(address, strerrorOf(errnoName(fd)));
  return streamPeer(new UnixConnection(native, fd, 'unix', `unix:${address.data.path}`));
}

async function dialVsock(
  address: SocketAddressLegacy & { type: 'vsock' },
  signal: AbortSignal,
): Promise<Peer> {
  const connection = await connectVsock(vsockAddress(address.data), signal);
  if (typeof connection === 'string') throw failed(address, strerrorOf(connection));
  return streamPeer(connection);
}

async function dialPath(
  address: SocketAddressLegacy & { type: 'unix' },
  signal: AbortSignal,
): Promise<Socket> {
  const path = unixPath(address.data).replace(/^@/, '\0');
  return await connectTo({ path }, signal).catch((error) => {
    throw failed(address, strerror(error));
  });
}

function connectTo(target: NetConnectOpts, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...target, allowHalfOpen: true });
    socket.pause();
    const abort = (): void => {
      socket.destroy(new Error('the chardev was closed'));
    };
    // The signal lives as long as the chardev, which may dial for years.
    const settle = (): void => signal.removeEventListener('abort', abort);
    const failed = (error: Error): void => {
      settle();
      reject(error);
    };
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      settle();
      resolve(socket);
    });
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
  });
}
