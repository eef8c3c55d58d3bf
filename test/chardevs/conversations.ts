// What a peer of a serial port sees, whatever is behind: conversations that run on QEMU and on ours, each giving a
// transcript to compare. The guest echoes what it reads and shows a break as "#".

import { execFile, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { constants, openSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import path from 'node:path';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { ReadStream } from 'node:tty';
import { promisify } from 'node:util';
import { certificates } from '../kit/chardevs/certificates.ts';
import type { Side } from '../kit/chardevs/sides.ts';
import { websocketFrame } from '../kit/clients/layered-client.ts';
import { dial, Peer, PeerListener } from '../kit/clients/peer.ts';
import {
  become,
  type Conversation,
  type Data,
  filename,
  maskedFilename,
  tcpServer,
  unixAddress,
  unixServer,
} from './serial-port.ts';

const run = promisify(execFile);

/** Reads a file again and again until it is as long as wanted. */
async function fileOf(name: string, bytes: number): Promise<string> {
  for (;;) {
    const content = await readFile(name, 'latin1').catch(() => '');
    if (content.length >= bytes) return content;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const websocketRequest = (headers: readonly string[]): string =>
  ['GET / HTTP/1.1', 'Host: localhost', ...headers, '', ''].join('\r\n');
const websocketHeaders = [
  'Upgrade: websocket',
  'Connection: keep-alive, Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Protocol: binary, other',
];

function maskedFrame(code: number, text: string): Uint8Array {
  return websocketFrame(code, Buffer.from(text, 'latin1'));
}

/** Payloads of the server's frames until there are so many bytes. */
async function framedBytes(peer: Peer, count: number): Promise<string> {
  let bytes = '';
  while (bytes.length < count) {
    const head = await peer.receive(2);
    if (head === '') throw new Error(`the stream ended after '${bytes}'`);
    bytes += await peer.receive(head.charCodeAt(1) & 0x7f);
  }
  return bytes;
}

export const conversations: readonly Conversation[] = [
  {
    name: 'a unix server echoes, ends with its peer, and serves the next one',
    talk: async (side) => {
      const address = await unixServer(side);
      const first = await dial(address);
      const transcript: unknown[] = [await first.send('hello').receive(5), await maskedFilename(side)];
      const second = await dial(address);
      second.send('second');
      transcript.push(await first.send('more').receive(4));
      first.end();
      transcript.push(await first.receiveToEnd());
      transcript.push(await second.receive(6));
      second.close();
      return transcript;
    },
  },
  {
    name: 'every byte value gets through',
    talk: async (side) => {
      const peer = await dial(await unixServer(side));
      const all = Uint8Array.from({ length: 256 }, (_, index) => index);
      const echoed = await peer.send(all).receive(256);
      peer.close();
      return [echoed];
    },
  },
  {
    name: 'a break is seen between the bytes around it',
    talk: async (side) => {
      const peer = await dial(await unixServer(side));
      const transcript: unknown[] = [await peer.send('a').receive(1)];
      transcript.push(await side.run('chardev-send-break', { id: 'serial' }));
      transcript.push(await peer.receive(1), await peer.send('b').receive(1));
      peer.close();
      return transcript;
    },
  },
  {
    name: 'a client connects at once, and again after its server came back',
    talk: async (side) => {
      const listener = await PeerListener.listen(path.join(side.directory, 'l'));
      await become(side, 'socket', { addr: unixAddress(side, 'l'), server: false, reconnect: 1 });
      const transcript: unknown[] = [];
      for (const text of ['one', 'two']) {
        const peer = await listener.next();
        transcript.push(await peer.send(text).receive(3));
        peer.close();
      }
      listener.close();
      return transcript;
    },
  },
  {
    name: 'telnet: options first, commands taken out, a break',
    talk: async (side) => {
      const peer = await dial(await tcpServer(side, { telnet: true }));
      const transcript: unknown[] = [await peer.receive(12), await maskedFilename(side)];
      const IAC = 255;
      // One after another: a serial port forgets a break when the next byte comes.
      transcript.push(await peer.send(Uint8Array.of(0x61, IAC, IAC, 0x62)).receive(3));
      transcript.push(await peer.send(Uint8Array.of(IAC, 243)).receive(1));
      peer.send(Uint8Array.of(0x63, IAC, 251, 1, 0x64, IAC, 241, 0x65, 0x66, 0x67));
      transcript.push(await peer.receive(4));
      peer.close();
      return transcript;
    },
  },
  {
    name: 'telnet: garbage in the negotiation',
    talk: async (side) => {
      const peer = await dial(await tcpServer(side, { telnet: true }));
      const transcript: unknown[] = [await peer.receive(12)];
      const garbage = [255, 250, 24, 1, 255, 240, 255, 0, 0, 255, 254, 255, 255, 255, 0x7a];
      transcript.push(await peer.send(Uint8Array.from([...garbage, 0x7a])).receiveUntil('zz'));
      peer.close();
      return transcript;
    },
  },
  {
    name: '3270 terminals: their own options',
    talk: async (side) => {
      const peer = await dial(await tcpServer(side, { tn3270: true }));
      const greeting = await peer.receive(21);
      const IAC = 255;
      peer.send(Uint8Array.of(0x61, IAC, 241, 0x63, IAC, IAC, 0x64));
      const transcript = [greeting, await maskedFilename(side), await peer.receive(4)];
      peer.close();
      return transcript;
    },
  },
  {
    name: 'websocket: upgrade, frames, ping, close',
    // 7.2 itself stops after the first byte when a serial port takes them one at a time.
    since: 10,
    talk: async (side) => {
      const peer = await dial(await tcpServer(side, { websocket: true }));
      peer.send(websocketRequest(websocketHeaders));
      const answer = await peer.receiveUntil('\r\n\r\n');
      const headers = answer.split('\r\n').filter((line) => !/^(Server|Date):/.test(line));
      const transcript: unknown[] = [headers.sort(), await maskedFilename(side)];
      peer.send(maskedFrame(0x82, 'hello'));
      transcript.push(await framedBytes(peer, 5));
      transcript.push(await framedBytes(peer.send(maskedFrame(0x89, 'ping')), 4));
      transcript.push(await peer.send(maskedFrame(0x88, '')).receiveToEnd());
      return transcript;
    },
  },
  {
    name: 'websocket: a message in two frames',
    // 7.2 takes the second one for something else.
    since: 10,
    talk: async (side) => {
      const peer = await dial(await tcpServer(side, { websocket: true }));
      await peer.send(websocketRequest(websocketHeaders)).receiveUntil('\r\n\r\n');
      peer.send(maskedFrame(0x02, 'ab')).send(maskedFrame(0x80, 'cd'));
      const transcript = [await framedBytes(peer, 4)];
      peer.close();
      return transcript;
    },
  },
  ...[
    websocketRequest(websocketHeaders.map((header) => header.replace('binary', 'text'))),
    websocketRequest(websocketHeaders.map((header) => header.replace('13', '8'))),
    websocketRequest(websocketHeaders.filter((header) => !header.includes('Key'))),
    'hello\r\n\r\n',
    websocketRequest(websocketHeaders).replace('GET /', 'GET /any'),
    websocketRequest(websocketHeaders).replace('GET', 'POST'),
    websocketRequest(websocketHeaders).replace('1.1', '1.0'),
    websocketRequest(websocketHeaders).replace('Upgrade: websocket', 'Upgrade: h2c'),
    websocketRequest(websocketHeaders).replace('keep-alive, Upgrade', 'keep-alive'),
    websocketRequest(websocketHeaders).replace('dGhl', ''),
    websocketRequest(websocketHeaders).replace('Host: localhost', 'Any: thing'),
    `GET / HTTP/1.1\r\nLong: ${'x'.repeat(5000)}`,
  ].map((request, index) => ({
    name: `websocket: a bad request is refused (${index})`,
    talk: async (side: Side): Promise<unknown[]> => {
      const peer = await dial(await tcpServer(side, { websocket: true }));
      const answer = await peer.send(request).receiveToEnd();
      return [answer.slice(0, 'HTTP/1.1 400'.length), await maskedFilename(side)];
    },
  })),
  {
    name: 'websocket: a text frame ends it',
    talk: async (side) => {
      const peer = await dial(await tcpServer(side, { websocket: true }));
      peer.send(websocketRequest(websocketHeaders));
      await peer.receiveUntil('\r\n\r\n');
      peer.send(maskedFrame(0x81, 'text'));
      return [await peer.receiveToEnd(), await maskedFilename(side)];
    },
  },
  {
    name: 'TLS: a client with a certificate is served, one without is not',
    // As with websockets, 7.2 itself stops after the first byte.
    since: 10,
    talk: async (side) => {
      const { directory, ca, clientCert, clientKey } = await certificates();
      await side.run('object-add', {
        'qom-type': 'tls-creds-x509',
        id: 'tls',
        dir: directory,
        endpoint: 'server',
      });
      const address = await tcpServer(side, { 'tls-creds': 'tls' });
      const stranger = new Peer(connectTls({ ...address, ca, servername: 'localhost' }));
      const transcript: unknown[] = [await stranger.receiveToEnd()];
      const guest = connectTls({ ...address, ca, servername: 'localhost', cert: clientCert, key: clientKey });
      const peer = new Peer(guest);
      transcript.push(await peer.send('secret').receive(6), await maskedFilename(side));
      peer.close();
      return transcript;
    },
  },
  {
    name: 'socat talks through a unix socket',
    talk: async (side) => {
      const address = await unixServer(side);
      const socat = spawn('socat', ['-', `UNIX-CONNECT:${address}`]);
      const peer = new Peer(Duplex.from({ readable: socat.stdout, writable: socat.stdin }));
      const transcript = [await peer.send('over socat').receive(10)];
      peer.end();
      await once(socat, 'exit');
      return transcript;
    },
  },
  {
    name: 'a pty is found and echoes, also for the second one who opens it',
    talk: async (side) => {
      const { pty } = (await become(side, 'pty', {})) as { pty: string };
      const transcript: unknown[] = [(await filename(side)) === `pty:${pty}`];
      for (const text of ['one', 'two\r\n']) {
        // A test file leads a session of its own, whose terminal this must not become: its end would be the file's.
        const peer = new Peer(new ReadStream(openSync(pty, constants.O_RDWR | constants.O_NOCTTY)));
        // Until QEMU has found out that somebody is there, the guest's output is lost.
        transcript.push((await peer.send(text).receive(text.length)) === text);
        const closed = once(peer.stream, 'close');
        peer.close();
        await closed;
      }
      return transcript;
    },
  },
  {
    name: 'a pipe of two FIFOs',
    talk: async (side) => {
      const fifo = path.join(side.directory, 'fifo');
      await run('mkfifo', [`${fifo}.in`, `${fifo}.out`]);
      await become(side, 'pipe', { device: fifo });
      const reader = new Peer(
        new Socket({ fd: openSync(`${fifo}.out`, 'r'), readable: true, writable: false }),
      );
      writeFileSync(`${fifo}.in`, 'through the pipe');
      const transcript = [await reader.receive(16), await maskedFilename(side)];
      reader.close();
      return transcript;
    },
  },
  {
    name: 'a file in, a file out, and a log',
    talk: async (side) => {
      const [input = '', output = '', log = ''] = ['in', 'out', 'log'].map((name) =>
        path.join(side.directory, name),
      );
      writeFileSync(input, 'from a file');
      await become(side, 'file', { in: input, out: output, logfile: log });
      return [await fileOf(output, 11), await fileOf(log, 11)];
    },
  },
  {
    name: 'a log and a file are appended to when that is asked for',
    talk: async (side) => {
      const [output = '', log = ''] = ['out', 'log'].map((name) => path.join(side.directory, name));
      writeFileSync(output, 'before,');
      writeFileSync(log, 'before,');
      const input = path.join(side.directory, 'in');
      writeFileSync(input, 'after');
      await become(side, 'file', { in: input, out: output, append: true, logfile: log, logappend: true });
      return [await fileOf(output, 12), await fileOf(log, 12)];
    },
  },
  {
    name: 'datagrams both ways',
    talk: async (side) => {
      const socket = createSocket('udp4');
      await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
      const probe = createSocket('udp4');
      await new Promise<void>((resolve) => probe.bind(0, '127.0.0.1', resolve));
      const { port } = probe.address();
      await new Promise<void>((resolve) => probe.close(() => resolve()));
      const inet = (number: number): Data => ({
        type: 'inet',
        data: { host: '127.0.0.1', port: String(number) },
      });
      await become(side, 'udp', { remote: inet(socket.address().port), local: inet(port) });
      socket.send('abc', port, '127.0.0.1');
      let received = '';
      while (received.length < 3) received += String((await once(socket, 'message'))[0]);
      await new Promise<void>((resolve) => socket.close(() => resolve()));
      return [received, await maskedFilename(side)];
    },
  },
  {
    name: 'hot swap: the old peer gets its end, the new one is served',
    talk: async (side) => {
      const old = await dial(await unixServer(side));
      const transcript: unknown[] = [await old.send('old').receive(3)];
      await become(side, 'socket', { addr: unixAddress(side, 'new'), wait: false });
      transcript.push(await old.receiveToEnd());
      const young = await dial(path.join(side.directory, 'new'));
      transcript.push(await young.send('new').receive(3), await maskedFilename(side));
      young.close();
      return transcript;
    },
  },
];
