// TLS, then websocket, over a connected peer: the same for socket chardevs and for addresses of QMP servers.

import { Handshakes } from './handshakes.ts';
import type { ObjectResolver } from './object-resolver.ts';
import type { Peer } from './peer.ts';
import type { ByteStream } from './stream.ts';
import { encrypt } from './tls.ts';
import { type Endpoint, tlsCredentials } from './tls-credentials.ts';
import { WebsocketStream } from './websocket.ts';

/** TLS and websocket only: what turns a connected peer into a stream of its own bytes. */
export type Layers = (peer: Peer) => Promise<ByteStream>;

/** The members that ask for layers; a qmp-server object has them, too. */
export interface LayerOptions {
  readonly 'tls-creds'?: string;
  readonly 'tls-authz'?: string;
  readonly websocket?: boolean;
  /** Names that browsers may know a websocket server by, and sites that may send them there. */
  readonly 'websocket-hosts'?: readonly string[];
}

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
  const hosts = options['websocket-hosts'] ?? [];
  const handshakes = new Handshakes();
  return async (peer) => {
    const done = handshakes.begin(peer);
    try {
      const stream = credentials ? await encrypt(peer, { credentials, host, authz, objects }) : peer.stream;
      return websocket ? await new WebsocketStream(stream, hosts).ready : stream;
    } catch (error) {
      // Not at once: it may still be told why.
      peer.stream.end();
      throw error;
    } finally {
      done();
    }
  };
}
