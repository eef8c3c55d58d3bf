// TLS between a socket and a chardev, as server or client (QEMU: io/channel-tls.c, crypto/tlssession.c).

import { isIP } from 'node:net';
import {
  type ConnectionOptions,
  connect,
  createServer,
  type TLSSocket,
  type TlsOptions as TlsServerOptions,
} from 'node:tls';
import { DuplexStream } from './duplex.ts';
import type { ObjectResolver } from './object-resolver.ts';
import type { Peer } from './peer.ts';
import type { ByteStream } from './stream.ts';
import type { TlsCredentials } from './tls-credentials.ts';

export interface TlsOptions {
  readonly credentials: TlsCredentials;
  /** For clients: the name that the server's certificate must be for. */
  readonly host: string | undefined;
  /** Id of the authz object that is asked about a client's certificate. */
  readonly authz: string | undefined;
  readonly objects: ObjectResolver;
}

/** Resolves when the handshake is done and the peer is admitted; rejects otherwise. */
export async function encrypt(peer: Peer, options: TlsOptions): Promise<ByteStream> {
  const socket = await (options.credentials.endpoint === 'server'
    ? serve(peer, options)
    : dial(peer, options));
  const { authz, objects } = options;
  if (authz !== undefined && !objects.authorize?.(authz, distinguishedName(socket))) {
    const name = distinguishedName(socket);
    socket.destroy();
    const who = name === '' ? 'a peer without a certificate' : `'${name}'`;
    throw new Error(`${who} is not admitted by '${authz}'`);
  }
  return new DuplexStream(socket);
}

function serve(peer: Peer, { credentials }: TlsOptions): Promise<TLSSocket> {
  const verify = 'ca' in credentials.options && credentials.verifyPeer;
  return new Promise((resolve, reject) => {
    const server = createServer({
      ...(credentials.options as TlsServerOptions),
      requestCert: verify,
      rejectUnauthorized: verify,
    });
    server.once('secureConnection', (socket) => {
      socket.allowHalfOpen = true;
      resolve(socket);
    });
    server.once('tlsClientError', reject);
    const duplex = peer.duplex();
    // A peer that ends its side in the handshake has gone; TLS takes this over from below.
    duplex.allowHalfOpen = false;
    server.emit('connection', duplex);
  });
}

function dial(peer: Peer, { credentials, host }: TlsOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const wanted: ConnectionOptions = {
      ...(credentials.options as ConnectionOptions),
      socket: peer.duplex(),
      rejectUnauthorized: 'ca' in credentials.options && credentials.verifyPeer,
    };
    const name = host === undefined ? { checkServerIdentity } : { host, servername: nameOnly(host) };
    const socket = connect({ ...wanted, ...name });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the peer went away')));
    socket.once('secureConnect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

/** A unix socket has no host name to check; the certificate itself is checked. */
function checkServerIdentity(): undefined {
  return undefined;
}

/** Server names are never addresses (RFC 6066). */
function nameOnly(host: string): string {
  return isIP(host) ? '' : host;
}

/** The subject of the peer's certificate in the certificate's own order, as QEMU has it: "O=organisation,CN=name". */
function distinguishedName(socket: TLSSocket): string {
  const subject = socket.getPeerX509Certificate()?.subject ?? '';
  return subject.replaceAll('\n', ',');
}
