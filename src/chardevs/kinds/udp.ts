// The `udp` backend: each piece of output is a datagram to one peer, and datagrams of that peer are input. There is no
// connection, so it is never OPENED (QEMU: chardev/char-udp.c).

import { createSocket, type Socket } from 'node:dgram';
import type { MemberWords } from '../../machine/chardev-words.ts';
import { QmpError } from '../../qmp/error.ts';
import type { ChardevUdp, InetSocketAddress, SocketAddressLegacy } from '../../schema/index.ts';
import { strerror } from '../../util/strerror.ts';
import type { Backend, BackendHost } from '../backend.ts';
import type { ChardevKind } from '../kind.ts';
import { demand } from '../words.ts';
import { type ResolvedInet, resolveInet } from './socket/address.ts';
import { legacyAddress } from './socket/words.ts';

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

async function resolve(address: SocketAddressLegacy, purpose: 'active' | 'passive'): Promise<ResolvedInet> {
  const inet = inetOf(address);
  if (purpose === 'active' && inet.port === '') throw new QmpError('remote port not specified');
  const host = inet.host === '' && purpose === 'active' ? 'localhost' : inet.host;
  const [first] = await resolveInet({ ...inet, host }, purpose, 'udp');
  if (!first) throw new QmpError(`address resolution failed for ${host}:${inet.port}`);
  return first;
}

async function openUdp(host: BackendHost, options: ChardevUdp): Promise<Backend> {
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

/** The remote address; without a host it is this one. */
const remoteWords: MemberWords<SocketAddressLegacy> = {
  words: { host: 'string', port: 'string', ipv4: 'boolean', ipv6: 'boolean' },
  read: ({ host = 'localhost', port, ipv4, ipv6 }) => legacyAddress('inet', { host, port, ipv4, ipv6 }),
  write: (address) => {
    const { host, port, ipv4, ipv6 } = inetOf(address);
    return { host, port, ipv4, ipv6 };
  },
  check: (words) => demand(words, 'port', 'udp: remote port not specified'),
};

const localWords: MemberWords<SocketAddressLegacy> = {
  words: { localaddr: 'string', localport: 'string' },
  read: ({ localaddr, localport }) => {
    if (localaddr === undefined && localport === undefined) return undefined;
    return legacyAddress('inet', { host: localaddr ?? '', port: localport ?? '0' });
  },
  write: (address) => {
    if (address === undefined) return {};
    const { host, port } = inetOf(address);
    return { localaddr: host, localport: port };
  },
};

function inetOf(address: SocketAddressLegacy | undefined): InetSocketAddress {
  if (address?.type === 'inet') return address.data;
  throw new QmpError('socket type unsupported for datagram');
}

export const udpKind: ChardevKind<'udp'> = {
  type: 'udp',
  livesIn: 'both',
  words: { remote: remoteWords, local: localWords },
  example: 'host=127.0.0.1,port=9,localaddr=127.0.0.1,localport=0',
  notes: '',
  open: openUdp,
};
