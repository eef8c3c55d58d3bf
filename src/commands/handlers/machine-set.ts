// `machine-set` and its kin: every option of the machine, typed, before creation and after (qapi/machine-options.json).
// What an option means to QEMU is in src/engines/qemu/options; here is what is common to all of them.

import { type JsonObject, type JsonValue, jsonObject } from '../../json/value.ts';
import { namingOption } from '../../machine/configuration/naming-option.ts';
import { type Living, type OptionChange, optionNames } from '../../machine/options.ts';
import { QmpError } from '../../qmp/error.ts';
import { fdsetNumbers } from '../../qmp/fds/fdsets.ts';
import type { ArgumentRule } from '../../qmp/traits.ts';
import type { CommandMap, MachineOptionName } from '../../schema/index.ts';
import { assert } from '../../util/assert.ts';
import type { OwnedFd } from '../../util/owned-fd.ts';
import { type CommandContext, type CommandDefinition, command, type Server } from '../context.ts';

type Result = CommandMap['machine-set']['returns'][number];
type Info = CommandMap['query-machine-options']['returns'][number];

/** An option, and what it is to become; undefined unsets it. */
interface Wanted {
  readonly option: MachineOptionName;
  readonly value: JsonValue | undefined;
}

/** Every option is in one of the two lists; what nobody has looked at is in the second. */
const optionRules: readonly ArgumentRule[] = [
  {
    arguments: [
      'memory',
      'smp',
      'cpu',
      'machine',
      'numa',
      'rtc',
      'boot',
      'name',
      'uuid',
      'action',
      'autostart',
      'defaults',
      'usb',
      'overcommit',
      'icount',
      'messages',
      'accel',
      'keyboard-layout',
      'vga',
      'seed',
      'snapshot',
    ],
    role: 'configure',
  },
  {
    arguments: [
      'engine',
      'firmware',
      'vga-firmware',
      'pflash',
      'kernel',
      'initrd',
      'append',
      'dtb',
      'shim',
      'option-rom',
      'acpitable',
      'smbios',
      'fw-cfg',
      'prom-env',
      'user-config',
      'global',
      'serial',
      'parallel',
      'debugcon',
      'human-monitor',
      'mux-escape',
      'fda',
      'fdb',
      'hda',
      'hdb',
      'hdc',
      'hdd',
      'cdrom',
      'drive',
      'fsdev',
      'nic',
      'audio',
      'audiodev',
      'tpmdev',
      'display',
      'vnc',
      'spice',
      'graphics-mode',
      'rotate',
      'incoming',
      'loadvm',
      'only-migratable',
      'log',
      'trace',
      'gdb',
      'profile',
      'plugin',
      'qtest',
      'compat',
      'data-directories',
      'process',
      'sandbox',
      'xen',
      'semihosting',
      'old-param',
    ],
    role: 'admin',
  },
  { arguments: ['memory.path'], role: 'admin' },
  {
    arguments: ['machine.firmware', 'machine.dumpdtb', 'machine.kernel', 'machine.initrd', 'machine.dtb'],
    role: 'admin',
  },
  { arguments: ['boot.once', 'boot.splash', 'boot.splash-time', 'boot.reboot-timeout'], role: 'admin' },
];

export const machineSetCommands: readonly CommandDefinition[] = [
  command({
    name: 'machine-set',
    kind: 'own',
    phases: 'any',
    role: 'configure',
    rules: optionRules,
    slow: true,
    run: (context, args) => {
      const { 'dry-run': dryRun = false, ...options } = args;
      context.server.fdsets.refuseForeign(context.session.id, fdsetNumbers(context.request.arguments));
      const wanted = Object.entries(jsonObject(options as unknown as JsonObject)).map(([option, value]) => {
        return { option: option as MachineOptionName, value };
      });
      return change(context, wanted, dryRun);
    },
  }),
  command({
    name: 'machine-unset',
    kind: 'own',
    phases: 'any',
    role: 'configure',
    slow: true,
    run: (context, { options, 'dry-run': dryRun = false }) => {
      const wanted = options.map((option) => ({ option, value: undefined }));
      return change(context, wanted, dryRun);
    },
  }),
  command({
    name: 'query-machine-options',
    kind: 'own',
    phases: 'any',
    role: 'observe',
    run: (context, { options, engine, change: how }) =>
      optionNames
        .filter((name) => options === undefined || options.includes(name))
        .map((name) => describe(context, name))
        .filter((info) => engine === undefined || info.engines.includes(engine))
        .filter((info) => how === undefined || info.change === how),
  }),
];

/** All or nothing: a refused option, or one that cannot be applied, leaves the others as they were. */
async function change(
  context: CommandContext,
  wanted: readonly Wanted[],
  dryRun: boolean,
): Promise<Result[]> {
  checkTogether(context, wanted);
  const results = await Promise.all(wanted.map((each) => plan(context, each)));
  if (dryRun) return results;
  const refused = results.find(({ result }) => result === 'refused');
  if (refused !== undefined) {
    throw new QmpError(`Option '${refused.option}' cannot be changed: ${refused.reason}; nothing was set`);
  }
  const descriptors = wanted.map((each) => descriptorsOf(context, each));
  const applyAndRecord = async (): Promise<void> => {
    await applyAll(context, wanted, results);
    for (const [index, { option, value }] of wanted.entries()) {
      const result = results[index]?.result ?? 'recorded';
      record(context, option, value, result, takeNames(context, descriptors[index] ?? []));
    }
  };
  const { follower } = context.server.machine;
  await (follower === undefined ? applyAndRecord() : follower.changing(applyAndRecord));
  return results;
}

