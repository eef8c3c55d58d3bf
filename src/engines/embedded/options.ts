// The options that the embedded engine has, and how they change: media at once, hardware at the next reset, which makes
// it anew.

import type { JsonValue } from '../../json/value.ts';
import { type DriveOption, mediumOf } from '../../machine/drives.ts';
import type { EngineOptions, MachineSide, OptionChanges } from '../../machine/options.ts';
import { QmpError } from '../../qmp/error.ts';
import type { MachineOptionName } from '../../schema/index.ts';
import { assert } from '../../util/assert.ts';
import { checkImage } from './drives.ts';

const supported: ReadonlySet<string> = new Set<MachineOptionName>([
  'engine',
  'memory',
  'name',
  'uuid',
  'firmware',
  'vga-firmware',
  'kernel',
  'initrd',
  'append',
  'boot',
  'serial',
  'nic',
  'fda',
  'fdb',
  'hda',
  'hdb',
  'hdc',
  'hdd',
  'cdrom',
  'rtc',
  'autostart',
]);

export const embeddedOptions: EngineOptions = {
  supports: (name) => supported.has(name),
  describe: (name) => {
    if (media.has(name)) return { change: 'live', commands: mediumCommands };
    if (ownOptions.has(name)) return { change: 'live', commands: [] };
    const { result: change, reason } = planHardware(name);
    return { change, commands: [], reason };
  },
  check: (options) => {
    const lacking = Object.keys(options).find((name) => !supported.has(name));
    if (lacking !== undefined) throw new QmpError(`Option '${lacking}' needs the engine 'qemu'`);
  },
  changes,
};

const media: ReadonlySet<string> = new Set(['fda', 'fdb', 'cdrom']);
const mediumCommands = ['blockdev-change-medium', 'eject'] as const;
/** What only qmpd itself makes use of. */
const ownOptions: ReadonlySet<string> = new Set(['name', 'uuid']);
const madeAtReset = 'the embedded engine makes its hardware anew at a reset';
const otherEngine = 'another engine needs another machine';

function changes({ configuration, machine }: MachineSide): OptionChanges {
  const medium = (name: MachineOptionName, to: JsonValue | undefined): ReturnType<typeof mediumOf> =>
    to === undefined ? undefined : mediumOf(name, to, configuration.declarations);
  // Several options of one command reach the engine one after the other, each time with those before.
  const wanted = new Map<string, JsonValue | undefined>();
  const apply: OptionChanges['apply'] = async (name, to) => {
    if (ownOptions.has(name)) return;
    if (!media.has(name)) {
      wanted.set(name, to);
      await machine.reconfigure(wanted);
      return;
    }
    const drive = machine.created.drives.find(({ option }) => option === name);
    assert(drive !== undefined, `the machine has drive ${name}`);
    const next = medium(name, to);
    const { machine: engine } = machine.created;
    assert(engine.kind === 'emulated', 'the embedded engine runs the machine');
    await engine.setMedium(name, next?.image);
    drive.medium = next;
    drive.trayOpen = false;
  };
  return {
    plan: async (name, to) => {
      if (ownOptions.has(name)) return { result: 'applied' };
      if (!media.has(name)) return planHardware(name);
      const image = medium(name, to)?.image;
      if (image !== undefined) await checkImage(name as DriveOption, image);
      return { result: 'applied' };
    },
    apply,
    revert: (name) =>
      apply(name, configuration.running(name)).then(
        () => true,
        () => false,
      ),
  };
}

interface HardwareChange {
  readonly result: 'needs-reset' | 'needs-restart' | 'refused';
  readonly reason: string;
}

function planHardware(name: MachineOptionName): HardwareChange {
  if (name === 'engine') return { result: 'needs-restart', reason: otherEngine };
  if (supported.has(name)) return { result: 'needs-reset', reason: madeAtReset };
  return { result: 'refused', reason: `the embedded engine has no option '${name}'` };
}
