// The members of QEMU's ChardevBackend as they are on the wire (QEMU: qapi/char.json, qapi/sockets.json), after the
// schema's validator has seen them. Integers are `number` when safe, `bigint` beyond.

import type { JsonInteger } from '../json/value.ts';

export interface CommonOptions {
  readonly logfile?: string;
  readonly logappend?: boolean;
  /** Only `console` has these two: the size at which a log file is put aside, and how many old ones are kept. */
  readonly 'log-size'?: JsonInteger;
  readonly 'log-keep'?: number;
}

export interface InetAddress {
  readonly host: string;
  readonly port: string;
  readonly numeric?: boolean;
  readonly to?: number;
  readonly ipv4?: boolean;
  readonly ipv6?: boolean;
  readonly 'keep-alive'?: boolean;
  readonly mptcp?: boolean;
}

/** QEMU's SocketAddressLegacy. */
export type SocketAddress =
  | { readonly type: 'inet'; readonly data: InetAddress }
  | {
      readonly type: 'unix';
      readonly data: { readonly path: string; readonly abstract?: boolean; readonly tight?: boolean };
    }
  | { readonly type: 'vsock'; readonly data: { readonly cid: string; readonly port: string } }
  | { readonly type: 'fd'; readonly data: { readonly str: string } };

export interface SocketOptions extends CommonOptions {
  readonly addr: SocketAddress;
  readonly 'tls-creds'?: string;
  readonly 'tls-authz'?: string;
  readonly server?: boolean;
  readonly wait?: boolean;
  readonly nodelay?: boolean;
  readonly telnet?: boolean;
  readonly tn3270?: boolean;
  readonly websocket?: boolean;
  readonly 'websocket-hosts'?: readonly string[];
  readonly reconnect?: JsonInteger;
  readonly 'reconnect-ms'?: JsonInteger;
}

export interface FileOptions extends CommonOptions {
  readonly in?: string;
  readonly out: string;
  readonly append?: boolean;
}

export interface HostDeviceOptions extends CommonOptions {
  readonly device: string;
}

export interface RingbufOptions extends CommonOptions {
  readonly size?: JsonInteger;
}

export interface UdpOptions extends CommonOptions {
  readonly remote: SocketAddress;
  readonly local?: SocketAddress;
}

export interface PtyOptions extends CommonOptions {
  readonly path?: string;
}

export interface StdioOptions extends CommonOptions {
  readonly signal?: boolean;
}

export interface HubOptions extends CommonOptions {
  readonly chardevs: readonly string[];
}

/** The backend `console`, which is ours. */
export interface ConsoleOptions extends CommonOptions {
  readonly addr?: SocketAddress;
  readonly 'tls-creds'?: string;
  readonly 'tls-authz'?: string;
  readonly telnet?: boolean;
  readonly websocket?: boolean;
  readonly 'websocket-hosts'?: readonly string[];
  /** Bytes. */
  readonly scrollback?: JsonInteger;
  readonly writers?: 'none' | 'one' | 'many';
}
