// Network: backends as netdev_add, cards of the board as option `nic` (QEMU: net/net.c).

import { jsonIn, type Pair, pairsIn, take, treeOf } from '../../engines/qemu/options/key-values.ts';
import { type JsonObject, type JsonValue, jsonObject } from '../../json/value.ts';
import { QmpError } from '../../qmp/error.ts';
import type { Draft, TranslatorEntry } from './draft.ts';

/** Keys that may be given several times, as lists of {"str": ...}. */
const listKeys: ReadonlySet<string> = new Set(['hostfwd', 'guestfwd', 'dnssearch']);

/** The arguments of netdev_add. */
function netdevOf(pairs: readonly Pair[]): JsonObject {
  const netdev = treeOf(pairs.filter(([key]) => !listKeys.has(key)));
  for (const key of listKeys) {
    const values: JsonValue[] = pairs.filter(([name]) => name === key).map(([, str]) => jsonObject({ str }));
    if (values.length > 0) netdev[key] = values;
  }
  return netdev;
}

function declareNetdev(draft: Draft, netdev: JsonObject): void {
  const numbers = ['fd', 'fds', 'vhostfd', 'vhostfds'].filter((key) => netdev[key] !== undefined);
  if (numbers.length > 0) {
    draft.lost(`descriptors (${numbers.join(', ')}) have to be given to qmpd by getfd, under those names`);
  }
  draft.declare('netdev_add', netdev);
}

const nicKeys: Readonly<Record<string, string>> = {
  model: 'model',
  mac: 'mac',
  macaddr: 'mac',
  netdev: 'netdev',
  vectors: 'vectors',
};

/** A backend and a card on it. */
function nic(draft: Draft, text: string): void {
  if (text === 'none') {
    draft.set('nic', []);
    return;
  }
  const pairs = jsonIn(text) === undefined ? pairsIn(text, 'type') : undefined;
  if (pairs === undefined) throw new QmpError('-nic in JSON form is not known to QEMU either');
  const [card] = take(Object.fromEntries(pairs.filter(([key]) => Object.hasOwn(nicKeys, key))), nicKeys);
  const rest = pairs.filter(([key]) => !Object.hasOwn(nicKeys, key) && key !== 'id');
  const id = pairs.find(([key]) => key === 'id')?.[1] ?? `nic${draft.count('nic')}`;
  declareNetdev(draft, jsonObject({ ...netdevOf(rest), id }));
  // Of -nic QEMU makes a card without such vectors, whether it is meant or not.
  draft.push('nic', jsonObject({ vectors: 0, ...card, netdev: id }));
}

/** Everything that -net names is on one hub, which has a port for each. */
function net(draft: Draft, text: string): void {
  const pairs = pairsIn(text, 'type');
  const type = pairs.find(([key]) => key === 'type')?.[1] ?? '';
  if (type === 'none') {
    draft.set('nic', []);
  } else if (type === 'nic') {
    const [card, rest] = take(Object.fromEntries(pairs.filter(([key]) => key !== 'type')), nicKeys);
    const lost = Object.keys(rest).filter((key) => key !== 'name');
    if (lost.length > 0) draft.lost(`${lost.join(', ')} of a card of the board cannot be set; use -device`);
    draft.push('nic', jsonObject({ ...card, netdev: card.netdev ?? hubPort(draft) }));
  } else {
    const id = pairs.find(([key]) => key === 'id' || key === 'name')?.[1] ?? `net${draft.count('net')}`;
    const backend = netdevOf(pairs.filter(([key]) => key !== 'id' && key !== 'name'));
    declareNetdev(draft, jsonObject({ ...backend, id }));
    hubPort(draft, id);
  }
}

/** Another port of the hub; its id, which QEMU would give it, too. */
function hubPort(draft: Draft, netdev?: string): string {
  const id = `hub0port${draft.count('hubport')}`;
  const backend = netdev === undefined ? {} : { netdev };
  draft.declare('netdev_add', jsonObject({ type: 'hubport', id, hubid: 0, ...backend }));
  return id;
}

export const networkTranslators: readonly TranslatorEntry[] = [
  ['-netdev', (draft, text) => declareNetdev(draft, jsonIn(text) ?? netdevOf(pairsIn(text, 'type')))],
  ['-nic', nic],
  ['-net', net],
];
