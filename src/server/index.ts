// The server: what src/cli starts and what tests drive.

import { QmpServer } from './server.ts';
import type { ServerOptions } from './server-options.ts';

export type { GivenChardev, GivenMonitor } from '../entrances/given-monitors.ts';
export { defaultRuntimeDirectory } from './runtime-directory.ts';
export { QmpServer } from './server.ts';
export type { ServerOptions } from './server-options.ts';
export { packageVersion } from './version.ts';

/** A server that listens; rejects with a LocalError that names the address that could not be used. */
export async function startServer(options: ServerOptions): Promise<QmpServer> {
  const server = new QmpServer(options);
  await server.start();
  return server;
}
