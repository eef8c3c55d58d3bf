// The machine's network card and what it is connected to: the option `nic` and the netdev that it names (QEMU:
// net/stream.c, net/dgram.c). One card; backends that carry Ethernet frames over a socket, as QEMU, passt and
// vde-like switches speak them. qmpd does no network address translation; passt does.

import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import type { Declaration } from '../../machine/engine.ts';
import { onlyMembers, optionalArray, optionalString, optionError } from './option-reader.ts';
import type { NetworkCardPlan } from './worker/messages.ts';

const models: Readonly<Record<string, NetworkCardPlan['model']>> = {
  ne2k_pci: 'ne2k',
  'virtio-net-pci': 'virtio',
  virtio: 'virtio',
};
const modelDefault = 'ne2k_pci';
/** The first address that QEMU gives when it is told none. */
const macDefault = '52:54:00:12:34:56';

/** One end of a connection, QEMU's SocketAddress. */
export type NetworkAddress =
  | { readonly type: 'inet'; readonly host: string; readonly port: number }
  | { readonly type: 'unix'; readonly path: string };

export type NetworkBackendPlan =
  | {
      readonly kind: 'stream';
      readonly id: string;
      readonly address: NetworkAddress;
      readonly server: boolean;
    }
  | {
      readonly kind: 'dgram';
      readonly id: string;
      readonly local: InternetAddress | undefined;
      readonly remote: InternetAddress;
    };

type InternetAddress = Extract<NetworkAddress, { type: 'inet' }>;

export interface NetworkPlan {
  readonly card: NetworkCardPlan;
  /** Undefined: the cable is not plugged in. */
  readonly backend: NetworkBackendPlan | undefined;
}

export function readNetwork(
  options: JsonObject,
  declarations: readonly Declaration[],
): NetworkPlan | undefined {
  const [card, second] = optionalArray(options, 'nic') ?? [];
  if (card === undefined) return undefined;
  if (second !== undefined) throw optionError('nic', 'the embedded engine has one network card');
  if (!isJsonObject(card)) throw optionError('nic', 'an object is expected');
  onlyMembers(card, 'nic', ['model', 'mac', 'netdev'], 'is not available with the embedded engine');
  const name = optionalString(card, 'model') ?? modelDefault;
  const model = models[name];
  if (model === undefined) {
    throw optionError(
      'nic.model',
      `'${name}' is not available; expected one of: ${Object.keys(models).join(', ')}`,
    );
  }
  const netdev = optionalString(card, 'netdev');
  return {
    card: { model, mac: readMac(optionalString(card, 'mac') ?? macDefault) },
    backend: netdev === undefined ? undefined : readBackend(netdev, declarations),
  };
}

function readMac(text: string): readonly number[] {
  const bytes = /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(text)
    ? text.split(/[:-]/).map((byte) => Number.parseInt(byte, 16))
    : [];
  if (bytes.length === 6 && ((bytes[0] ?? 0) & 1) === 0) return bytes;
  throw optionError('nic.mac', `'${text}' is not the address of a card, such as ${macDefault}`);
}

/** Throws a QmpError for the arguments of netdev_add when the engine has no such backend. */
export function checkBackend(args: JsonObject): void {
  const id = String(args.id);
  readBackend(id, [{ kind: 'netdev', id, arguments: args }]);
}

function readBackend(id: string, declarations: readonly Declaration[]): NetworkBackendPlan {
  const declaration = declarations.find((candidate) => candidate.kind === 'netdev' && candidate.id === id);
  if (declaration === undefined) throw optionError('nic.netdev', `netdev '${id}' has not been declared`);
  const { type, ...options } = declaration.arguments;
  if (type === 'stream') {
    const address = readAddress(id, 'addr', options.addr);
    return { kind: 'stream', id, address, server: options.server === true };
  }
  if (type === 'dgram') {
    const remote = readInternet(id, 'remote', options.remote);
    const local = options.local === undefined ? undefined : readInternet(id, 'local', options.local);
    return { kind: 'dgram', id, local, remote };
  }
  throw optionError(
    'nic.netdev',
    `netdev '${id}' is of type '${String(type)}'; the embedded engine has stream and dgram`,
  );
}

function readAddress(id: string, member: string, value: JsonValue | undefined): NetworkAddress {
  if (!isJsonObject(value)) throw optionError('nic.netdev', `netdev '${id}' has no '${member}'`);
  if (value.type === 'unix' && typeof value.path === 'string') return { type: 'unix', path: value.path };
  const port = Number(value.port);
  if (value.type === 'inet' && typeof value.host === 'string' && Number.isInteger(port) && port <= 65_535) {
    return { type: 'inet', host: value.host, port };
  }
  throw optionError(
    'nic.netdev',
    `netdev '${id}': '${member}' is neither unix with a path nor inet with host and port`,
  );
}

function readInternet(id: string, member: string, value: JsonValue | undefined): InternetAddress {
  const address = readAddress(id, member, value);
  if (address.type === 'inet') return address;
  throw optionError('nic.netdev', `netdev '${id}': datagrams are available over inet only`);
}
