// The text form of an address, as options and clients write it, in QEMU's manner where QEMU has one (-qmp, -chardev):
//
//   unix:PATH[,mode=0660][,group=NAME]    tcp:HOST:PORT    fd:N    stdio
//
// QEMU's own suboptions server=, wait= and abstract= are understood, as are its old words "server" and "nowait"; a
// comma inside a path is written twice. Nothing is opened here.

import { LocalError } from '../util/local-error.ts';

export type Address =
  | {
      readonly kind: 'unix';
      /** Begins with "@" in the abstract namespace. */
      readonly path: string;
      readonly mode?: number;
      readonly group?: string;
      readonly suboptions: QemuSuboptions;
    }
  /** An empty host is every address of this machine. */
  | {
      readonly kind: 'tcp';
      readonly host: string;
      readonly port: number;
      readonly suboptions: QemuSuboptions;
    }
  | { readonly kind: 'fd'; readonly fd: number }
  | { readonly kind: 'stdio' };

/** What QEMU would do; undefined where the text does not say. */
export interface QemuSuboptions {
  readonly server?: boolean;
  readonly wait?: boolean;
}

const forms = 'unix:PATH[,mode=0660][,group=NAME], tcp:HOST:PORT, fd:N or stdio';

/** Throws a LocalError ERR_QMPD_ADDRESS that says what would be right. */
export function parseAddress(text: string): Address {
  if (text === 'stdio') return { kind: 'stdio' };
  const colon = text.indexOf(':');
  const rest = text.slice(colon + 1);
  switch (colon < 0 ? '' : text.slice(0, colon)) {
    case 'unix':
      return parseUnix(text, rest);
    case 'tcp':
      return parseTcp(text, rest);
    case 'fd':
      return parseFd(text, rest);
    default:
      throw wrong(text, `expected ${forms}`);
  }
}

/** The inverse of `parseAddress`, without QEMU's suboptions. */
export function formatAddress(address: Address): string {
  switch (address.kind) {
    case 'unix':
      return `unix:${address.path.replaceAll(',', ',,')}`;
    case 'tcp':
      return formatTcp(address.host, address.port);
    case 'fd':
      return `fd:${address.fd}`;
    case 'stdio':
      return 'stdio';
  }
}

export function formatTcp(host: string, port: number): string {
  return `tcp:${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function parseUnix(text: string, rest: string): Address {
  const [path = '', ...options] = splitCommas(rest);
  if (path === '') throw wrong(text, 'a path is missing, as in unix:/run/qmp.sock');
  const values = parseOptions(text, options, ['mode', 'group', 'abstract']);
  const abstract = values.abstract !== undefined && parseSwitch(text, 'abstract', values.abstract);
  return {
    kind: 'unix',
    path: abstract ? `@${path}` : path,
    ...(values.mode === undefined ? {} : { mode: parseMode(text, values.mode) }),
    ...(values.group === undefined ? {} : { group: values.group }),
    suboptions: qemuSuboptions(text, values),
  };
}

function parseTcp(text: string, rest: string): Address {
  const [hostAndPort = '', ...options] = splitCommas(rest);
  const match = /^(?:\[([^\]]*)\]|([^:]*)):([0-9]{1,5})$/.exec(hostAndPort);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw wrong(text, 'expected tcp:HOST:PORT, as in tcp:127.0.0.1:4444 or tcp:[::1]:4444');
  }
  const suboptions = qemuSuboptions(text, parseOptions(text, options, []));
  return { kind: 'tcp', host: match[1] ?? match[2] ?? '', port, suboptions };
}

function parseFd(text: string, rest: string): Address {
  if (!/^[0-9]{1,7}$/.test(rest))
    throw wrong(text, 'expected the number of an inherited descriptor, as in fd:3');
  return { kind: 'fd', fd: Number(rest) };
}

/** Splits at single commas; two commas are one that belongs to the text. */
function splitCommas(text: string): string[] {
  const parts = text.split(',');
  const result = [parts[0] ?? ''];
  for (let i = 1; i < parts.length; i += 1) {
    if (parts[i] === '' && i + 1 < parts.length) {
      i += 1;
      result.push(`${result.pop()},${parts[i]}`);
    } else {
      result.push(parts[i] ?? '');
    }
  }
  return result;
}

type OptionName = 'mode' | 'group' | 'abstract' | 'server' | 'wait';

function parseOptions(
  text: string,
  options: string[],
  own: OptionName[],
): Partial<Record<OptionName, string>> {
  const known: OptionName[] = [...own, 'server', 'wait'];
  const values: Partial<Record<OptionName, string>> = {};
  for (const option of options) {
    const equals = option.indexOf('=');
    const key = equals < 0 ? option : option.slice(0, equals);
    const value = equals < 0 ? 'on' : option.slice(equals + 1);
    const name = known.find((candidate) => candidate === key);
    if (name !== undefined) values[name] = value;
    else if (key === 'nowait' && equals < 0) values.wait = 'off';
    else throw wrong(text, `no option "${key}" here; there are ${known.join(', ')}`);
  }
  return values;
}

function qemuSuboptions(text: string, values: Partial<Record<OptionName, string>>): QemuSuboptions {
  const { server, wait } = values;
  return {
    ...(server === undefined ? {} : { server: parseSwitch(text, 'server', server) }),
    ...(wait === undefined ? {} : { wait: parseSwitch(text, 'wait', wait) }),
  };
}

function parseSwitch(text: string, key: string, value: string): boolean {
  if (value === 'on' || value === 'yes') return true;
  if (value === 'off' || value === 'no') return false;
  throw wrong(text, `${key}= takes on or off`);
}

function parseMode(text: string, value: string): number {
  if (!/^[0-7]{3,4}$/.test(value)) throw wrong(text, 'mode= takes octal permissions, as in mode=0660');
  return Number.parseInt(value, 8) & 0o777;
}

function wrong(text: string, what: string): LocalError {
  return new LocalError('ERR_QMPD_ADDRESS', `address "${text}": ${what}`);
}
