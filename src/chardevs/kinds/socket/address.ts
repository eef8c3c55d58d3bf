// Socket addresses: from QEMU's options to what Node takes, and to the texts of file names and errors
// (QEMU: util/qemu-sockets.c).

import { promises as dns, type LookupAddress } from 'node:dns';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { QmpError } from '../../../qmp/error.ts';
import type { InetSocketAddress, SocketAddressLegacy } from '../../../schema/index.ts';
import type { VsockAddress } from '../../../transports/vsock.ts';
import { strerror } from '../../../util/strerror.ts';

/** sizeof(sun_path), with the byte that ends it. */
const unixPathBytesMax = 107;

export interface ResolvedInet {
  readonly host: string;
  readonly family: 4 | 6;
  readonly port: number;
}

/** As query-chardev and connection errors name it: "tcp:127.0.0.1:4444" without the scheme, or a path. */
export function describeAddress(address: SocketAddressLegacy): string {
  switch (address.type) {
    case 'inet':
      return `${address.data.host}:${address.data.port}`;
    case 'unix':
      return address.data.path;
    case 'vsock':
      return `${address.data.cid}:${address.data.port}`;
    case 'fd':
      return address.data.str;
  }
}

/**
 * The path as the transports take it: "@" begins an abstract name, so a file of such a name is given as "./@". An
 * abstract name that is not tight is filled up with zeroes.
 */
export function unixPath(data: { path: string; abstract?: boolean; tight?: boolean }): string {
  const length = Buffer.byteLength(data.path);
  if (length > unixPathBytesMax - (data.abstract ? 1 : 0)) {
    throw new QmpError(`UNIX socket path '${data.path}' is too long`);
  }
  if (data.abstract) {
    const zeroes = data.tight === false ? unixPathBytesMax - length : 0;
    return `@${data.path}${'\0'.repeat(zeroes)}`;
  }
  return data.path.startsWith('@') ? `./${data.path}` : data.path;
}

/** Throws a QmpError for anything but a number of 32 bits. */
export function vsockAddress({ cid, port }: { readonly cid: string; readonly port: string }): VsockAddress {
  return { cid: unsigned('cid', cid), port: unsigned('port', port) };
}

function unsigned(name: string, text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value < 2 ** 32) return value;
  throw new QmpError(`Failed to parse ${name} '${text}'`);
}

/** Resolves names of hosts and services; `purpose` passive is for binding, where an empty host means all. */
export async function resolveInet(
  address: InetSocketAddress,
  purpose: 'passive' | 'active',
  socketType: 'tcp' | 'udp',
): Promise<readonly ResolvedInet[]> {
  if (address.mptcp)
    throw new QmpError('multipath TCP is not supported by qmpd: Node has no way to ask for it');
  const port = await resolvePort(address, socketType);
  const family = wantedFamily(address);
  const hosts = await lookupHosts(address, purpose, family);
  return hosts.map(({ address: host, family: found }) => ({ host, family: found === 6 ? 6 : 4, port }));
}

function failed(address: InetSocketAddress, why: string): QmpError {
  return new QmpError(`address resolution failed for ${address.host}:${address.port}: ${why}`);
}

/** QEMU's table of ipv4 and ipv6 (inet_ai_family_from_address): both or none given means either. */
function wantedFamily(address: InetSocketAddress): 0 | 4 | 6 {
  const { ipv4, ipv6 } = address;
  if (ipv4 === false && ipv6 === false) throw new QmpError('Cannot disable IPv4 and IPv6 at same time');
  if (ipv6 === true && ipv4 === true) return 0;
  if (ipv6 === true || ipv4 === false) return 6;
  return ipv4 === true || ipv6 === false ? 4 : 0;
}

async function lookupHosts(
  address: InetSocketAddress,
  purpose: 'passive' | 'active',
  family: 0 | 4 | 6,
): Promise<LookupAddress[]> {
  if (address.host === '') {
    const any = purpose === 'passive';
    if (family === 6) return [{ address: any ? '::' : '::1', family: 6 }];
    return [{ address: any ? '0.0.0.0' : '127.0.0.1', family: 4 }];
  }
  const literal = isIP(address.host);
  if (literal !== 0 && family !== 0 && literal !== family) {
    throw failed(address, 'Address family for hostname not supported');
  }
  if (literal === 0 && address.numeric) throw failed(address, 'Name or service not known');
  try {
    return await dns.lookup(address.host, { all: true, family, verbatim: true });
  } catch (error) {
    throw failed(address, lookupText(error));
  }
}

function lookupText(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOTFOUND') return 'Name or service not known';
  if (code === 'EAI_AGAIN') return 'Temporary failure in name resolution';
  return strerror(error);
}

async function resolvePort(address: InetSocketAddress, socketType: 'tcp' | 'udp'): Promise<number> {
  const { port } = address;
  if (port === '') return 0;
  // As getaddrinfo does: a number is cut to 16 bits, anything else is a service.
  if (/^\d+$/.test(port)) return Number(BigInt(port) & 0xffffn);
  if (address.numeric) throw failed(address, 'Name or service not known');
  const services = await readFile('/etc/services', 'utf8').catch(() => '');
  for (const line of services.split('\n')) {
    const [name, where, ...aliases] = line.replace(/#.*/, '').split(/\s+/);
    const [number, type] = where?.split('/') ?? [];
    if (type === socketType && (name === port || aliases.includes(port))) return Number(number);
  }
  throw failed(address, 'Servname not supported for ai_socktype');
}
