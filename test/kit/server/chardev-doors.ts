// Monitors on chardevs other than plain sockets, or have a layer in between: doors like those of front-doors.ts.

import { once } from 'node:events';
import { constants, openSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { ReadStream } from 'node:tty';
import { terminal } from '../../../src/chardevs/ports/terminal.ts';
import { telnetClient, websocketClient } from '../clients/layered-client.ts';
import type { RawClient } from '../clients/raw-client.ts';
import { type DoorOptions, type FrontDoor, type OpenDoor, openDoor } from './front-doors.ts';

const key = '00112233445566778899aabbccddeeff';

type Dial = (port: number) => Promise<Duplex>;

/** Opens a monitor on a chardev `c` that is there already. */
async function addMonitor(administrator: RawClient, pretty: boolean): Promise<void> {
  await administrator.ask('object-add', { 'qom-type': 'monitor-qmp', id: 'door', chardev: 'c', pretty });
}

/** Of the only chardev that there is. */
async function filename(administrator: RawClient): Promise<string> {
  const [info] = (await administrator.ask('query-chardev')) as { filename: string }[];
  return info?.filename ?? '';
}

function tcpDoor(
  name: string,
  members: object,
  dial: Dial,
  prepare?: (door: Omit<OpenDoor, 'where'>) => Promise<void>,
): FrontDoor {
  return {
    name: `a monitor-qmp on a ${name} chardev`,
    open: async ({ pretty = false, ...options }: DoorOptions = {}) => {
      const door = await openDoor(options);
      await prepare?.(door);
      const { administrator } = door;
      const addr = { type: 'inet', data: { host: '127.0.0.1', port: '0' } };
      const data = { addr, server: true, wait: false, ...members };
      await administrator.ask('chardev-add', { id: 'c', backend: { type: 'socket', data } });
      await addMonitor(administrator, pretty);
      const port = Number(/:(\d+),server=on$/.exec(await filename(administrator))?.[1]);
      return { ...door, where: () => dial(port) };
    },
  };
}

async function tcp(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  await once(socket, 'connect');
  return socket;
}

async function tls(port: number): Promise<Duplex> {
  const socket = connectTls({
    socket: await tcp(port),
    ciphers: 'PSK',
    maxVersion: 'TLSv1.2',
    checkServerIdentity: () => undefined,
    pskCallback: () => ({ psk: Buffer.from(key, 'hex'), identity: 'qemu' }),
  });
  await once(socket, 'secureConnect');
  return socket;
}

async function addKeys({ server, administrator }: Omit<OpenDoor, 'where'>): Promise<void> {
  writeFileSync(`${server.directory}/keys.psk`, `qemu:${key}\n`);
  await administrator.ask('object-add', {
    'qom-type': 'tls-creds-psk',
    id: 'keys',
    dir: server.directory,
    endpoint: 'server',
  });
}

const ptyDoor: FrontDoor = {
  name: 'a monitor-qmp on a pty chardev',
  halfCloses: false,
  open: async ({ pretty = false, ...options }: DoorOptions = {}) => {
    const door = await openDoor(options);
    await door.administrator.ask('chardev-add', { id: 'c', backend: { type: 'pty', data: {} } });
    await addMonitor(door.administrator, pretty);
    const pty = (await filename(door.administrator)).replace('pty:', '');
    // A test file leads a session, which must not get this terminal as its own: it would end with it.
    const flags = constants.O_RDWR | constants.O_NOCTTY;
    return { ...door, where: async () => new ReadStream(openSync(pty, flags)) };
  },
};

export const chardevDoors: readonly FrontDoor[] = [
  tcpDoor('telnet', { telnet: true }, async (port) => telnetClient(await tcp(port))),
  tcpDoor('websocket', { websocket: true }, async (port) => websocketClient(await tcp(port))),
  tcpDoor('TLS', { 'tls-creds': 'keys' }, tls, addKeys),
  ...(terminal ? [ptyDoor] : []),
];
