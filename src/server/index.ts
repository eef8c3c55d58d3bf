// The server: what src/cli starts and what tests drive.

export { QmpServer, type ServerOptions } from './server.ts';
