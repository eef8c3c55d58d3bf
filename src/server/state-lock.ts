// One process for one state directory: whoever holds the lock. It is a listening socket in the abstract namespace, which
// the kernel gives back the moment that its process dies, however it dies.

import { mkdir, realpath } from 'node:fs/promises';
import { createServer } from 'node:net';
import { LocalError } from '../util/local-error.ts';
import { strerror } from '../util/strerror.ts';

export interface StateLock {
  close(): Promise<void>;
}

/** Makes the directory if need be, mode 0700. Rejects with a LocalError when another process holds it. */
export async function lockState(directory: string): Promise<StateLock> {
  const path = await makeDirectory(directory);
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const text =
        cause.code === 'EADDRINUSE' ? 'another qmpd uses it' : `it cannot be locked: ${cause.message}`;
      reject(
        new LocalError('ERR_QMPD_STATE_DIRECTORY', `state directory '${directory}': ${text}`, { cause }),
      );
    });
    server.listen(`\0qmpd-state:${path}`, resolve);
  });
  server.unref();
  return { close: () => new Promise((resolve) => server.close(() => resolve())) };
}

async function makeDirectory(directory: string): Promise<string> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return await realpath(directory);
  } catch (cause) {
    const text = `state directory '${directory}' cannot be made: ${strerror(cause)}; --state names another, or 'none'`;
    throw new LocalError('ERR_QMPD_STATE_DIRECTORY', text, { cause });
  }
}
