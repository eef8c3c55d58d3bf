// Conversations through TLS with each kind of credentials, in both roles, and who is admitted. All of them want QEMU 10:
// 7.2 itself stops after the first byte when a serial port takes them one at a time.

import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { AddressInfo, Socket } from 'node:net';
import path from 'node:path';
import { type ConnectionOptions, connect, createServer, type TlsOptions } from 'node:tls';
import { certificates } from '../kit/chardevs/certificates.ts';
import type { Side } from '../kit/chardevs/sides.ts';
import { dial, Peer } from '../kit/clients/peer.ts';
import { become, type Conversation, type Data, tcpServer } from './serial-port.ts';

let objects = 0;

async function addObject(side: Side, type: string, properties: Data): Promise<string> {
  objects += 1;
  const id = `o${objects}`;
  const reply = await side.run('object-add', { 'qom-type': type, id, ...properties });
  if ('error' in reply) throw new Error(`${side.name}: ${reply.error}`);
  return id;
}

/** The id of a new object. */
export async function addCredentials(side: Side, type: string, properties: Data): Promise<string> {
  return await addObject(side, type, properties);
}

const key = '00112233445566778899aabbccddeeff';

async function addKeys(side: Side, endpoint: string, more: Data = {}): Promise<string> {
  await writeFile(path.join(side.directory, 'keys.psk'), `qemu:${key}\nfred:${key}\n`);
  return await addCredentials(side, 'tls-creds-psk', { dir: side.directory, endpoint, ...more });
}

async function addCertificates(side: Side, endpoint: string, more: Data = {}): Promise<string> {
  const { directory } = await certificates();
  return await addCredentials(side, 'tls-creds-x509', { dir: directory, endpoint, ...more });
}

/** What the guest echoes to a TLS client; nothing when it is turned away. */
async function echoTo(address: { port: number; host: string }, options: ConnectionOptions): Promise<string> {
  const socket = connect({ ...address, servername: 'localhost', ...options });
  const peer = new Peer(socket);
  const echo = await peer.send('secret').receive(6);
  peer.close();
  return echo;
}

function keyClient(hex: string, identity: string = 'qemu'): ConnectionOptions {
  return {
    ciphers: 'PSK',
    maxVersion: 'TLSv1.2',
    checkServerIdentity: () => undefined,
    pskCallback: () => ({ psk: Buffer.from(hex, 'hex'), identity }),
  };
}

const anonymous: ConnectionOptions & TlsOptions = {
  ciphers: 'aNULL:@SECLEVEL=0',
  maxVersion: 'TLSv1.2',
  checkServerIdentity: () => undefined,
  rejectUnauthorized: false,
};

async function certifiedClient(): Promise<ConnectionOptions> {
  const { ca, clientCert, clientKey } = await certificates();
  return { ca, cert: clientCert, key: clientKey };
}

const clientName = 'O=Organisation,CN=client';

/** Each authz object with what it says of the client; QEMU makes none with a file over QMP (its QOM type has another name). */
const gates: readonly (readonly [string, string, (side: Side) => Promise<Data> | Data])[] = [
  ['a simple one that names the client', 'authz-simple', () => ({ identity: clientName })],
  ['a simple one that names another', 'authz-simple', () => ({ identity: 'CN=other' })],
  [
    'a list with a pattern that fits',
    'authz-list',
    () => ({ policy: 'deny', rules: [{ match: '*,CN=cl*', format: 'glob', policy: 'allow' }] }),
  ],
  [
    'a list that turns this one away',
    'authz-list',
    () => ({ policy: 'allow', rules: [{ match: clientName, policy: 'deny', format: 'exact' }] }),
  ],
];

/** The serial port as a TLS client; what the guest echoes to the server, nothing when the handshake fails. */
async function asClient(side: Side, credentials: string, host: string, options: TlsOptions): Promise<string> {
  const server = createServer(options).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const arrived = once(server, 'secureConnection').then(([socket]) => new Peer(socket as Socket));
  const failed = once(server, 'tlsClientError').then(() => undefined);
  const port = String((server.address() as AddressInfo).port);
  const addr = { type: 'inet', data: { host, port, ipv4: true } };
  try {
    await become(side, 'socket', { addr, server: false, 'tls-creds': credentials });
    const peer = await Promise.race([arrived, failed]);
    const echo = (await peer?.send('secret').receive(6)) ?? '';
    peer?.close();
    return echo;
  } finally {
    server.close();
  }
}

async function serverOptions(): Promise<TlsOptions> {
  const { ca, serverCert, serverKey } = await certificates();
  return { ca, cert: serverCert, key: serverKey, requestCert: true, rejectUnauthorized: true };
}

export const tlsConversations: readonly Conversation[] = [
  {
    name: 'TLS: a pre-shared key opens the door, another one does not',
    since: 10,
    talk: async (side) => {
      const address = await tcpServer(side, { 'tls-creds': await addKeys(side, 'server') });
      const wrong = key.replace('0', 'f');
      return [await echoTo(address, keyClient(wrong)), await echoTo(address, keyClient(key, 'fred'))];
    },
  },
  {
    name: 'TLS: without any proof, for who wants it so',
    since: 10,
    talk: async (side) => {
      const credentials = await addCredentials(side, 'tls-creds-anon', { endpoint: 'server' });
      return [await echoTo(await tcpServer(side, { 'tls-creds': credentials }), anonymous)];
    },
  },
  {
    name: 'TLS: a client without a certificate is served when none is asked for',
    since: 10,
    talk: async (side) => {
      const credentials = await addCertificates(side, 'server', { 'verify-peer': false });
      const { ca } = await certificates();
      return [await echoTo(await tcpServer(side, { 'tls-creds': credentials }), { ca })];
    },
  },
  ...gates.map(
    ([what, type, properties]): Conversation => ({
      name: `TLS: who is admitted is said by ${what}`,
      since: 10,
      talk: async (side) => {
        const authz = await addObject(side, type, await properties(side));
        const credentials = await addCertificates(side, 'server');
        const address = await tcpServer(side, { 'tls-creds': credentials, 'tls-authz': authz });
        return [await echoTo(address, await certifiedClient())];
      },
    }),
  ),
  ...['localhost', '127.0.0.1'].map(
    (host): Conversation => ({
      name: `TLS: as a client of ${host}, with a certificate`,
      since: 10,
      talk: async (side) => [
        await asClient(side, await addCertificates(side, 'client'), host, await serverOptions()),
      ],
    }),
  ),
  {
    name: 'TLS: as a client with a key',
    since: 10,
    talk: async (side) => {
      const pskCallback = (): Buffer => Buffer.from(key, 'hex');
      const options: TlsOptions = { ciphers: 'PSK', maxVersion: 'TLSv1.2', pskCallback };
      return [
        await asClient(side, await addKeys(side, 'client', { username: 'fred' }), '127.0.0.1', options),
      ];
    },
  },
  {
    name: 'TLS: half a handshake, and the next one is served',
    since: 10,
    talk: async (side) => {
      const address = await tcpServer(side, { 'tls-creds': await addCertificates(side, 'server') });
      const half = await dial(address);
      half.send(Uint8Array.of(0x16, 0x03, 0x01, 0x02, 0x00, 0x01));
      half.end();
      await half.receiveToEnd();
      const plain = await dial(address);
      const answer = await plain.send('GET / HTTP/1.1\r\n\r\n').receiveToEnd();
      return [answer.includes('HTTP'), await echoTo(address, await certifiedClient())];
    },
  },
];
