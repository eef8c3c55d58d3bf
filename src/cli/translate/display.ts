// Screens, keyboards and sound, as options of machine-set.

import { jsonIn, pairsIn, recordOf, take, treeOf, truth } from '../../engines/qemu/options/key-values.ts';
import { type JsonObject, jsonObject } from '../../json/value.ts';
import { QmpError } from '../../qmp/error.ts';
import { word } from './boot.ts';
import { present } from './chardev.ts';
import type { Draft, TranslatorEntry } from './draft.ts';

const displayKeys: Readonly<Record<string, string>> = {
  type: 'type',
  'full-screen': 'full-screen',
  'window-close': 'window-close',
  'show-cursor': 'show-cursor',
  gl: 'gl',
};

/** Older spellings. */
const displayAliases: Readonly<Record<string, string>> = {
  window_close: 'window-close',
  show_cursor: 'show-cursor',
};

function display(draft: Draft, text: string): void {
  if (text.startsWith('vnc=')) {
    vnc(draft, text.slice('vnc='.length));
    return;
  }
  const pairs = pairsIn(text, 'type').map(([key, value]) => [displayAliases[key] ?? key, value] as const);
  const [members, properties] = take(jsonIn(text) ?? treeOf(pairs), displayKeys);
  draft.merge('display', members);
  draft.properties('display', properties);
}

const vncPortBase = 5900;
const websocketPortBase = 5700;

function vnc(draft: Draft, text: string): void {
  const { vnc: place = '', websocket, to, ipv4, ipv6, ...members } = recordOf(pairsIn(text, 'vnc'));
  const reverse = truth(members.reverse) === true;
  const addr = vncAddress(String(place), reverse ? 0 : vncPortBase);
  if (addr?.type === 'inet') {
    Object.assign(addr, present({ ipv4, ipv6 }));
    if (to !== undefined) addr.to = Number(to) + vncPortBase;
  }
  const screen = Number(addr?.port) - vncPortBase;
  const port = truth(websocket) === true ? websocketPortBase + screen : websocket;
  if (websocket !== undefined && truth(websocket) !== false) members.websocket = port ?? '';
  draft.set('vnc', jsonObject({ ...members, ...(addr === undefined ? {} : { addr }) }));
}

/** "host:1" is port 5901; undefined for "none". */
function vncAddress(place: string, base: number): JsonObject | undefined {
  if (place === 'none') return undefined;
  if (place.startsWith('unix:')) return jsonObject({ type: 'unix', path: place.slice('unix:'.length) });
  const colon = place.lastIndexOf(':');
  const number = Number(place.slice(colon + 1));
  if (colon < 0 || !Number.isInteger(number))
    throw new QmpError(`-vnc: expected HOST:DISPLAY, unix:PATH or none, got '${place}'`);
  const host = place.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  return jsonObject({ type: 'inet', host, port: String(number + base) });
}

const spiceKeys: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ...[
      'port',
      'tls-port',
      'addr',
      'ipv4',
      'ipv6',
      'password-secret',
      'disable-ticketing',
      'sasl',
      'x509-dir',
    ],
    ...['image-compression', 'disable-copy-paste', 'disable-agent-file-xfer', 'agent-mouse'],
    ...['playback-compression', 'seamless-migration', 'gl', 'rendernode'],
  ].map((name) => [name, name]),
);

function spice(draft: Draft, text: string): void {
  const { unix, ...words } = recordOf(pairsIn(text));
  const [members, properties] = take(words, spiceKeys);
  if (truth(unix) === true) {
    members.unix = members.addr ?? '';
    delete members.addr;
  }
  const compression = members['image-compression'];
  if (typeof compression === 'string') members['image-compression'] = compression.replaceAll('_', '-');
  draft.merge('spice', members);
  draft.properties('spice', properties);
}

function graphicsMode(draft: Draft, text: string): void {
  const match = /^(\d+)x(\d+)(?:x(\d+))?$/.exec(text);
  if (match === null) throw new QmpError(`-g ${text}: expected WIDTHxHEIGHT or WIDTHxHEIGHTxDEPTH`);
  const [width, height, depth] = match
    .slice(1)
    .map((part) => (part === undefined ? undefined : Number(part)));
  draft.set('graphics-mode', present({ width, height, depth }));
}

function audio(draft: Draft, text: string): void {
  const [members, properties] = take(recordOf(pairsIn(text, 'driver')), { driver: 'driver', model: 'model' });
  draft.set('audio', members);
  draft.properties('audio', properties);
}

function audiodev(draft: Draft, text: string): void {
  const [members, properties] = take(jsonIn(text) ?? treeOf(pairsIn(text, 'driver')), {
    id: 'id',
    driver: 'driver',
    'timer-period': 'timer-period',
  });
  const rest = Object.keys(properties).length === 0 ? {} : { properties };
  draft.push('audiodev', jsonObject({ ...members, ...rest }));
}

/** QEMU's default is a window, where it was built with one; a machine of qmpd has none unless told. */
export function finishDisplay(draft: Draft): void {
  const { seen, options } = draft;
  if (seen.has('-full-screen')) draft.merge('display', jsonObject({ 'full-screen': true }));
  const display = options.display as JsonObject | undefined;
  if (display?.type !== undefined) return;
  const remote = options.vnc !== undefined || options.spice !== undefined || seen.has('-nographic');
  if (display !== undefined || !remote) draft.merge('display', jsonObject({ type: 'default' }));
}

export const displayTranslators: readonly TranslatorEntry[] = [
  ['-display', display],
  ['-full-screen', () => undefined],
  ['-vga', word('vga')],
  ['-vnc', vnc],
  ['-spice', spice],
  ['-k', word('keyboard-layout')],
  ['-g', graphicsMode],
  ['-rotate', (draft, text) => draft.set('rotate', Number(text))],
  ['-portrait', (draft) => draft.set('rotate', 90)],
  ['-audio', audio],
  ['-audiodev', audiodev],
];
