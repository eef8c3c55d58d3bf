// Character devices: `-chardev` and the short forms behind -serial, -monitor and their like ("mon:stdio",
// "tcp:host:port,server=on,wait=off"), as chardev-add (QEMU: chardev/char.c, qemu_chr_parse_compat). What the words of each
// kind mean is said by the kind.

import { commonWords } from '../../chardevs/kind.ts';
import { chardevKind, formerChardevKind } from '../../chardevs/kinds/index.ts';
import { pairsIn, recordOf, truth } from '../../engines/qemu/options/key-values.ts';
import { type JsonObject, type JsonValue, jsonObject } from '../../json/value.ts';
import { QmpError } from '../../qmp/error.ts';
import type { Draft, TranslatorEntry } from './draft.ts';

export function present(members: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  const object = jsonObject();
  for (const [key, value] of Object.entries(members)) if (value !== undefined) object[key] = value;
  return object;
}

/**
 * Arguments of chardev-add for the words of `-chardev`: one, or with mux=on two, a mux by that id over one of a made-up
 * id. Throws a QmpError.
 */
export function chardevsOf(id: string, kind: string, words: JsonObject): JsonObject[] {
  const found = chardevKind(kind) ?? formerChardevKind(kind);
  if (found === undefined) throw new QmpError(`'${kind}' is not a valid char driver name`);
  const { type } = found;
  const data = jsonObject();
  for (const [member, { read }] of Object.entries({ ...found.words, ...commonWords })) {
    const value = read(words);
    if (value !== undefined) data[member] = value;
  }
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
