// The options --chardev and --mon of qmpd's own command line: the words of QEMU's -chardev and -mon, which are checked
// at once and in QEMU's words, since nobody else will look at them (QEMU: chardev/char.c, qemu_chardev_opts and the
// parse functions of the backends; monitor/monitor.c). Translating a QEMU's command line is lenient instead (chardev.ts).

import { type JsonObject, type JsonValue, jsonObject } from '../../json/value.ts';
import { QmpError } from '../../qmp/error.ts';
import { chardevsOf } from './chardev.ts';
import { bytesOf, type Pair, pairsIn, recordOf, truth } from './key-values.ts';

type WordKind = 'string' | 'boolean' | 'number' | 'size';

/** What each word's value is. Every backend takes every word, and leaves alone what is not for it. */
const chardevWords: Readonly<Record<string, WordKind>> = {
  ...kindOf('string', [
    'backend',
    'path',
    'input-path',
    'host',
    'port',
    'fd',
    'localaddr',
    'localport',
    'name',
  ]),
  ...kindOf('string', ['tls-creds', 'tls-authz', 'chardev', 'logfile', 'writers']),
  ...kindOf('boolean', [
    'ipv4',
    'ipv6',
    'wait',
    'server',
    'delay',
    'nodelay',
    'telnet',
    'tn3270',
    'websocket',
  ]),
  ...kindOf('boolean', ['mux', 'signal', 'append', 'logappend', 'mouse', 'clipboard', 'abstract', 'tight']),
  ...kindOf('number', [
    'to',
    'reconnect',
    'reconnect-ms',
    'width',
    'height',
    'cols',
    'rows',
    'debug',
    'log-keep',
  ]),
  ...kindOf('size', ['size', 'scrollback', 'log-size']),
};

const monitorWords: Readonly<Record<string, WordKind>> = {
  ...kindOf('string', ['chardev', 'mode']),
  pretty: 'boolean',
};

/** The word that a backend cannot do without, and what QEMU says when it is not there. */
const required: Readonly<Record<string, readonly [word: string, text: string]>> = {
  file: ['path', 'file: no filename given'],
  pipe: ['path', 'pipe: no device path given'],
  serial: ['path', 'serial/tty: no device path given'],
  parallel: ['path', 'parallel: no device path given'],
  udp: ['port', 'udp: remote port not specified'],
  mux: ['chardev', 'mux: no chardev given'],
  spicevmc: ['name', 'spice channel: no name given'],
  spiceport: ['name', 'spice port: no name given'],
  dbus: ['name', 'dbus: no name given'],
};

/** Of serial and parallel; QEMU 10 does not know them any more. */
const formerNames: ReadonlySet<string> = new Set(['tty', 'parport']);

export interface MonitorOption {
  /** Of the object; undefined when none was given. */
  readonly id: string | undefined;
  readonly chardev: string;
  readonly pretty: boolean;
}

/** What follows --chardev, as arguments of chardev-add; throws a QmpError. */
export function chardevOption(text: string): JsonObject[] {
  const pairs = pairsIn(text, 'backend');
  const id = identifierIn(pairs);
  const words = typedWords(pairs, chardevWords);
  if (id === undefined) throw new QmpError('chardev: no id specified');
  const { backend } = words;
  if (typeof backend !== 'string') throw new QmpError(`chardev: "${id}" missing backend`);
  if (formerNames.has(backend)) throw new QmpError(`'${backend}' is not a valid char driver name`);
  const [word = '', missing = ''] = Object.hasOwn(required, backend) ? (required[backend] ?? []) : [];
  if (missing !== '' && words[word] === undefined) throw new QmpError(`chardev: ${missing}`);
  if (backend === 'socket') checkSocketWords(words);
  return chardevsOf(id, backend, words);
}

/** What follows --mon; throws a QmpError. */
export function monitorOption(text: string): MonitorOption {
  const pairs = pairsIn(text, 'chardev');
  const id = identifierIn(pairs);
  const { chardev, mode = 'readline', pretty } = typedWords(pairs, monitorWords);
  if (mode !== 'readline' && mode !== 'control') {
    throw new QmpError(`Parameter 'mode' does not accept value '${String(mode)}'`);
  }
  if (mode === 'readline') {
    throw new QmpError(
      "qmpd has no monitor for people (mode=readline): write mode=control, or give a QEMU machine one by the option 'human-monitor' of machine-set",
    );
  }
  if (typeof chardev !== 'string') throw new QmpError("Parameter 'chardev' is missing");
  return { id, chardev, pretty: pretty === true };
}

function kindOf(kind: WordKind, names: readonly string[]): Readonly<Record<string, WordKind>> {
  return Object.fromEntries(names.map((name) => [name, kind]));
}

function identifierIn(pairs: readonly Pair[]): string | undefined {
  const id = pairs.find(([key]) => key === 'id')?.[1];
  if (id === undefined || /^[A-Za-z][A-Za-z0-9._-]*$/.test(id)) return id;
  throw new QmpError("Parameter 'id' expects an identifier");
}

function typedWords(pairs: readonly Pair[], kinds: Readonly<Record<string, WordKind>>): JsonObject {
  const words = jsonObject();
  for (const [key, text] of Object.entries(recordOf(pairs))) {
    if (key === 'id') continue;
    const isListed = /^chardevs\.\d{1,4}$/.test(key) && kinds === chardevWords;
    const kind = isListed ? 'string' : Object.hasOwn(kinds, key) ? kinds[key] : undefined;
    if (kind === undefined) throw new QmpError(`Invalid parameter '${key}'`);
    words[key] = typed(key, String(text), kind);
  }
  return words;
}

function typed(key: string, text: string, kind: WordKind): JsonValue {
  switch (kind) {
    case 'string':
      return text;
    case 'boolean': {
      const value = truth(text);
      if (typeof value !== 'boolean') throw new QmpError(`Parameter '${key}' expects 'on' or 'off'`);
      return value;
    }
    case 'number': {
      const value = /^(\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : Number.NaN;
      if (!Number.isSafeInteger(value)) throw new QmpError(`Parameter '${key}' expects a number`);
      return value;
    }
    case 'size':
      return sizeOf(key, text);
  }
}

function sizeOf(key: string, text: string): number {
  try {
    return bytesOf(text);
  } catch {
    throw new QmpError(`Parameter '${key}' expects a non-negative number below 2^64`);
  }
}

function checkSocketWords({ path, fd, host, port, delay, nodelay }: JsonObject): void {
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
