// All kinds of chardevs by their name on the wire: a kind of the schema (ChardevBackendKind) that has no entry here does
// not compile. Adding one is a file of its own and a line here.

import type { ChardevType } from '../../machine/chardev-words.ts';
import type { ChardevBackendKind } from '../../schema/index.ts';
import { type AnyChardevKind, type ChardevKind, commonWords } from '../kind.ts';
import { consoleKind } from './console/console.ts';
import { fileKind } from './file.ts';
import { parallelKind, pipeKind, serialKind } from './host-device.ts';
import { hubKind } from './hub.ts';
import { muxKind } from './mux.ts';
import { nullKind } from './null.ts';
import {
  brailleKind,
  dbusKind,
  msmouseKind,
  qemuVdagentKind,
  spiceportKind,
  spicevmcKind,
  vcKind,
  wctabletKind,
} from './only-in-qemu.ts';
import { ptyKind } from './pty.ts';
import { memoryKind, ringbufKind } from './ringbuf.ts';
import { socketKind } from './socket/socket.ts';
import { stdioKind } from './stdio.ts';
import { testdevKind } from './testdev.ts';
import { udpKind } from './udp.ts';

/** In the order of `query-chardev-backends`. */
export const chardevKinds: { readonly [K in ChardevBackendKind]: ChardevKind<K> } = {
  console: consoleKind,
  file: fileKind,
  hub: hubKind,
  memory: memoryKind,
  null: nullKind,
  parallel: parallelKind,
  pipe: pipeKind,
  pty: ptyKind,
  ringbuf: ringbufKind,
  serial: serialKind,
  socket: socketKind,
  stdio: stdioKind,
  testdev: testdevKind,
  udp: udpKind,
  mux: muxKind,
  braille: brailleKind,
  dbus: dbusKind,
  msmouse: msmouseKind,
  'qemu-vdagent': qemuVdagentKind,
  spiceport: spiceportKind,
  spicevmc: spicevmcKind,
  vc: vcKind,
  wctablet: wctabletKind,
};

const kindsByName: ReadonlyMap<string, AnyChardevKind> = new Map(Object.entries(chardevKinds));

export const allChardevKinds: readonly AnyChardevKind[] = [...kindsByName.values()];

const kindsByFormerName: ReadonlyMap<string, AnyChardevKind> = new Map(
  allChardevKinds.flatMap((kind) => (kind.formerNames ?? []).map((name) => [name, kind] as const)),
);

export function chardevKind(type: string): AnyChardevKind | undefined {
  return kindsByName.get(type);
}

/** By one of the names that it had on the command line of older releases. */
export function formerChardevKind(name: string): AnyChardevKind | undefined {
  return kindsByFormerName.get(name);
}

/** What engines are told of the kinds. */
export const chardevTypes: readonly ChardevType[] = allChardevKinds.map(({ type, livesIn, words }) => ({
  type,
  livesIn,
  words: { ...words, ...commonWords },
}));
