// The file name of a socket chardev, as query-chardev shows it with and without a peer
// (QEMU: chardev/char-socket.c, qemu_chr_socket_address and qemu_chr_compute_filename).

import type { ChardevSocket, SocketAddressLegacy } from '../../../schema/index.ts';
import type { Peer } from '../../../transports/layers/peer.ts';
import { describeAddress } from './address.ts';

function scheme(options: ChardevSocket): string {
  if (options.telnet) return 'telnet';
  return options.websocket ? 'websocket' : 'tcp';
}

function role(options: ChardevSocket): string {
  return (options.server ?? true) ? ',server=on' : '';
}

/** `address` is where a server really listens (a port of 0 is replaced by then). */
export function disconnectedName(options: ChardevSocket, address: SocketAddressLegacy): string {
  if (address.type === 'vsock') return `disconnected:vsock:${describeAddress(address)}`;
  const kind = address.type === 'inet' ? scheme(options) : address.type;
  return `disconnected:${kind}:${describeAddress(address)}${abstractness(address)}${role(options)}`;
}

function abstractness(address: SocketAddressLegacy): string {
  if (address.type !== 'unix' || !address.data.abstract) return '';
  return `,abstract=on${(address.data.tight ?? true) ? ',tight=on' : ''}`;
}

export function connectedName(options: ChardevSocket, address: SocketAddressLegacy, peer: Peer): string {
  if (peer.ends) return `${scheme(options)}:${peer.ends.local}${role(options)} <-> ${peer.ends.remote}`;
  if (address.type === 'vsock') return 'unknown';
  const path = address.type === 'unix' ? describeAddress(address) : '';
  return `unix:${path}${abstractness(address)}${role(options)}`;
}
