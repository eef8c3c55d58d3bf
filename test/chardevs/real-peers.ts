// Programs and libraries of others as peers of the serial port: telnet, openssl and the package ws. socat is among the
// other conversations.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { certificates } from '../kit/chardevs/certificates.ts';
import { Peer } from '../kit/clients/peer.ts';
import { type Conversation, tcpServer } from './serial-port.ts';
import { addCredentials } from './tls-conversations.ts';

interface Program {
  readonly peer: Peer;
  readonly child: ChildProcess;
  end(): Promise<void>;
}

function start(command: string, args: readonly string[]): Program {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(child, 'exit');
  const peer = new Peer(Duplex.from({ readable: child.stdout, writable: child.stdin }));
  const end = async (): Promise<void> => {
    child.kill();
    await ended;
  };
  return { peer, child, end };
}

const key = '00112233445566778899aabbccddeeff';

export const realPeers: readonly Conversation[] = [
  {
    name: 'the telnet program negotiates and talks',
    needs: 'telnet',
    talk: async (side) => {
      const { host, port } = await tcpServer(side, { telnet: true });
      const { peer, end } = start('telnet', ['-E', host, String(port)]);
      await peer.receiveUntil("Escape character is 'off'.\n");
      const transcript: unknown[] = [await peer.send('over telnet').receive(11)];
      await end();
      return transcript;
    },
  },
  {
    name: 'openssl s_client talks through TLS with a certificate',
    needs: 'openssl',
    since: 10,
    talk: async (side) => {
      const { directory } = await certificates();
      const credentials = await addCredentials(side, 'tls-creds-x509', {
        dir: directory,
        endpoint: 'server',
      });
      const { host, port } = await tcpServer(side, { 'tls-creds': credentials });
      const file = (name: string): string => path.join(directory, name);
      const { peer, end } = start('openssl', [
        ...['s_client', '-connect', `${host}:${port}`, '-quiet', '-verify_return_error'],
        ...['-verify_hostname', 'localhost', '-CAfile', file('ca-cert.pem')],
        ...['-cert', file('client-cert.pem'), '-key', file('client-key.pem')],
      ]);
      const transcript = [await peer.send('over openssl').receive(12)];
      await end();
      return transcript;
    },
  },
  {
    name: 'openssl s_client talks through TLS with a pre-shared key',
    needs: 'openssl',
    since: 10,
    talk: async (side) => {
      await writeFile(path.join(side.directory, 'keys.psk'), `qemu:${key}\n`);
      const credentials = await addCredentials(side, 'tls-creds-psk', {
        dir: side.directory,
        endpoint: 'server',
      });
      const { host, port } = await tcpServer(side, { 'tls-creds': credentials });
      const { peer, end } = start('openssl', [
        ...['s_client', '-connect', `${host}:${port}`, '-quiet', '-tls1_2'],
        ...['-cipher', 'PSK', '-psk_identity', 'qemu', '-psk', key],
      ]);
      const transcript = [await peer.send('over a key').receive(10)];
      await end();
      return transcript;
    },
  },
  {
    name: 'the package ws talks, pings, sends in pieces, and says goodbye',
    since: 10,
    talk: async (side) => {
      const { host, port } = await tcpServer(side, { websocket: true });
      const socket = new WebSocket(`ws://${host}:${port}/`, ['binary']);
      let received = '';
      let wake = (): void => {};
      socket.on('message', (data: Buffer) => {
        received += data.toString('latin1');
        wake();
      });
      const receivedAll = async (text: string): Promise<string> => {
        while (received.length < text.length) await new Promise<void>((resolve) => (wake = resolve));
        return received;
      };
      await once(socket, 'open');
      const transcript: unknown[] = [socket.protocol];
      socket.send(Buffer.from('whole, '));
      await receivedAll('whole, ');
      socket.send(Buffer.from('in '), { fin: false });
      socket.send(Buffer.from('pieces'), { fin: true });
      transcript.push(await receivedAll('whole, in pieces'));
      const pong = once(socket, 'pong');
      socket.ping('are you there');
      transcript.push(String((await pong)[0]));
      const closed = once(socket, 'close');
      socket.close(1000);
      transcript.push((await closed)[0]);
      return transcript;
    },
  },
];
