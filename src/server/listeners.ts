// The addresses on which sessions begin: those of the command line, and those of `qmp-server` objects.

import { isJsonObject, type JsonObject } from '../json/value.ts';
import { QmpError } from '../qmp/error.ts';
import { type Address, parseAddress } from '../transports/address.ts';
import type { Connection, Listener } from '../transports/connection.ts';
import { listen } from '../transports/open.ts';
import { messageOf } from '../util/local-error.ts';

export type OpenSession = (connection: Connection, server?: string) => void;

export class Listeners {
  readonly #open: OpenSession;
  readonly #listeners: Set<Listener> = new Set();

  constructor(open: OpenSession) {
    this.#open = open;
  }

  get addresses(): readonly string[] {
    return [...this.#listeners].map((listener) => listener.address);
  }

  /** Rejects with a LocalError that names the address. */
  async add(address: Address, server?: string): Promise<Listener> {
    const listener = await listen(address, (connection) => this.#open(connection, server));
    this.#listeners.add(listener);
    return listener;
  }

  async remove(listener: Listener): Promise<void> {
    this.#listeners.delete(listener);
    await listener.close();
  }

  async closeAll(): Promise<void> {
    for (const listener of [...this.#listeners]) await this.remove(listener);
  }
}

/** The address of a `qmp-server` object: a SocketAddress of the schema, with the object's file mode and group. */
export function addressOf(properties: JsonObject): Address {
  const { addr, mode, group } = properties;
  if (!isJsonObject(addr)) throw new QmpError("Parameter 'addr' is missing");
  const permissions = `${typeof mode === 'string' ? `,mode=${mode}` : ''}${typeof group === 'string' ? `,group=${group}` : ''}`;
  try {
    switch (addr.type) {
      case 'unix':
        return parseAddress(`unix:${String(addr.path)}${permissions}`);
      case 'inet':
        return parseAddress(`tcp:${String(addr.host)}:${String(addr.port)}`);
      case 'fd':
        return parseAddress(`fd:${String(addr.str)}`);
    }
  } catch (thrown) {
    throw new QmpError(`Parameter 'addr': ${messageOf(thrown)}`);
  }
  throw new QmpError(
    `Parameter 'addr.type': a QMP server listens on 'unix', 'inet' or 'fd', not '${String(addr.type)}'`,
  );
}
