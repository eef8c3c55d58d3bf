// -device and -object as declarations, and what stands for devices or changes their defaults.

import { jsonIn, objectIn, pairsIn, rangeOf, recordOf } from '../../engines/qemu/options/key-values.ts';
import { type JsonObject, jsonObject } from '../../json/value.ts';
import { QmpError } from '../../qmp/error.ts';
import { declareChardev } from './chardev.ts';
import type { Draft, TranslatorEntry } from './draft.ts';

/** Properties of objects that are lists of numbers, written as a range. */
const rangeKeys: readonly string[] = ['host-nodes', 'cpu-affinity', 'node-affinity'];

function object(draft: Draft, text: string): void {
  const json = jsonIn(text);
  if (json !== undefined) {
    draft.declare('object-add', json);
    return;
  }
  const members = objectIn(text, 'qom-type');
  for (const key of rangeKeys) {
    const value = members[key];
    if (typeof value !== 'string') continue;
    members[key] = pairsIn(text, 'qom-type')
      .filter(([name]) => name === key)
      .flatMap(([, range]) => rangeOf(range));
  }
  draft.declare('object-add', members);
}

/** "driver.property=value", or the three by name. */
function global(draft: Draft, text: string): void {
  const short = /^([^.=,]+)\.([^.=]+)=(.*)$/s.exec(text);
  if (short !== null) {
    const [, driver = '', property = '', value = ''] = short;
    draft.push('global', jsonObject({ driver, property, value }));
    return;
  }
  const { driver, property, value } = recordOf(pairsIn(text));
  if (driver === undefined || property === undefined || value === undefined) {
    throw new QmpError(`-global ${text}: expected DRIVER.PROPERTY=VALUE`);
  }
  draft.push('global', jsonObject({ driver, property, value }));
}

const usbDevices: Readonly<Record<string, JsonObject>> = {
  mouse: jsonObject({ driver: 'usb-mouse' }),
  tablet: jsonObject({ driver: 'usb-tablet' }),
  keyboard: jsonObject({ driver: 'usb-kbd' }),
  'wacom-tablet': jsonObject({ driver: 'usb-wacom-tablet' }),
  ccid: jsonObject({ driver: 'usb-ccid' }),
  'u2f-emulated': jsonObject({ driver: 'u2f-emulated' }),
};

function usbDevice(draft: Draft, text: string): void {
  draft.set('usb', true);
  const [name = '', parameter] = text.split(':');
  if (name === 'braille') {
    declareChardev(draft, 'braille', 'braille', jsonObject());
    draft.declare('device_add', jsonObject({ driver: 'usb-braille', chardev: 'braille' }));
    return;
  }
  const device = Object.hasOwn(usbDevices, name) ? usbDevices[name] : undefined;
  if (device === undefined || parameter !== undefined) {
    throw new QmpError(`-usbdevice ${text}: no USB device of that name`);
  }
  draft.declare('device_add', device);
}

function tpmdev(draft: Draft, text: string): void {
  draft.push('tpmdev', recordOf(pairsIn(text, 'type')));
}

export const deviceTranslators: readonly TranslatorEntry[] = [
  [
    '-device',
    (draft, text) => draft.declare('device_add', jsonIn(text) ?? recordOf(pairsIn(text, 'driver'))),
  ],
  ['-object', object],
  ['-global', global],
  [
    '-win2k-hack',
    (draft) =>
      draft.push(
        'global',
        jsonObject({ driver: 'ide-device', property: 'win2k-install-hack', value: 'true' }),
      ),
  ],
  ['-usb', (draft) => draft.set('usb', true)],
  ['-usbdevice', usbDevice],
  ['-tpmdev', tpmdev],
  ['-set', () => undefined],
  ['-nodefaults', (draft) => draft.set('defaults', false)],
  ['-no-user-config', (draft) => draft.set('user-config', false)],
];

/** QEMU's own defaults are the other way round. */
export function finishDefaults(draft: Draft): void {
  for (const name of ['defaults', 'user-config'] as const) {
    if (draft.options[name] === undefined) draft.set(name, true);
    else delete draft.options[name];
  }
}

/** What -nographic does with ports that nothing else was said of (QEMU: system/vl.c, qemu_create_default_devices). */
export function finishNographic(draft: Draft, run: (name: string, text: string) => void): void {
  if (!draft.seen.has('-nographic')) return;
  draft.properties('machine', jsonObject({ graphics: false }));
  if (draft.seen.has('-nodefaults')) return;
  const lacks = (...names: readonly string[]): boolean => !names.some((name) => draft.seen.has(name));
  const serial = lacks('-serial') && !usesSerialDevice(draft);
  const monitor = lacks('-monitor', '-qmp', '-qmp-pretty', '-mon');
  if (lacks('-parallel')) run('-parallel', 'null');
  if (serial && monitor) run('-serial', 'mon:stdio');
  else if (serial) run('-serial', 'stdio');
  else if (monitor) run('-monitor', 'stdio');
}

function usesSerialDevice({ declarations }: Draft): boolean {
  return declarations.some(({ arguments: args }) => args?.driver === 'isa-serial');
}
