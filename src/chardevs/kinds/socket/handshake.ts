// What happens between a connected socket and an OPENED chardev: TLS, then websocket, then telnet, in QEMU's order
// (QEMU: chardev/char-socket.c, tcp_chr_setup_connection). Without any of them the peer is ready at once.

import type { ChardevSocket } from '../../../schema/index.ts';
import { prepareLayers } from '../../../transports/layers/layers.ts';
import type { ObjectResolver } from '../../../transports/layers/object-resolver.ts';
import type { Peer } from '../../../transports/layers/peer.ts';
import type { ByteStream } from '../../../transports/layers/stream.ts';
import { TelnetStream } from '../../../transports/layers/telnet.ts';
import type { BackendHost } from '../../backend.ts';

/** Resolves to the stream of the chardev's own bytes; rejects when the peer does not keep to the protocol. */
export type Handshake = (peer: Peer, host: BackendHost) => ByteStream | Promise<ByteStream>;

/** Checks what the options name; throws a QmpError. `belowTelnet`: a further layer, for peers that speak telnet. */
export function prepareHandshake(
  options: ChardevSocket,
  objects: ObjectResolver,
  belowTelnet: (stream: ByteStream) => ByteStream = (stream) => stream,
): Handshake {
  const endpoint = (options.server ?? true) ? 'server' : 'client';
  const host = options.addr.type === 'inet' ? options.addr.data.host : undefined;
  const layers = prepareLayers(options, endpoint, host, objects);
  const telnet = options.telnet ? 'telnet' : options.tn3270 ? 'tn3270' : undefined;
  const withTelnet = (stream: ByteStream, above: BackendHost): ByteStream =>
    telnet ? new TelnetStream(belowTelnet(stream), telnet, () => above.event('BREAK')) : stream;
  if (!layers) return (peer, above) => withTelnet(peer.stream, above);
  return async (peer, above) => withTelnet(await layers(peer), above);
}
