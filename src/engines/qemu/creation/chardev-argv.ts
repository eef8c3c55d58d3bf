// A declared chardev as QEMU's `-chardev` argument. QEMU refuses chardev-add before the machine exists, and -chardev
// takes no JSON, so the members of chardev-add are renamed to the command line's (QEMU: chardev/char*.c, the
// qemu_chr_parse_* functions against qapi/char.json). Defaults differ between the two: where chardev-add's are other
// than the command line's they are spelled out.

import { isJsonObject, type JsonObject, type JsonValue } from '../../../json/value.ts';
import { isWellFormedId } from '../../../machine/identifier.ts';
import { QmpError } from '../../../qmp/error.ts';
import { pairTexts } from '../options/words.ts';

type Members = Record<string, JsonValue | undefined>;

/** Members that every backend has under the same name in both forms. */
const common: readonly string[] = ['logfile', 'logappend'];

/** For each backend type how its own members are called on the command line. */
const backends: Readonly<Record<string, (data: JsonObject) => Members>> = {
  null: () => ({}),
  msmouse: () => ({}),
  wctablet: () => ({}),
  testdev: () => ({}),
  braille: () => ({}),
  pty: (data) => ({ path: data.path }),
  stdio: (data) => ({ signal: data.signal }),
  console: () => ({}),
  file: (data) => ({ path: data.out, 'input-path': data.in, append: data.append }),
  pipe: (data) => ({ path: data.device }),
  serial: (data) => ({ path: data.device }),
  parallel: (data) => ({ path: data.device }),
  ringbuf: (data) => ({ size: data.size }),
  memory: (data) => ({ size: data.size }),
  mux: (data) => ({ chardev: data.chardev }),
  hub: (data) => ({ chardevs: data.chardevs }),
  vc: ({ width, height, cols, rows }) => ({ width, height, cols, rows }),
  spicevmc: (data) => ({ name: data.type }),
  spiceport: (data) => ({ name: data.fqdn }),
  dbus: (data) => ({ name: data.name }),
  'qemu-vdagent': ({ mouse, clipboard }) => ({ mouse, clipboard }),
  socket,
  udp,
};

/** Throws a QmpError for what the command line cannot express. */
export function chardevArgument(args: JsonObject): string {
  const { id, backend } = args;
  if (typeof id !== 'string' || !isWellFormedId(id)) {
    throw new QmpError(
      `The chardev id '${String(id)}' cannot be used with QEMU: an id starts with a letter and has letters, digits, '-', '.', '_'`,
    );
  }
  const { type, data } = isJsonObject(backend) ? backend : { type: undefined, data: undefined };
  const translate = typeof type === 'string' ? backends[type] : undefined;
  if (translate === undefined || typeof type !== 'string') {
    throw new QmpError(
      `The chardev '${id}' has the backend type '${String(type)}', which QEMU does not have`,
    );
  }
  const members = isJsonObject(data) ? data : {};
  const shared = Object.fromEntries(common.map((name) => [name, members[name]]));
  return `${type},${pairTexts(present({ id, ...translate(members), ...shared })).join(',')}`;
}

function present(members: Members): JsonObject {
  const object: JsonObject = {};
  for (const [name, value] of Object.entries(members)) if (value !== undefined) object[name] = value;
  return object;
}

function socket(data: JsonObject): Members {
  const { addr, server, wait, nodelay, telnet, tn3270, websocket, reconnect } = data;
  const listens = server !== false;
  return {
    ...address(addr),
    server: listens,
    // Waiting would stop the whole of QEMU until somebody connects.
    ...(listens ? { wait: false } : { wait }),
    nodelay,
    telnet,
    tn3270,
    websocket,
    reconnect,
    'reconnect-ms': data['reconnect-ms'],
    'tls-creds': data['tls-creds'],
    'tls-authz': data['tls-authz'],
  };
}

function udp({ remote, local }: JsonObject): Members {
  const there = inet(remote);
  const here = local === undefined ? {} : inet(local);
  return {
    host: there.host,
    port: there.port,
    localaddr: here.host,
    localport: here.port,
    ipv4: there.ipv4,
    ipv6: there.ipv6,
  };
}

function inet(value: JsonValue | undefined): JsonObject {
  if (isJsonObject(value) && value.type === 'inet' && isJsonObject(value.data)) return value.data;
  throw new QmpError('socket type unsupported for datagram');
}

/** SocketAddressLegacy: a type and its data. */
function address(value: JsonValue | undefined): Members {
  const { type, data } = isJsonObject(value) ? value : { type: undefined, data: undefined };
  const members = isJsonObject(data) ? data : {};
  switch (type) {
    case 'unix':
      return { path: members.path, abstract: members.abstract, tight: members.tight };
    case 'inet': {
      const { host, port, to, ipv4, ipv6 } = members;
      return { host, port, to, ipv4, ipv6 };
    }
    case 'fd':
      return { fd: members.str };
    default:
      throw new QmpError(
        `A chardev's socket address of type '${String(type)}' cannot be used before creation`,
      );
  }
}
