// Character devices: `-chardev` and the short forms behind -serial, -monitor and their like ("mon:stdio",
// "tcp:host:port,server=on,wait=off"), as chardev-add (QEMU: chardev/char.c, qemu_chr_parse_compat).

import { type JsonObject, type JsonValue, jsonObject } from '../../json/value.ts';
import { QmpError } from '../../qmp/error.ts';
import type { Draft, TranslatorEntry } from './draft.ts';
import { pairsIn, recordOf, truth } from './key-values.ts';

type Members = Record<string, JsonValue | undefined>;

/** For each backend how the words of the command line are called in chardev-add. */
const backends: Readonly<Record<string, (words: JsonObject) => Members>> = {
  null: () => ({}),
  msmouse: () => ({}),
  wctablet: () => ({}),
  testdev: () => ({}),
  braille: () => ({}),
  console: consoleMembers,
  pty: ({ path }) => ({ path }),
  stdio: ({ signal }) => ({ signal }),
  file: ({ path, 'input-path': input, append }) => ({ out: path, in: input, append }),
  pipe: ({ path }) => ({ device: path }),
  serial: ({ path }) => ({ device: path }),
  tty: ({ path }) => ({ device: path }),
  parallel: ({ path }) => ({ device: path }),
  parport: ({ path }) => ({ device: path }),
  ringbuf: ({ size }) => ({ size }),
  memory: ({ size }) => ({ size }),
  mux: ({ chardev }) => ({ chardev }),
  hub: (words) => ({
    chardevs: Object.entries(words).flatMap(([key, id]) => (key.startsWith('chardevs.') ? [id] : [])),
  }),
  vc: ({ width, height, cols, rows }) => ({ width, height, cols, rows }),
  spicevmc: ({ name }) => ({ type: name }),
  spiceport: ({ name }) => ({ fqdn: name }),
  dbus: ({ name }) => ({ name }),
  'qemu-vdagent': ({ mouse, clipboard }) => ({ mouse, clipboard }),
  socket,
  udp,
};

const kinds: Readonly<Record<string, string>> = { tty: 'serial', parport: 'parallel' };

function socket(words: JsonObject): Members {
  const { telnet, tn3270, websocket, nodelay, reconnect, delay } = words;
  return {
    addr: address(words),
    server: truth(words.server) ?? false,
    wait: words.wait,
    nodelay: nodelay ?? (truth(delay) === false ? true : undefined),
    telnet,
    tn3270,
    websocket,
    reconnect,
    'reconnect-ms': words['reconnect-ms'],
    'tls-creds': words['tls-creds'],
    'tls-authz': words['tls-authz'],
  };
}

/** QEMU's own, on Windows, has no words; those of ours are called as for a socket and in chardev-add. */
function consoleMembers(words: JsonObject): Members {
  const { path, host, telnet, websocket, scrollback, writers } = words;
  return {
    addr: path === undefined && host === undefined ? undefined : address(words),
    telnet,
    websocket,
    'tls-creds': words['tls-creds'],
    'tls-authz': words['tls-authz'],
    scrollback,
    writers,
    'log-size': words['log-size'],
    'log-keep': words['log-keep'],
  };
}

function udp({ host = 'localhost', port, localaddr, localport, ipv4, ipv6 }: JsonObject): Members {
  const remote = legacyAddress('inet', { host, port, ipv4, ipv6 });
  if (localaddr === undefined && localport === undefined) return { remote };
  return { remote, local: legacyAddress('inet', { host: localaddr ?? '', port: localport ?? '0' }) };
}

function address({ path, abstract, tight, fd, host, port, to, ipv4, ipv6 }: JsonObject): JsonObject {
  if (path !== undefined) return legacyAddress('unix', { path, abstract, tight });
  if (fd !== undefined) return legacyAddress('fd', { str: fd });
  return legacyAddress('inet', { host: host ?? '', port, to, ipv4, ipv6 });
}

function legacyAddress(type: string, data: Members): JsonObject {
  return jsonObject({ type, data: present(data) });
}

export function present(members: Members): JsonObject {
  const object = jsonObject();
  for (const [key, value] of Object.entries(members)) if (value !== undefined) object[key] = value;
  return object;
}

/**
 * Arguments of chardev-add for the words of `-chardev`: one, or with mux=on two, a mux by that id over one of a made-up
 * id. Throws a QmpError.
 */
export function chardevsOf(id: string, kind: string, words: JsonObject): JsonObject[] {
  const translate = Object.hasOwn(backends, kind) ? backends[kind] : undefined;
  if (translate === undefined) throw new QmpError(`'${kind}' is not a valid char driver name`);
  const type = kinds[kind] ?? kind;
  const { logfile, logappend } = words;
  const data = present({ ...translate(words), logfile, logappend });
  if (truth(words.mux) !== true) return [jsonObject({ id, backend: jsonObject({ type, data }) })];
  const base = `${id}-base`;
  const mux = jsonObject({ type: 'mux', data: jsonObject({ chardev: base }) });
  return [jsonObject({ id: base, backend: jsonObject({ type, data }) }), jsonObject({ id, backend: mux })];
}

