// A server in the test's own process, on a socket and with a runtime directory of its own.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { QmpServer, type ServerOptions } from '../../../src/server/index.ts';

export interface TestServer extends AsyncDisposable {
  readonly server: QmpServer;
  readonly path: string;
  readonly directory: string;
}

/** For `qemuBinary`: the QEMU that is installed, if there is one. */
export const installedQemu = 'qemu-system-x86_64';

/** Without a QEMU unless the options name one, since asking a binary for its version takes longer than most tests. */
export async function startTestServer(options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const directory = await mkdtemp(path.join(tmpdir(), 'qmpd-test-'));
  const socket = path.join(directory, 'qmp.sock');
  const server = new QmpServer({
    listeners: [`unix:${socket}`],
    qemuBinary: '/nonexistent/qemu',
    runtimeDirectory: path.join(directory, 'run'),
    ...options,
  });
  await server.start().catch(async (thrown: unknown) => {
    await rm(directory, { recursive: true, force: true });
    throw thrown;
  });
  return {
    server,
    path: socket,
    directory,
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
