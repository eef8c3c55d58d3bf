// The byte stream below a socket backend: the part of a transport's Connection that a chardev needs. TLS, websocket
// and telnet are layers with the same two sides.

import type { Connection, ConnectionHandler } from '../../qmp/connection.ts';

export type ByteStream = Pick<
  Connection,
  'bufferedBytes' | 'start' | 'write' | 'pause' | 'resume' | 'end' | 'destroy'
>;
export type ByteStreamHandler = ConnectionHandler;

/** Output that may wait for a slow peer; at the limit the frontend is told to wait. */
const waitingBytesMax = 64 * 1024;

/** Writes what the peer takes now, and the limit more; the number of bytes. `drain` follows when it was not all. */
export function writeUpTo(stream: ByteStream, bytes: Uint8Array): number {
  let written = 0;
  while (written < bytes.length) {
    const room = waitingBytesMax - stream.bufferedBytes;
    if (room <= 0) break;
    const part = bytes.subarray(written, written + room);
    stream.write(part);
    written += part.length;
  }
  return written;
}
