// Network cards of the board's own (QEMU: -net nic, -nic).

import type { JsonValue } from '../../json/value.ts';
import { bothEngines, fixed, type MachineOption } from './option.ts';
import { doubleCommas, listOf, objectOf, stringOf } from './words.ts';

/** The network backend has to be there already, on the same command line. An empty list means no card at all. */
function nicWords(value: JsonValue): readonly string[] {
  const nics = listOf(value);
  return nics.length === 0 ? ['-nic', 'none'] : nics.flatMap((nic) => ['-net', nicWord(nic)]);
}

function nicWord(value: JsonValue): string {
  const { model, mac, netdev } = objectOf(value);
  const parts = ['nic'];
  if (netdev !== undefined) parts.push(`netdev=${doubleCommas(stringOf(netdev))}`);
  if (model !== undefined) parts.push(`model=${doubleCommas(stringOf(model))}`);
  if (mac !== undefined) parts.push(`macaddr=${doubleCommas(stringOf(mac))}`);
  return parts.join(',');
}

export const networkOptions: readonly MachineOption[] = [
  {
    name: 'nic',
    engines: bothEngines,
    toWords: nicWords,
    change: fixed(
      'the cards of the board are fixed; further ones can be plugged',
      'netdev_add',
      'device_add',
      'set_link',
    ),
  },
];