/** What the engine could not make a machine with is refused at once, as far as the options alone can tell. */
function checkTogether({ server }: CommandContext, wanted: readonly Wanted[]): void {
  const options = optionsWith(server, wanted);
  const { engines, machine, version } = server;
  const kind = options.engine === undefined ? machine.engineKind : engines.kindOf(options.engine);
  if (kind === undefined) throw engines.noSuch(options.engine);
  engines.options(kind).check(options, version.qemu);
}

/** All options of the next machine, with these. */
function optionsWith({ configuration }: Server, wanted: readonly Wanted[]): JsonObject {
  const { options } = configuration.snapshot(() => false);
  for (const { option, value } of wanted) {
    if (value === undefined) delete options[option];
    else options[option] = value;
  }
  return options;
}

function livingOf({ machine, tell }: Server): Living {
  return { ...machine.living, tell };
}

/** From what the machine runs with to the last of these, those before it being made already. */
function changeTo(server: Server, wanted: readonly Wanted[]): OptionChange {
  const { configuration } = server;
  const last = wanted.at(-1);
  assert(last !== undefined, 'something is to change');
  const { option, value } = last;
  return {
    option,
    from: configuration.running(option),
    to: value,
    running: configuration.runningOptions,
    wanted: optionsWith(server, wanted),
  };
}

async function plan({ server }: CommandContext, wanted: Wanted): Promise<Result> {
  const { option } = wanted;
  const { engines, machine } = server;
  if (machine.phase !== 'created') {
    return { option, result: 'recorded' };
  }
  try {
    const options = engines.options(machine.engineKind);
    return { option, ...(await options.planChange(changeTo(server, [wanted]), livingOf(server))) };
  } catch (thrown) {
    throw namingOption(option, thrown);
  }
}

/** Carries out what can be done now; when one fails, those before it are taken back, or kept where they cannot be. */
async function applyAll(
  context: CommandContext,
  wanted: readonly Wanted[],
  results: readonly Result[],
): Promise<void> {
  const { server } = context;
  const options = server.engines.options(server.machine.engineKind);
  const done: Wanted[] = [];
  for (const [index, { option, value }] of wanted.entries()) {
    const result = results[index]?.result;
    if (result !== 'applied' && result !== 'needs-reset') continue;
    try {
      const change = changeTo(server, [...done, { option, value }]);
      await options.apply(change, livingOf(server));
      done.push({ option, value });
    } catch (thrown) {
      for (const former of done.reverse()) {
        if (await takenBack(server, former)) continue;
        record(context, former.option, former.value, 'applied');
      }
      throw thrown;
    }
  }
}

/** False when it cannot be, as with memory that the guest has been given. */
async function takenBack(server: Server, { option, value }: Wanted): Promise<boolean> {
  const { configuration, engines, machine } = server;
  const options = engines.options(machine.engineKind);
  const back = { option, value: configuration.running(option) };
  try {
    const change = { ...changeTo(server, [back]), from: value };
    const { result } = await options.planChange(change, livingOf(server));
    if (result !== 'applied' && result !== 'needs-reset') return false;
    await options.apply(change, livingOf(server));
    return true;
  } catch {
    return false;
  }
}

/** The descriptors that the value names; this session has to have them. */
function descriptorsOf({ server, session }: CommandContext, { option, value }: Wanted): readonly string[] {
  const { descriptorNames } = server.engines.options(server.machine.engineKind);
  const names = (value === undefined ? undefined : descriptorNames?.(option, value)) ?? [];
  const missing = names.find((name) => !session.fds.hasName(name));
  if (missing !== undefined) throw new QmpError(`File descriptor named '${missing}' has not been found`);
  return names;
}

/** They leave the session: the configuration keeps them for each creation. */
function takeNames({ session }: CommandContext, names: readonly string[]): ReadonlyMap<string, OwnedFd> {
  return new Map([...new Set(names)].map((name) => [name, session.fds.consumeName(name)]));
}

function record(
  { server, session }: CommandContext,
  option: MachineOptionName,
  value: JsonValue | undefined,
  result: Result['result'],
  fds?: ReadonlyMap<string, OwnedFd>,
): void {
  const { configuration } = server;
  if (value === undefined) configuration.unset(option);
  else configuration.set(option, value, fds);
  if (result === 'applied') configuration.applied(option, value);
  const data = { option, result, ...(value === undefined ? {} : { value }), session: session.id };
  server.events.emit('MACHINE_OPTION_CHANGED', jsonObject(data));
}

function describe(context: CommandContext, name: MachineOptionName): Info {
  const { configuration, engines, machine } = context.server;
  const pending = configuration.isPending(name);
  const value = pending ? configuration.running(name) : configuration.get(name);
  const next = configuration.get(name);
  const { change: how, commands, reason } = engines.options(machine.engineKind).describe(name);
  return {
    name,
    ...(value === undefined ? {} : { value }),
    ...(pending && next !== undefined ? { pending: next } : {}),
    change: how,
    engines: engines.kinds.filter((kind) => engines.options(kind).supports(name) === true),
    commands: [...commands],
    ...(reason === undefined ? {} : { reason }),
  };
}
