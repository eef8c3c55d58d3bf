// Stream sockets between a host and its guests (vsock(7)), through the addon: Node knows nothing of them. Only character
// devices use them; QMP has no address form for them.

import type { Connection, Listener } from '../qmp/connection.ts';
import {
  closeSocket,
  errnoName,
  interest,
  type NativeSockets,
  native,
  type SocketWatcher,
  socketRole,
  watch,
} from './unix/native.ts';
import { UnixConnection } from './unix/unix-connection.ts';
import { UnixListener } from './unix/unix-listener.ts';

/** Both are unsigned 32-bit numbers. */
export interface VsockAddress {
  readonly cid: number;
  readonly port: number;
}

/** Calls `onConnection` with each connection, which must start or destroy it. Or the name of the error, "EADDRINUSE". */
export function listenVsock(
  { cid, port }: VsockAddress,
  backlog: number,
  onConnection: (connection: Connection) => void,
): Listener | string {
  const addon = native;
  if (addon === undefined) return 'EAFNOSUPPORT';
  const fd = addon.bindVsock(cid, port);
  if (fd < 0) return errnoName(fd);
  const error = addon.listen(fd, backlog);
  if (error < 0) {
    closeSocket(addon, fd);
    return errnoName(error);
  }
  return new UnixListener(addon, fd, { transport: 'inherited', address: textOf(cid, port) }, onConnection);
}

/** The connection, not started, or the name of the error; ECANCELED after `signal`. */
export async function connectVsock(
  { cid, port }: VsockAddress,
  signal: AbortSignal,
): Promise<Connection | string> {
  const addon = native;
  if (addon === undefined) return 'EAFNOSUPPORT';
  const fd = addon.connectVsock(cid, port);
  if (fd < 0) return errnoName(fd);
  const error = await settled(addon, fd, signal);
  if (error === undefined) return new UnixConnection(addon, fd, 'inherited', textOf(cid, port));
  closeSocket(addon, fd);
  return error;
}

function textOf(cid: number, port: number): string {
  return `vsock:${cid}:${port}`;
}

/** Waits until the kernel has connected, or has given up. */
function settled(addon: NativeSockets, fd: number, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const settle = (error: string | undefined): void => {
      signal.removeEventListener('abort', abort);
      // Whoever starts the connection says what it waits for.
      addon.watch(fd, socketRole.stream, interest.none);
      resolve(error);
    };
    const abort = (): void => settle('ECANCELED');
    const watcher: SocketWatcher = {
      onEvent: () => {
        const error = addon.error(fd);
        settle(error < 0 ? errnoName(error) : undefined);
      },
    };
    const error = watch(addon, fd, socketRole.stream, watcher, interest.write);
    if (error < 0) resolve(errnoName(error));
    else if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
