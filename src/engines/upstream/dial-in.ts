// QEMU dials us: we listen on a socket in the machine's runtime directory and QEMU connects, again and again when the
// connection breaks. A QEMU that listens itself can lock up for good when a client is quick.

import type { Connection, Listener } from '../../qmp/connection.ts';
import { QmpError } from '../../qmp/error.ts';
import { listenUnix } from '../../transports/unix/unix.ts';
import { strerror } from '../../util/strerror.ts';

const ownerOnly = 0o600;

/** Calls `accept` with each connection, which must start or destroy it. Rejects with a QmpError. */
export async function openDialIn(path: string, accept: (connection: Connection) => void): Promise<Listener> {
  try {
    return await listenUnix({ path, mode: ownerOnly }, accept);
  } catch (thrown) {
    throw new QmpError(`Cannot listen for QEMU: ${strerror(thrown)}`);
  }
}
