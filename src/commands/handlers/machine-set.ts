// `machine-set` and its kin: every option of the machine, typed, before creation and after (qapi/machine-options.json).
// What an option means to QEMU is in src/machine/option-table; here is what is common to all of them.

import { type JsonObject, type JsonValue, jsonObject } from '../../json/value.ts';
import { namingOption } from '../../machine/configuration/naming-option.ts';
import type { EngineKind } from '../../machine/engine.ts';
import { type OptionChanges, optionNames } from '../../machine/options.ts';
import { QmpError } from '../../qmp/error.ts';
import { fdsetNumbers } from '../../qmp/fds/fdsets.ts';
import type { CommandMap, MachineOptionName } from '../../schema/index.ts';
import { type CommandContext, type CommandDefinition, command } from '../context.ts';

type Result = CommandMap['machine-set']['returns'][number];
type Info = CommandMap['query-machine-options']['returns'][number];

/** An option, and what it is to become; undefined unsets it. */
interface Wanted {
  readonly option: MachineOptionName;
  readonly value: JsonValue | undefined;
}

export const machineSetCommands: readonly CommandDefinition[] = [
  command({
    name: 'machine-set',
    kind: 'own',
    phases: 'any',
    role: 'configure',
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
  const { server } = context;
  const changes = server.engines.options(server.machine.engineKind).changes(server);
  const results = await Promise.all(wanted.map((each) => plan(context, changes, each)));
  if (dryRun) return results;
  const refused = results.find(({ result }) => result === 'refused');
  if (refused !== undefined) {
    throw new QmpError(`Option '${refused.option}' cannot be changed: ${refused.reason}; nothing was set`);
  }
  await applyAll(context, changes, wanted, results);
  for (const [index, { option, value }] of wanted.entries()) {
    const result = results[index]?.result ?? 'recorded';
    record(context, option, value, result);
  }
  return results;
}

/** What the engine could not make a machine with is refused at once, as far as the options alone can tell. */
function checkTogether({ server }: CommandContext, wanted: readonly Wanted[]): void {
  const { options } = server.configuration.snapshot(() => false);
  for (const { option, value } of wanted) {
    if (value === undefined) delete options[option];
    else options[option] = value;
  }
  const kind = (options.engine as EngineKind | undefined) ?? server.machine.engineKind;
  server.engines.options(kind).check(options, server.version.qemu);
}

async function plan(context: CommandContext, changes: OptionChanges, wanted: Wanted): Promise<Result> {
  const { option, value } = wanted;
  if (context.server.machine.phase !== 'created') {
    return { option, result: 'recorded' };
  }
  try {
    return { option, ...(await changes.plan(option, value)) };
  } catch (thrown) {
    throw namingOption(option, thrown);
  }
}

/** Carries out what can be done now; when one fails, those before it are taken back, or kept where they cannot be. */
async function applyAll(
  context: CommandContext,
  changes: OptionChanges,
  wanted: readonly Wanted[],
  results: readonly Result[],
): Promise<void> {
  const done: Wanted[] = [];
  for (const [index, { option, value }] of wanted.entries()) {
    const result = results[index]?.result;
    if (result !== 'applied' && result !== 'needs-reset') continue;
    try {
      await changes.apply(option, value);
      done.unshift({ option, value });
    } catch (thrown) {
      for (const former of done) {
        if (await changes.revert(former.option, former.value)) continue;
        record(context, former.option, former.value, 'applied');
      }
      throw thrown;
    }
  }
}

function record(
  { server, session }: CommandContext,
  option: MachineOptionName,
  value: JsonValue | undefined,
  result: Result['result'],
): void {
  const { configuration } = server;
  if (value === undefined) configuration.unset(option);
  else configuration.set(option, value);
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
    engines: engines.kinds.filter((kind) => engines.options(kind).supports(name)),
    commands: [...commands],
    ...(reason === undefined ? {} : { reason }),
  };
}
