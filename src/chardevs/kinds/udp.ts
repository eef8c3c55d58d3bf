// The `udp` backend: each piece of output is a datagram to one peer, and datagrams of that peer are input. There is no
// connection, so it is never OPENED (QEMU: chardev/char-udp.c).

import { createSocket, type Socket } from 'node:dgram';
import { QmpError } from '../../qmp/error.ts';
import { strerror } from '../../util/strerror.ts';
import type { Backend, BackendHost, BackendKind } from '../backend.ts';
import type { SocketAddress, UdpOptions } from '../options.ts';
import { type ResolvedInet, resolveInet } from './socket/address.ts';

/** Input that may wait for the frontend; datagrams beyond are lost, as the network loses them. */
const waitingBytesMax = 256 * 1024;
/** The largest payload of a datagram; longer output goes out in several. */
const datagramBytesMax = 65_507;

class UdpBackend implements Backend {
  readonly filename = 'udp';
  readonly #socket: Socket;
  readonly #host: BackendHost;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;

  constructor(socket: Socket, host: BackendHost) {
    this.#socket = socket;
    this.#host = host;
    socket.on('message', (bytes) => this.#receive(bytes));
    // Nobody at the other end: output is lost until somebody is.
    socket.on('error', () => {});
  }

  #receive(bytes: Uint8Array): void {
    if (this.#waitingBytes + bytes.length > waitingBytesMax) return;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.resumeInput();
  }

  resumeInput(): void {
    while (this.#host.wantsInput) {
      const bytes = this.#waiting.shift();
      if (!bytes) return;
      this.#waitingBytes -= bytes.length;
      this.#host.receive(bytes);
    }
  }

  write(bytes: Uint8Array): number {
    for (let at = 0; at < bytes.length; at += datagramBytesMax) {
      this.#socket.send(bytes.subarray(at, at + datagramBytesMax));
    }
    return bytes.length;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(resolve));
  }
}

async function resolve(address: SocketAddress, purpose: 'active' | 'passive'): Promise<ResolvedInet> {
  if (address.type !== 'inet') throw new QmpError('socket type unsupported for datagram');
  if (purpose === 'active' && address.data.port === '') throw new QmpError('remote port not specified');
  const host = address.data.host === '' && purpose === 'active' ? 'localhost' : address.data.host;
  const [first] = await resolveInet({ ...address.data, host }, purpose, 'udp');
  if (!first) throw new QmpError(`address resolution failed for ${host}:${address.data.port}`);
  return first;
}

async function openUdp(host: BackendHost, options: UdpOptions): Promise<Backend> {
  const remote = await resolve(options.remote, 'active');
  const local = options.local && (await resolve(options.local, 'passive'));
  const socket = createSocket({ type: remote.family === 6 ? 'udp6' : 'udp4', reuseAddr: true });
  try {
    await new Promise<void>((done, fail) => {
      socket.once('error', fail);
      socket.bind({ port: local?.port ?? 0, ...(local ? { address: local.host } : {}) }, done);
    });
    await new Promise<void>((done, fail) => {
      socket.connect(remote.port, remote.host, (error?: Error) => (error ? fail(error) : done()));
    });
  } catch (error) {
    socket.close();
    throw new QmpError(`Failed to bind socket: ${strerror(error)}`);
  }
  return new UdpBackend(socket, host);
}

export const udpKind: BackendKind<UdpOptions> = { open: openUdp };
