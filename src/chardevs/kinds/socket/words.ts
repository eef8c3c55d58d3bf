// A socket address, and all that a socket chardev has, as words of the command line (QEMU: chardev/char-socket.c,
// qemu_chr_parse_socket). Defaults differ there from those of chardev-add: both sides are spelled out.

import { type JsonObject, jsonObject } from '../../../json/value.ts';
import { type MemberWords, truth, type Words } from '../../../machine/chardev-words.ts';
import { QmpError } from '../../../qmp/error.ts';
import type { SocketAddressLegacy } from '../../../schema/index.ts';
import type { ChardevWords } from '../../kind.ts';
import { listWord, numberWord, textWord, truthWord } from '../../words.ts';

/** A unix socket by its path, a descriptor, or else TCP. */
export const addressWords: MemberWords<SocketAddressLegacy> = {
  words: {
    path: 'string',
    abstract: 'boolean',
    tight: 'boolean',
    host: 'string',
    port: 'string',
    to: 'number',
    ipv4: 'boolean',
    ipv6: 'boolean',
    fd: 'string',
  },
  read: ({ path, abstract, tight, fd, host, port, to, ipv4, ipv6 }) => {
    if (path !== undefined) return legacyAddress('unix', { path, abstract, tight });
    if (fd !== undefined) return legacyAddress('fd', { str: fd });
    return legacyAddress('inet', { host: host ?? '', port, to, ipv4, ipv6 });
  },
  write: (address) => {
    switch (address?.type) {
      case undefined:
        return {};
      case 'unix': {
        const { path, abstract, tight } = address.data;
        return { path, abstract, tight };
      }
      case 'inet': {
        const { host, port, to, ipv4, ipv6 } = address.data;
        return { host, port, to, ipv4, ipv6 };
      }
      case 'fd':
        return { fd: address.data.str };
      default:
        throw new QmpError(
          `A chardev's socket address of type '${address?.type}' cannot be used before creation`,
        );
    }
  },
};

export function legacyAddress(type: string, data: Words): JsonObject {
  const present = jsonObject();
  for (const [key, value] of Object.entries(data)) if (value !== undefined) present[key] = value;
  return jsonObject({ type, data: present });
}

export const socketWords: ChardevWords<'socket'> = {
  addr: { ...addressWords, check: checkWords },
  server: {
    ...truthWord('server'),
    // Absent is off on the command line, and on in chardev-add.
    read: ({ server }) => truth(server) ?? false,
    write: (server) => ({ server: server !== false }),
  },
  wait: {
    ...truthWord('wait'),
    // Waiting would stop the whole of QEMU until somebody connects.
    write: (wait, { server }) => ({ wait: server === false ? wait : false }),
  },
  nodelay: {
    words: { nodelay: 'boolean', delay: 'boolean' },
    read: ({ nodelay, delay }) => nodelay ?? (truth(delay) === false ? true : undefined),
    write: (nodelay) => ({ nodelay }),
  },
  telnet: truthWord('telnet'),
  tn3270: truthWord('tn3270'),
  websocket: truthWord('websocket'),
  'websocket-hosts': {
    ...listWord('websocket-hosts'),
    write: (hosts) => {
      if (hosts === undefined) return {};
      throw new QmpError("Parameter 'websocket-hosts' is only for sockets of qmpd: QEMU lets every page in");
    },
  },
  reconnect: numberWord('reconnect'),
  'reconnect-ms': numberWord('reconnect-ms'),
  'tls-creds': textWord('tls-creds'),
  'tls-authz': textWord('tls-authz'),
};

/** In QEMU's order. */
function checkWords({ path, fd, host, port, delay, nodelay }: JsonObject): void {
  const places = [path, fd, host].filter((place) => place !== undefined).length;
  if (places > 1) throw new QmpError("None or one of 'path', 'fd' or 'host' option required.");
  if (delay !== undefined && nodelay !== undefined) {
    throw new QmpError("'delay' and 'nodelay' are mutually exclusive");
  }
  if (host !== undefined && port === undefined) throw new QmpError('chardev: socket: no port given');
  const number = fd ?? (places === 0 && port === undefined ? '' : undefined);
  if (number !== undefined && !/^\d+$/.test(String(number))) {
    throw new QmpError(`Unable to parse FD number ${String(number)}`);
  }
}
