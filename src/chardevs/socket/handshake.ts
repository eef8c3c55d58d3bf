// What happens between a connected socket and an OPENED chardev: TLS, then websocket, then telnet, in QEMU's order
// (QEMU: chardev/char-socket.c, tcp_chr_setup_connection). Without any of them the peer is ready at once.

import type { BackendHost, ObjectResolver } from '../backend.ts';
import type { SocketOptions } from '../options.ts';
import type { Peer } from './peer.ts';
import type { ByteStream } from './stream.ts';
import { TelnetStream } from './telnet.ts';
import { encrypt } from './tls.ts';
import { type Endpoint, tlsCredentials } from './tls-credentials.ts';
import { WebsocketStream } from './websocket.ts';

/** A peer that connects and then does not speak makes way for the next one after this time. */
const handshakeTimeoutMs = 10_000;

/** Resolves to the stream of the chardev's own bytes; rejects when the peer does not keep to the protocol. */
export type Handshake = (peer: Peer, host: BackendHost) => ByteStream | Promise<ByteStream>;

/** TLS and websocket only: what turns a connected peer into a stream of its own bytes. */
export type Layers = (peer: Peer) => Promise<ByteStream>;

/** The members that ask for layers; a qmp-server object has them, too. */
type LayerOptions = Pick<SocketOptions, 'tls-creds' | 'tls-authz' | 'websocket'>;

/** Undefined when none is asked for; throws a QmpError. `host`: for clients, whom the certificate must name. */
export function prepareLayers(
  options: LayerOptions,
  endpoint: Endpoint,
  host: string | undefined,
  objects: ObjectResolver,
): Layers | undefined {
  const { 'tls-creds': id, 'tls-authz': authz, websocket } = options;
  const credentials = id === undefined ? undefined : tlsCredentials(id, endpoint, objects);
  if (!credentials && !websocket) return undefined;
  return async (peer) => {
    // Ends the whole connection, so that whatever is being waited for is over.
    const timeout = setTimeout(() => peer.stream.destroy(), handshakeTimeoutMs);
    try {
      const stream = credentials ? await encrypt(peer, { credentials, host, authz, objects }) : peer.stream;
      return websocket ? await new WebsocketStream(stream).ready : stream;
    } finally {
      clearTimeout(timeout);
    }
  };
}

/** Checks what the options name; throws a QmpError. `belowTelnet`: a further layer, for peers that speak telnet. */
export function prepareHandshake(
  options: SocketOptions,
  objects: ObjectResolver,
  belowTelnet: (stream: ByteStream) => ByteStream = (stream) => stream,
): Handshake {
  const endpoint = (options.server ?? true) ? 'server' : 'client';
  const host = options.addr.type === 'inet' ? options.addr.data.host : undefined;
  const layers = prepareLayers(options, endpoint, host, objects);
  const telnet = options.telnet ? 'telnet' : options.tn3270 ? 'tn3270' : undefined;
  const withTelnet = (stream: ByteStream, above: BackendHost): ByteStream =>
    telnet ? new TelnetStream(belowTelnet(stream), telnet, above) : stream;
  if (!layers) return (peer, above) => withTelnet(peer.stream, above);
  return async (peer, above) => withTelnet(await layers(peer), above);
}
