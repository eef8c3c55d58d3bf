// Screens (QEMU: -vga, -display, -full-screen, -vnc, -spice, -k, -g, -rotate, -portrait).

import type { JsonObject } from '../../../json/value.ts';
import { QmpError } from '../../../qmp/error.ts';
import type {
  MachineDisplay,
  MachineGraphicsMode,
  MachineSpice,
  MachineVnc,
  SocketAddress,
} from '../../../schema/index.ts';
import { vncChange } from './changes/vnc.ts';
import { type Creation, fixed, type MachineOption, option, type ToWords } from './option.ts';
import { doubleCommas, json, membersOf, pairsOf, text } from './words.ts';

/** Screen 0 of a VNC server is at this port. */
const vncPortBase = 5900;

const displayWords: ToWords<MachineDisplay> = ({ properties, ...typed }, creation) =>
  json('-display')({ ...typed, ...membersOf(properties, 'display.properties') }, creation);

/** Where a VNC server is: "host:0", "unix:/path", or "none" until it is told. */
function vncPlace(addr: SocketAddress | undefined, reverse: boolean): { place: string; rest: JsonObject } {
  if (addr === undefined) return { place: 'none', rest: {} };
  if (addr.type === 'unix') return { place: `unix:${addr.path}`, rest: {} };
  if (addr.type !== 'inet')
    throw new QmpError(`Option 'vnc': QEMU cannot start with an address of type '${addr.type}'`);
  const { host, port, to, ipv4, ipv6 } = addr;
  const number = Number(port) - (reverse ? 0 : vncPortBase);
  if (!(number >= 0)) throw new QmpError(`Option 'vnc': the port has to be a number from ${vncPortBase}`);
  const rest: JsonObject = {};
  if (to !== undefined) rest.to = to - vncPortBase;
  if (ipv4 !== undefined) rest.ipv4 = ipv4;
  if (ipv6 !== undefined) rest.ipv6 = ipv6;
  return { place: `${host.includes(':') ? `[${host}]` : host}:${number}`, rest };
}

function vncWords({ addr, ...members }: MachineVnc): readonly string[] {
  const { place, rest } = vncPlace(addr, members.reverse ?? false);
  return pairsOf('-vnc', { ...members, ...rest }, doubleCommas(place));
}

function spiceWords(spice: MachineSpice): readonly string[] {
  const { properties, 'image-compression': compression, unix, ...typed } = spice;
  const members: JsonObject = { ...typed, ...membersOf(properties, 'spice.properties') };
  if (unix !== undefined) Object.assign(members, { unix: true, addr: unix });
  if (compression !== undefined) members['image-compression'] = compression.replaceAll('-', '_');
  return pairsOf('-spice', members);
}

function modeWords({ width, height, depth }: MachineGraphicsMode): readonly string[] {
  return ['-g', depth === undefined ? `${width}x${height}` : `${width}x${height}x${depth}`];
}

function rotateWords(degrees: number, { qemu }: Creation): readonly string[] {
  if (qemu.major > 7) throw new QmpError("Option 'rotate' is gone since QEMU 8.0");
  return ['-rotate', String(degrees)];
}

const opensAtStart = 'QEMU opens its windows when it starts';

export const displayOptions: readonly MachineOption[] = [
  option({
    name: 'vga',
    toWords: text('-vga'),
    change: fixed('firmware and guest find the graphics card when they start; it cannot be plugged'),
  }),
  option({ name: 'display', toWords: displayWords, change: fixed(opensAtStart, 'query-display-options') }),
  option({ name: 'vnc', toWords: vncWords, change: vncChange }),
  option({
    name: 'spice',
    toWords: spiceWords,
    change: fixed(
      'QEMU makes its SPICE server when it starts',
      'set_password',
      'expire_password',
      'add_client',
    ),
  }),
  option({
    name: 'keyboard-layout',
    toWords: text('-k'),
    change: fixed('QEMU reads the keyboard layout when it starts'),
  }),
  option({
    name: 'graphics-mode',
    toWords: modeWords,
    change: fixed('the firmware sets up the screen when it starts'),
  }),
  option({ name: 'rotate', toWords: rotateWords, change: fixed(opensAtStart) }),
];
