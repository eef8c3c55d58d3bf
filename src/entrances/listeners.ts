// The addresses on which sessions begin: those of the command line, and those of `qmp-server` objects.

import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import type { DescriptorSource } from '../machine/chardev.ts';
import type { Connection, Listener } from '../qmp/connection.ts';
import { QmpError } from '../qmp/error.ts';
import { type Address, formatAddress, formatTcp, parseAddress } from '../transports/address.ts';
import { LayeredConnection } from '../transports/layers/layered-connection.ts';
import { type Layers, prepareLayers } from '../transports/layers/layers.ts';
import type { ObjectResolver } from '../transports/layers/object-resolver.ts';
import { streamPeer } from '../transports/layers/peer.ts';
import { listen } from '../transports/open.ts';
import { messageOf } from '../util/local-error.ts';
import type { OwnedFd } from '../util/owned-fd.ts';
import type { SessionOwner } from './sessions.ts';

export type OpenSession = (connection: Connection, owner?: SessionOwner) => void;

interface ListenerOptions {
  /** The object that it belongs to. */
  readonly owner: SessionOwner;
  /** TLS or websocket, or both; undefined: plain bytes. */
  readonly protection: Protection | undefined;
}

/** What a peer has to go through before its session begins. */
interface Protection {
  readonly transport: 'tls' | 'websocket';
  readonly layers: Layers;
}

/** The peers of one listener that are in the middle of a handshake; how many there may be is up to the layers. */
interface Arrivals {
  readonly connections: Set<Connection>;
  removed: boolean;
}

export class Listeners {
  readonly #open: OpenSession;
  readonly #log: (message: string) => void;
  readonly #listeners: Map<Listener, Arrivals> = new Map();

  constructor(open: OpenSession, log: (message: string) => void) {
    this.#open = open;
    this.#log = log;
  }

  get addresses(): readonly string[] {
    return [...this.#listeners.keys()].map((listener) => listener.address);
  }

  /** Rejects with a LocalError that names the address. */
  async add(address: Address, options?: ListenerOptions): Promise<Listener> {
    const { owner, protection } = options ?? {};
    const arrivals: Arrivals = { connections: new Set(), removed: false };
    const listener = await listen(withMode(address), (connection) => {
      if (protection === undefined) this.#open(connection, owner);
      else void this.#admit(connection, owner, protection, arrivals);
    });
    this.#listeners.set(listener, arrivals);
    return listener;
  }

  /** For a `qmp-server` object; takes the place's descriptor over, also when it rejects, with a QmpError. */
  async addObject({ address, fd }: Place, options: ListenerOptions): Promise<Listener> {
    try {
      const listener = await this.add(address, options);
      fd?.release();
      return listener;
    } catch (thrown) {
      fd?.close();
      throw wrongAddress(thrown);
    }
  }

  /** Peers that have not come through their handshake go with the listener. */
  async remove(listener: Listener): Promise<void> {
    const arrivals = this.#listeners.get(listener);
    this.#listeners.delete(listener);
    if (arrivals !== undefined) {
      arrivals.removed = true;
      for (const connection of arrivals.connections) connection.destroy();
    }
    await listener.close();
  }

  async closeAll(): Promise<void> {
    for (const listener of [...this.#listeners.keys()]) await this.remove(listener);
  }

  async #admit(
    connection: Connection,
    owner: SessionOwner | undefined,
    { transport, layers }: Protection,
    arrivals: Arrivals,
  ): Promise<void> {
    arrivals.connections.add(connection);
    try {
      const stream = await layers(streamPeer(connection));
      if (arrivals.removed) stream.destroy();
      else this.#open(new LayeredConnection(connection, stream, transport), owner);
    } catch (thrown) {
      this.#log(`${connection.peer.address}: no session: ${messageOf(thrown)}`);
    } finally {
      arrivals.connections.delete(connection);
    }
  }
}

/** What a `qmp-server` object wants between the socket and its sessions. Throws a QmpError. */
export function protectionOf(properties: JsonObject, objects: ObjectResolver): Protection | undefined {
  const { 'tls-creds': credentials, 'tls-authz': authz, websocket, 'websocket-hosts': hosts } = properties;
  if (hosts !== undefined && websocket !== true) {
    throw new QmpError("Parameter 'websocket-hosts' needs 'websocket'");
  }
  if (typeof authz === 'string' && typeof credentials !== 'string') {
    throw new QmpError("Parameter 'tls-authz' needs 'tls-creds'");
  }
  const options = {
    ...(typeof credentials === 'string' ? { 'tls-creds': credentials } : {}),
    ...(typeof authz === 'string' ? { 'tls-authz': authz } : {}),
    websocket: websocket === true,
    'websocket-hosts': Array.isArray(hosts) ? hosts.map(String) : [],
  };
  const layers = prepareLayers(options, 'server', undefined, objects);
  return layers && { transport: websocket === true ? 'websocket' : 'tls', layers };
}

/** Where a `qmp-server` object is to listen. */
interface Place {
  readonly address: Address;
  /** The descriptor that the address is the number of; still the caller's. */
  readonly fd?: OwnedFd;
}

/**
 * The place that a `qmp-server` object names by a SocketAddress of the schema, file mode and group. A descriptor is one
 * that the session has named: a number would be any descriptor of this process. Throws a QmpError.
 */
export function placeOf(properties: JsonObject, fds: DescriptorSource): Place {
  const { addr, mode, group } = properties;
  if (!isJsonObject(addr)) throw new QmpError("Parameter 'addr' is missing");
  try {
    switch (addr.type) {
      case 'unix':
        return { address: unixAddress(addr, mode, group) };
      case 'inet':
        return { address: inetAddress(String(addr.host), String(addr.port)) };
      case 'fd':
        return fdPlace(String(addr.str), fds);
    }
  } catch (thrown) {
    throw wrongAddress(thrown);
  }
  throw new QmpError(
    `Parameter 'addr.type': a QMP server listens on 'unix', 'inet' or 'fd', not '${String(addr.type)}'`,
  );
}

function wrongAddress(thrown: unknown): QmpError {
  return new QmpError(`Parameter 'addr': ${messageOf(thrown)}`);
}

function inetAddress(host: string, port: string): Address {
  if (!/^[0-9]{1,5}$/.test(port)) throw new QmpError(`'port' expects a number up to 65535, not '${port}'`);
  return parseAddress(formatTcp(host, Number(port)));
}

function fdPlace(name: string, fds: DescriptorSource): Place {
  const fd = fds.take(name);
  if (fd === undefined) throw new QmpError(`File descriptor named '${name}' has not been found`);
  return { address: { kind: 'fd', fd: fd.fd }, fd };
}

/** Goes through the text form, which checks mode; a comma in the path is doubled there. */
function unixAddress(addr: JsonObject, mode: JsonValue | undefined, group: JsonValue | undefined): Address {
  const path = formatAddress({ kind: 'unix', path: String(addr.path), suboptions: {} });
  const modeOption = typeof mode === 'string' ? `,mode=${mode}` : '';
  const abstractOption = addr.abstract === true ? ',abstract=on' : '';
  const address = parseAddress(`${path}${modeOption}${abstractOption}`);
  return typeof group === 'string' && address.kind === 'unix' ? { ...address, group } : address;
}

/** Who reaches the socket is in command: without a mode, only the user, and the group if one is named. */
function withMode(address: Address): Address {
  if (address.kind !== 'unix' || address.mode !== undefined) return address;
  return { ...address, mode: address.group === undefined ? 0o600 : 0o660 };
}
