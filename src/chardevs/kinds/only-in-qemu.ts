// The kinds that only QEMU has, for devices of its machine: they read the pointer of its display, or are channels of
// servers inside it. They can be declared, and QEMU makes them (QEMU: ui/, chardev/spice.c, msmouse.c, wctablet.c,
// baum.c).

import type { ChardevKind } from '../kind.ts';
import { numberWord, textWord, truthWord } from '../words.ts';

export const brailleKind: ChardevKind<'braille'> = {
  type: 'braille',
  livesIn: 'engine',
  words: {},
  example: '',
  notes: '',
};

export const dbusKind: ChardevKind<'dbus'> = {
  type: 'dbus',
  livesIn: 'engine',
  words: { name: textWord('name', 'dbus: no name given') },
  example: 'name=org.qemu.console.serial.0',
  notes: '',
};

export const msmouseKind: ChardevKind<'msmouse'> = {
  type: 'msmouse',
  livesIn: 'engine',
  words: {},
  example: '',
  notes: '',
};

export const qemuVdagentKind: ChardevKind<'qemu-vdagent'> = {
  type: 'qemu-vdagent',
  livesIn: 'engine',
  words: { mouse: truthWord('mouse'), clipboard: truthWord('clipboard') },
  example: 'mouse=on,clipboard=off',
  notes: '',
};

export const spiceportKind: ChardevKind<'spiceport'> = {
  type: 'spiceport',
  livesIn: 'engine',
  words: { fqdn: textWord('name', 'spice port: no name given') },
  example: 'name=org.example.port.0',
  notes: 'the SPICE server has to be on',
};

export const spicevmcKind: ChardevKind<'spicevmc'> = {
  type: 'spicevmc',
  livesIn: 'engine',
  words: { type: textWord('name', 'spice channel: no name given') },
  example: 'name=vdagent',
  notes: '',
};

export const vcKind: ChardevKind<'vc'> = {
  type: 'vc',
  livesIn: 'engine',
  words: {
    width: numberWord('width'),
    height: numberWord('height'),
    cols: numberWord('cols'),
    rows: numberWord('rows'),
  },
  example: 'cols=80,rows=24',
  notes: 'a text console in a window of the display',
};

export const wctabletKind: ChardevKind<'wctablet'> = {
  type: 'wctablet',
  livesIn: 'engine',
  words: {},
  example: '',
  notes: '',
};
