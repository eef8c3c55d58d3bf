// The kinds of QMP server, each as a way to start one: what is true of a session is true of all of them.

import path from 'node:path';
import { RawClient, type Where } from '../clients/raw-client.ts';
import { startTestServer, type TestServer } from './test-server.ts';

export interface OpenDoor extends AsyncDisposable {
  readonly server: TestServer;
  /** Where a RawClient connects to. */
  readonly where: Where;
  /** A session of the command line's server, which stays. */
  readonly administrator: RawClient;
}

export interface DoorOptions {
  readonly pretty?: boolean;
  readonly qemuBinary?: string;
}

export interface FrontDoor {
  readonly name: string;
  /** Clients can end their side and go on reading; true unless said. */
  readonly halfCloses?: false;
  open(options?: DoorOptions): Promise<OpenDoor>;
}

/** The server, to which a door can be added. */
export async function openDoor(options: DoorOptions): Promise<Omit<OpenDoor, 'where'>> {
  const server = await startTestServer(options);
  // An indented administrator could not be read line by line, and has nothing to do then.
  const administrator = await (options.pretty
    ? RawClient.connect(server.path)
    : RawClient.negotiated(server.path));
  return { server, administrator, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** The port of the server's newest TCP listener. */
export function newestPort(server: TestServer): number {
  const address = server.server.addresses.at(-1) ?? '';
  return Number(/^tcp:.*:(\d+)$/.exec(address)?.[1]);
}

export const frontDoors: readonly FrontDoor[] = [
  {
    name: 'a listener of the command line',
    open: async (options = {}) => {
      const door = await openDoor(options);
      return { ...door, where: door.server.path };
    },
  },
  {
    name: 'a qmp-server on TCP',
    open: async ({ pretty = false, ...options } = {}) => {
      const door = await openDoor(options);
      const addr = { type: 'inet', host: '127.0.0.1', port: '0' };
      await door.administrator.ask('object-add', { 'qom-type': 'qmp-server', id: 'door', addr, pretty });
      return { ...door, where: newestPort(door.server) };
    },
  },
  {
    name: 'a monitor-qmp on a socket chardev',
    open: async ({ pretty = false, ...options } = {}) => {
      const door = await openDoor(options);
      const where = path.join(door.server.directory, 'monitor.sock');
      const data = { addr: { type: 'unix', data: { path: where } }, server: true, wait: false };
      await door.administrator.ask('chardev-add', { id: 'c', backend: { type: 'socket', data } });
      await door.administrator.ask('object-add', {
        'qom-type': 'monitor-qmp',
        id: 'door',
        chardev: 'c',
        pretty,
      });
      return { ...door, where };
    },
  },
];
