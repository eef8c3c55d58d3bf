// How options change in a machine that exists: for QEMU by the option table's commands, for the embedded engine by
// media that are changed at once, and by hardware that is made anew at the next reset.

import type { JsonValue } from '../json/value.ts';
import { mediumOf } from '../machine/drives.ts';
import type { EngineKind } from '../machine/engine.ts';
import {
  applyChange,
  type ChangeOutcome,
  type Execute,
  optionTable,
  planChange,
} from '../machine/option-table/index.ts';
import type { MachineOptionName } from '../schema/index.ts';
import { assert } from '../util/assert.ts';
import type { Server } from './context.ts';
import { checkImage } from './disk-image.ts';
import { tellEngine } from './tell-engine.ts';

export interface OptionDescription {
  readonly change: 'live' | 'needs-reset' | 'needs-restart' | 'refused';
  readonly commands: readonly string[];
  readonly engines: readonly EngineKind[];
  readonly reason?: string | undefined;
}

export interface OptionChanges {
  describe(option: MachineOptionName): OptionDescription;
  /** Only while the machine exists. */
  plan(option: MachineOptionName, to: JsonValue | undefined): Promise<ChangeOutcome>;
  /** Carries out what was planned as `applied` or `needs-reset`. */
  apply(option: MachineOptionName, to: JsonValue | undefined): Promise<void>;
  /** Takes back what was applied; false when it cannot be, as with memory that the guest has been given. */
  revert(option: MachineOptionName, from: JsonValue | undefined): Promise<boolean>;
}

/** What option changes are made of; a reset needs it without any session's command. */
type MachineSide = Pick<Server, 'machine' | 'configuration'>;

export function optionChangesOf(server: MachineSide): OptionChanges {
  return server.machine.engineKind === 'embedded' ? embeddedChanges(server) : qemuChanges(server);
}

function tableEntry(name: MachineOptionName): (typeof optionTable)[number] {
  const entry = optionTable.find((candidate) => candidate.name === name);
  assert(entry !== undefined, `the table has option ${name}`);
  return entry;
}

type OptionChange = Parameters<typeof planChange>[1];

function qemuChanges(server: MachineSide): OptionChanges {
  const { configuration } = server;
  const changeTo = (name: MachineOptionName, to: JsonValue | undefined): OptionChange => {
    return { from: configuration.running(name), to, running: configuration.runningOptions };
  };
  const execute: Execute = async (command, args) => {
    const { machine } = server.machine.created;
    assert(machine.kind === 'forwarding', 'QEMU runs the machine');
    return await tellEngine(machine, command, args);
  };
  return {
    describe: (name) => {
      const { change, engines } = tableEntry(name);
      return { change: change.kind, commands: change.commands, engines, reason: change.reason };
    },
    plan: (name, to) => planChange(name, changeTo(name, to), execute),
    apply: (name, to) => applyChange(name, changeTo(name, to), execute),
    revert: async (name, from) => {
      const change = { from, to: configuration.running(name), running: configuration.runningOptions };
      try {
        const { result } = await planChange(name, change, execute);
        if (result !== 'applied' && result !== 'needs-reset') return false;
        await applyChange(name, change, execute);
        return true;
      } catch {
        return false;
      }
    },
  };
}

const media: ReadonlySet<string> = new Set(['fda', 'fdb', 'cdrom']);
const mediumCommands = ['blockdev-change-medium', 'eject'] as const;
/** What only qmpd itself makes use of. */
const ownOptions: ReadonlySet<string> = new Set(['name', 'uuid']);
const madeAtReset = 'the embedded engine makes its hardware anew at a reset';
const otherEngine = 'another engine needs another machine';

function embeddedChanges({ configuration, machine }: MachineSide): OptionChanges {
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
    describe: (name) => {
      const { engines } = tableEntry(name);
      if (media.has(name)) return { change: 'live', commands: mediumCommands, engines };
      if (ownOptions.has(name)) return { change: 'live', commands: [], engines };
      const { result: change, reason } = planHardware(name);
      return { change, commands: [], engines, reason };
    },
    plan: async (name, to) => {
      if (ownOptions.has(name)) return { result: 'applied' };
      if (!media.has(name)) return planHardware(name);
      const image = medium(name, to)?.image;
      if (image !== undefined) await checkImage(image);
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
  if (tableEntry(name).engines.includes('embedded')) return { result: 'needs-reset', reason: madeAtReset };
  return { result: 'refused', reason: `the embedded engine has no option '${name}'` };
}
