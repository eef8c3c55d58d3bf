// The connecting side of a socket backend (QEMU: io/channel-socket.c, util/qemu-sockets.c).

import { connect, type NetConnectOpts, Socket } from 'node:net';
import { QmpError } from '../../qmp/error.ts';
import type { OwnedFd } from '../../util/owned-fd.ts';
import { strerror } from '../../util/strerror.ts';
import type { SocketAddress } from '../options.ts';
import { describeAddress, resolveInet, unixPath } from './address.ts';

/** Connects once; the socket that it resolves to is paused. Aborting ends the attempt. */
export async function dial(
  address: SocketAddress,
  fd: OwnedFd | undefined,
  signal: AbortSignal,
): Promise<Socket> {
  if (address.type === 'fd') return adopt(address.data.str, fd);
  if (address.type === 'vsock') throw new QmpError('socket family AF_VSOCK unsupported');
  const targets = await targetsOf(address);
  let failure: unknown;
  for (const target of targets) {
    try {
      return await connectTo(target, signal);
    } catch (error) {
      failure = error;
    }
  }
  throw new QmpError(`Failed to connect to '${describeAddress(address)}': ${strerror(failure)}`);
}

async function targetsOf(address: SocketAddress & { type: 'inet' | 'unix' }): Promise<NetConnectOpts[]> {
  if (address.type === 'unix') return [{ path: unixPath(address.data) }];
  const hosts = await resolveInet(address.data, 'active', 'tcp');
  return hosts.map(({ host, family, port }) => ({ host, family, port }));
}

function connectTo(target: NetConnectOpts, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...target, allowHalfOpen: true });
    socket.pause();
    const abort = (): void => {
      socket.destroy(new Error('the chardev was closed'));
    };
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      signal.removeEventListener('abort', abort);
      resolve(socket);
    });
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
  });
}

/** Makes a stream of a connected socket that came as a descriptor. */
export function adopt(name: string, fd: OwnedFd | undefined): Socket {
  if (!fd) throw new QmpError(`File descriptor named '${name}' has not been found`);
  const socket = new Socket({ fd: fd.fd, allowHalfOpen: true, readable: true, writable: true });
  socket.pause();
  fd.release();
  return socket;
}