/** Declares it in the draft, with what is to be said about it. */
export function declareChardev(draft: Draft, id: string, kind: string, words: JsonObject): void {
  const chardevs = chardevsOf(id, kind, words);
  remark(draft, kind, words);
  for (const chardev of chardevs) draft.declare('chardev-add', chardev);
}

function remark(draft: Draft, kind: string, words: JsonObject): void {
  if (kind === 'stdio') {
    draft.changed(
      'the standard input and output are those of the process that qmpd starts, not of a terminal',
    );
  }
  if (kind === 'socket' && words.fd !== undefined) {
    draft.lost(`descriptor ${String(words.fd)} has to be given to qmpd by getfd, under that name`);
  }
  const waits = truth(words.server) === true && truth(words.wait) !== false;
  if (kind === 'socket' && waits) draft.changed('the machine does not wait for the first client');
}

/**
 * The chardev that a short form stands for, declared under `label`; undefined for "none". `monitor` is told the
 * chardev's id when the human monitor is to share it.
 */
export function shortChardev(
  draft: Draft,
  label: string,
  text: string,
  monitor: (id: string) => void,
): string | undefined {
  if (text === 'none') return undefined;
  if (text.startsWith('chardev:')) return text.slice('chardev:'.length);
  const shared = text.startsWith('mon:');
  const [kind, words] = shortWords(shared ? text.slice('mon:'.length) : text);
  declareChardev(draft, label, kind, jsonObject({ ...words, ...(shared ? { mux: 'on' } : {}) }));
  if (shared) monitor(label);
  return label;
}

/** "unix:/run/s,server=on" as the words that `-chardev` would have. Throws a QmpError. */
function shortWords(text: string): [kind: string, words: JsonObject] {
  const colon = text.indexOf(':');
  const scheme = colon < 0 ? text : text.slice(0, colon);
  const rest = colon < 0 ? '' : text.slice(colon + 1);
  switch (scheme) {
    case 'vc':
      return ['vc', screenSize(rest)];
    case 'con':
      return ['console', jsonObject()];
    case 'file':
    case 'pipe':
    case 'pty':
      return [scheme, rest === '' ? jsonObject() : jsonObject({ path: rest })];
    case 'unix':
      return ['socket', recordOf(pairsIn(rest, 'path'))];
    case 'tcp':
    case 'telnet':
    case 'tn3270':
    case 'websocket':
      return ['socket', tcpWords(rest, scheme)];
    case 'udp':
      return ['udp', udpWords(rest)];
  }
  if (/^\/dev\/(parport|ppi)/.test(text)) return ['parallel', jsonObject({ path: text })];
  if (text.startsWith('/dev/')) return ['serial', jsonObject({ path: text })];
  return [scheme, rest === '' ? jsonObject() : recordOf(pairsIn(rest))];
}

function tcpWords(text: string, scheme: string): JsonObject {
  const words = recordOf(pairsIn(text, 'place'));
  const { place, ...others } = words;
  const { host, port } = hostAndPort(String(place ?? ''));
  return jsonObject({ ...others, host, port, ...(scheme === 'tcp' ? {} : { [scheme]: 'on' }) });
}

function udpWords(text: string): JsonObject {
  const [there = '', here] = text.split('@');
  const { host, port } = hostAndPort(there);
  if (here === undefined) return jsonObject({ ...(host === '' ? {} : { host }), port });
  const local = hostAndPort(here);
  return jsonObject({
    ...(host === '' ? {} : { host }),
    port,
    localaddr: local.host,
    localport: local.port,
  });
}

function hostAndPort(place: string): { host: string; port: string } {
  const colon = place.lastIndexOf(':');
  if (colon < 0) throw new QmpError(`'${place}': expected HOST:PORT`);
  return { host: place.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: place.slice(colon + 1) };
}

/** "80Cx24C" in characters, "640x480" in pixels. */
function screenSize(text: string): JsonObject {
  const match = /^(\d+)(C?)x(\d+)(C?)$/.exec(text);
  if (match === null) return jsonObject();
  const [, width = '', wide = '', height = '', high = ''] = match;
  return jsonObject({ [wide === '' ? 'width' : 'cols']: width, [high === '' ? 'height' : 'rows']: height });
}

export const chardevTranslators: readonly TranslatorEntry[] = [
  [
    '-chardev',
    (draft, text) => {
      const { backend = '', id = '', ...words } = recordOf(pairsIn(text, 'backend'));
      declareChardev(draft, String(id), String(backend), jsonObject(words));
    },
  ],
];
