// Sharing a QMP socket that somebody else serves.

import { type AttachedServer, attach } from '../engines/qemu/attached-machine.ts';
import { parseAddress } from '../transports/address.ts';
import { connect } from '../transports/open.ts';
import { systemClock } from './system-clock.ts';

/** Connects and negotiates; rejects with a LocalError that names the address. */
export async function attachTo(address: string, log: (message: string) => void): Promise<AttachedServer> {
  const connection = await connect(parseAddress(address));
  return await attach(connection, address, systemClock, log);
}
