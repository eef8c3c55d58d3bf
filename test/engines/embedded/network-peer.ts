// Another host on the machine's network: it listens on a unix socket for a `stream` netdev, and answers who it is
// (ARP, RFC 826) and that it is there (ICMP echo, RFC 792).

import { createServer, type Server, type Socket } from 'node:net';

const arpType = 0x0806;
const ipType = 0x0800;
const echoReply = 0;
const echoRequest = 8;
const icmpProtocol = 1;

export class NetworkPeer {
  readonly address: readonly number[] = [10, 0, 2, 2];
  readonly #mac: readonly number[] = [0x52, 0x55, 10, 0, 2, 2];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Source addresses of the frames that came. */
  readonly seen: Set<string> = new Set();

  constructor(path: string) {
    this.#server = createServer((socket) => this.#accept(socket)).listen(path);
  }

  close(): void {
    for (const socket of this.#sockets) socket.end();
    this.#server.close();
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    let data = Buffer.alloc(0);
    socket.on('data', (bytes) => {
      data = Buffer.concat([data, Buffer.from(bytes)]);
      while (data.length >= 4 && data.length >= 4 + data.readUInt32BE(0)) {
        const length = data.readUInt32BE(0);
        const answer = this.#answer(Buffer.from(data.subarray(4, 4 + length)));
        data = data.subarray(4 + length);
        if (answer === undefined) continue;
        const header = Buffer.alloc(4);
        header.writeUInt32BE(answer.length);
        socket.write(Buffer.concat([header, answer]));
      }
    });
  }

  #answer(frame: Buffer): Buffer | undefined {
    const sender = frame.subarray(6, 12);
    this.seen.add(sender.toString('hex'));
    const toSender = Buffer.concat([sender, Buffer.from(this.#mac)]);
    const type = frame.readUInt16BE(12);
    if (type === arpType && frame.subarray(38, 42).equals(Buffer.from(this.address))) {
      const reply = Buffer.concat([
        frame.subarray(12, 20),
        Buffer.from([0, 2]),
        Buffer.from(this.#mac),
        Buffer.from(this.address),
        frame.subarray(22, 32),
      ]);
      return Buffer.concat([toSender, reply]);
    }
    const icmp = 14 + (frame.readUInt8(14) & 15) * 4;
    if (type !== ipType || frame.readUInt8(23) !== icmpProtocol || frame.readUInt8(icmp) !== echoRequest) {
      return undefined;
    }
    const reply = Buffer.from(frame);
    toSender.copy(reply, 0);
    frame.copy(reply, 26, 30, 34);
    frame.copy(reply, 30, 26, 30);
    reply.writeUInt8(echoReply, icmp);
    // The type is 8 less, so the sum, which is kept in ones' complement, is 0x800 more.
    const sum = frame.readUInt16BE(icmp + 2) + (echoRequest << 8);
    reply.writeUInt16BE((sum & 0xffff) + (sum >> 16), icmp + 2);
    return reply;
  }
}
