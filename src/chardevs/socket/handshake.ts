// What happens between a connected socket and an OPENED chardev: TLS, then websocket, then telnet, in QEMU's order
// (QEMU: chardev/char-socket.c, tcp_chr_setup_connection). Without any of them the peer is ready at once.

import type { BackendHost, ObjectResolver } from '../backend.ts';
import type { SocketOptions } from '../options.ts';
import type { Peer } from './peer.ts';
import type { ByteStream } from './stream.ts';
import { TelnetStream } from './telnet.ts';
import { encrypt, type TlsOptions } from './tls.ts';
import { tlsCredentials } from './tls-credentials.ts';
import { WebsocketStream } from './websocket.ts';

/** A peer that connects and then does not speak makes way for the next one after this time. */
const handshakeTimeoutMs = 10_000;

/** Resolves to the stream of the chardev's own bytes; rejects when the peer does not keep to the protocol. */
export type Handshake = (peer: Peer, host: BackendHost) => ByteStream | Promise<ByteStream>;

/** Checks what the options name; throws a QmpError. */
export function prepareHandshake(options: SocketOptions, objects: ObjectResolver): Handshake {
  const tls = tlsOptions(options, objects);
  const telnet = options.telnet ? 'telnet' : options.tn3270 ? 'tn3270' : undefined;
  const withTelnet = (stream: ByteStream, host: BackendHost): ByteStream =>
    telnet ? new TelnetStream(stream, telnet, host) : stream;
  if (!tls && !options.websocket) return (peer, host) => withTelnet(peer.stream, host);
  return async (peer, host) => {
    // Ends the whole connection, so that whatever is being waited for is over.
    const timeout = setTimeout(() => peer.stream.destroy(), handshakeTimeoutMs);
    try {
      let stream = tls ? await encrypt(peer, tls) : peer.stream;
      if (options.websocket) stream = await new WebsocketStream(stream).ready;
      return withTelnet(stream, host);
    } finally {
      clearTimeout(timeout);
    }
  };
}

function tlsOptions(options: SocketOptions, objects: ObjectResolver): TlsOptions | undefined {
  const id = options['tls-creds'];
  if (id === undefined) return undefined;
  const endpoint = (options.server ?? true) ? 'server' : 'client';
  return {
    credentials: tlsCredentials(id, endpoint, objects),
    host: options.addr.type === 'inet' ? options.addr.data.host : undefined,
    authz: options['tls-authz'],
    objects,
  };
}
