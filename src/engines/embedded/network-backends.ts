// What a network card is connected to. Both backends carry whole Ethernet frames: datagrams one each, streams with
// their length before them (4 bytes, big-endian). A network may lose frames, and at its limits this one does.

import { createSocket } from 'node:dgram';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { QmpError } from '../../qmp/error.ts';
import { strerror } from '../../util/strerror.ts';
import type { NetworkAddress, NetworkBackendPlan } from './network.ts';

/** Ethernet with a VLAN tag, and room for offloads that a peer may have on. */
const frameBytesMax = 65_536 + 18;
/** Output that a peer does not take; more is dropped. */
const backlogBytesMax = 1024 * 1024;
const lengthBytes = 4;

export interface NetworkBackend {
  send(frame: Uint8Array): void;
  close(): void;
}

/** Rejects with a QmpError that names the netdev. */
export async function openNetworkBackend(
  plan: NetworkBackendPlan,
  receive: (frame: Uint8Array) => void,
): Promise<NetworkBackend> {
  try {
    return await (plan.kind === 'stream' ? openStream(plan, receive) : openDatagram(plan, receive));
  } catch (thrown) {
    throw new QmpError(`netdev '${plan.id}': ${strerror(thrown)}`);
  }
}

async function openDatagram(
  { local, remote }: Extract<NetworkBackendPlan, { kind: 'dgram' }>,
  receive: (frame: Uint8Array) => void,
): Promise<NetworkBackend> {
  const socket = createSocket(remote.host.includes(':') ? 'udp6' : 'udp4');
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(local?.port ?? 0, local?.host, resolve);
  });
  // A peer that is not there yet answers with errors, which are its matter.
  socket.on('error', () => undefined);
  socket.on('message', (frame) => receive(frame));
  return {
    send: (frame) => {
      if (socket.getSendQueueSize() < backlogBytesMax)
        socket.send(frame, remote.port, remote.host, () => undefined);
    },
    close: () => {
      socket.close();
    },
  };
}

async function openStream(
  { address, server }: Extract<NetworkBackendPlan, { kind: 'stream' }>,
  receive: (frame: Uint8Array) => void,
): Promise<NetworkBackend> {
  const stream = new FrameStream(receive);
  if (!server) {
    stream.use(await connected(address));
    return stream;
  }
  const listener = createServer((socket) => stream.use(socket));
  await listening(listener, address);
  return {
    send: (frame) => stream.send(frame),
    close: () => {
      listener.close();
      stream.close();
    },
  };
}

function connected(address: NetworkAddress): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(address.type === 'unix' ? { path: address.path } : address);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

function listening(listener: Server, address: NetworkAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(address.type === 'unix' ? { path: address.path } : address, resolve);
  });
}

/** Frames over one socket at a time; a server's next peer takes the place of the one that left. */
class FrameStream implements NetworkBackend {
  readonly #receive: (frame: Uint8Array) => void;
  #socket: Socket | undefined;
  #rest: Buffer = Buffer.alloc(0);

  constructor(receive: (frame: Uint8Array) => void) {
    this.#receive = receive;
  }

  use(socket: Socket): void {
    if (this.#socket !== undefined) {
      socket.destroy();
      return;
    }
    this.#socket = socket;
    this.#rest = Buffer.alloc(0);
    socket.on('data', (bytes) => this.#data(socket, Buffer.from(bytes)));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.#socket === socket) this.#socket = undefined;
    });
  }

  send(frame: Uint8Array): void {
    const socket = this.#socket;
    if (socket === undefined || socket.writableLength > backlogBytesMax) return;
    const header = Buffer.alloc(lengthBytes);
    header.writeUInt32BE(frame.length);
    socket.cork();
    socket.write(header);
    socket.write(frame);
    socket.uncork();
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #data(socket: Socket, bytes: Buffer): void {
    let data = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    while (data.length >= lengthBytes) {
      const length = data.readUInt32BE(0);
      if (length > frameBytesMax) {
        // The peer does not speak this protocol: nothing that follows can be understood.
        socket.destroy();
        return;
      }
      if (data.length < lengthBytes + length) break;
      this.#receive(data.subarray(lengthBytes, lengthBytes + length));
      data = data.subarray(lengthBytes + length);
    }
    this.#rest = data;
  }
}
