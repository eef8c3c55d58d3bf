// Devices of the board, and where they lead on the host (QEMU: -serial, -parallel, -debugcon, -monitor, -echr, -nic, -net,
// -usb, -audio, -audiodev, -tpmdev, -global, -nodefaults, -no-user-config).

import type { JsonObject } from '../../../json/value.ts';
import type {
  MachineAudio,
  MachineAudiodev,
  MachineGlobal,
  MachineNic,
  MachineTpmdev,
  StrOrNull,
} from '../../../schema/index.ts';
import { nicChange } from './changes/nic.ts';
import { fixed, type MachineOption, option, type ToWords } from './option.ts';
import { each, json, membersOf, pairsOf, pairTexts, text } from './words.ts';

/** The chardevs have to be there already, on the same command line. An empty list means that there are no ports. */
function portWords(word: string): ToWords<readonly StrOrNull[]> {
  return (ports) =>
    ports.length === 0
      ? [word, 'none']
      : ports.flatMap((port) => [word, port === null ? 'none' : `chardev:${port}`]);
}

/** The network backends have to be there already, on the same command line. An empty list means no card at all. */
function nicWords(nics: readonly MachineNic[]): readonly string[] {
  if (nics.length === 0) return ['-nic', 'none'];
  return nics.flatMap(({ model, mac, netdev, vectors }) => [
    '-net',
    ['nic', ...pairTexts({ netdev, model, macaddr: mac, vectors })].join(','),
  ]);
}

function audioWords({ driver, model, properties }: MachineAudio): readonly string[] {
  const rest: JsonObject = {
    ...(model === undefined ? {} : { model }),
    ...membersOf(properties, 'audio.properties'),
  };
  return pairsOf('-audio', { driver, ...rest });
}

const audiodevWords: ToWords<MachineAudiodev> = ({ properties, ...typed }, creation) =>
  json('-audiodev')({ ...typed, ...membersOf(properties, 'audiodev.properties') }, creation);

function tpmdevWords({ type, ...rest }: MachineTpmdev): readonly string[] {
  return pairsOf('-tpmdev', rest, type);
}

function globalWords({ driver, property, value }: MachineGlobal): readonly string[] {
  return pairsOf('-global', { driver, property, value });
}

/** Where firmware writes its debugging messages. */
const debugPort = 0xe9;

const keepsChardev = 'it keeps its character device; what that is connected to can change';
const noCommand = 'QEMU has no command that makes one';

export const deviceOptions: readonly MachineOption[] = [
  // What is said when these two are not set is in index.ts.
  option({
    name: 'defaults',
    toWords: () => [],
    change: fixed('the board is built when the machine is created', 'device_add'),
  }),
  option({
    name: 'user-config',
    toWords: () => [],
    change: fixed('QEMU reads those files when it starts'),
  }),
  option({
    name: 'global',
    toWords: each(globalWords),
    change: fixed('devices that exist are not changed by a default', 'qom-set', 'device_add'),
  }),
  option({
    name: 'serial',
    toWords: portWords('-serial'),
    change: fixed(keepsChardev, 'chardev-change', 'device_add'),
  }),
  option({
    name: 'parallel',
    toWords: portWords('-parallel'),
    change: fixed('parallel ports are on a bus that takes no device later, and keep their character device'),
  }),
  option({
    name: 'debugcon',
    // -debugcon itself cannot take a chardev that is there already.
    toWords: (chardev: string) => pairsOf('-device', { iobase: debugPort, chardev }, 'isa-debugcon'),
    change: fixed('it is on a bus that takes no device later, and keeps its character device'),
  }),
  option({
    name: 'human-monitor',
    // Not -mon, which is deprecated since 11.1: a line on standard error, which would be among QEMU's last words.
    toWords: each((chardev: string) => ['-monitor', `chardev:${chardev}`]),
    change: fixed(noCommand, 'human-monitor-command'),
  }),
  option({
    name: 'mux-escape',
    toWords: (control: number) => ['-echr', String(control)],
    change: fixed('QEMU reads it when it starts'),
  }),
  option({
    name: 'nic',
    toWords: nicWords,
    change: nicChange,
  }),
  option({
    name: 'usb',
    toWords: (usb: boolean) => (usb ? ['-usb'] : ['-machine', 'usb=off']),
    change: fixed('the board is built when the machine is created', 'device_add'),
  }),
  option({ name: 'audio', toWords: audioWords, change: fixed(noCommand, 'query-audiodevs') }),
  option({ name: 'audiodev', toWords: each(audiodevWords), change: fixed(noCommand, 'query-audiodevs') }),
  option({ name: 'tpmdev', toWords: each(tpmdevWords), change: fixed(noCommand, 'query-tpm') }),
];

/** What the machine is called (QEMU: -name, -uuid). */
export const identityOptions: readonly MachineOption[] = [
  option({
    name: 'name',
    toWords: (name: string) => pairsOf('-name', { guest: name }),
    change: fixed('QEMU takes its name when it starts'),
  }),
  option({
    name: 'uuid',
    toWords: text('-uuid'),
    change: fixed('the guest finds it in tables that are made when the machine is created'),
  }),
];
