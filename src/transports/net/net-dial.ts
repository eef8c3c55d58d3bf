// Waiting for a net.Socket to connect, with an AbortSignal.

import type { Socket } from 'node:net';
import { LocalError, messageOf } from '../../util/local-error.ts';

/** Throws a LocalError ERR_QMPD_CONNECT that names `address`, or the signal's reason; the socket is destroyed then. */
export function untilConnected(socket: Socket, address: string, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      socket.off('error', onError).off('connect', onConnect);
      signal?.removeEventListener('abort', onAbort);
    };
    const onAbort = (): void => {
      settle();
      socket.destroy();
      reject(signal?.reason);
    };
    const onError = (cause: unknown): void => {
      settle();
      const message = `cannot connect to ${address}: ${messageOf(cause)}`;
      reject(new LocalError('ERR_QMPD_CONNECT', message, { cause }));
    };
    const onConnect = (): void => {
      settle();
      resolve();
    };
    socket.once('error', onError).once('connect', onConnect);
    signal?.addEventListener('abort', onAbort);
  });
}
