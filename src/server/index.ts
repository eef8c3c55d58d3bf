// The server: what src/cli starts and what tests drive.

import { QmpServer, type ServerOptions } from './server.ts';

export { defaultRuntimeDirectory } from './runtime-directory.ts';
export { QmpServer, type ServerOptions } from './server.ts';
export { packageVersion } from './version.ts';

/** A server that listens; rejects with a LocalError that names the address that could not be used. */
export async function startServer(options: ServerOptions): Promise<QmpServer> {
  const server = new QmpServer(options);
  await server.start();
  return server;
}
