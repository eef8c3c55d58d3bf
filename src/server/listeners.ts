// The addresses on which sessions begin: those of the command line, and those of `qmp-server` objects.

import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { QmpError } from '../qmp/error.ts';
import { type Address, formatAddress, formatTcp, parseAddress } from '../transports/address.ts';
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
    const listener = await listen(withMode(address), (connection) => this.#open(connection, server));
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
  try {
    switch (addr.type) {
      case 'unix':
        return unixAddress(addr, mode, group);
      case 'inet':
        return parseAddress(formatTcp(String(addr.host), Number(addr.port)));
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
