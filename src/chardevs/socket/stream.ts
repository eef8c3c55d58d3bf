// The byte stream below a socket backend: the part of a transport's Connection that a chardev needs. TLS, websocket
// and telnet are layers with the same two sides.

import type { Connection, ConnectionHandler } from '../../transports/connection.ts';

export type ByteStream = Pick<
  Connection,
  'bufferedBytes' | 'start' | 'write' | 'pause' | 'resume' | 'end' | 'destroy'
>;
export type ByteStreamHandler = ConnectionHandler;
