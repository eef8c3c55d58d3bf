// `machine-set` and its kin: every option of the machine, typed, before creation and after (qapi/machine-options.json).

import { type JsonObject, type JsonValue, jsonObject } from '../json/value.ts';
import { mediumOf } from '../machine/drives.ts';
import { embeddedOptionChange, type OptionChange } from '../machine/option-change.ts';
import type { CommandDefinition } from '../qmp/command.ts';
import type { CommandMap } from '../schema/index.ts';
import { type CommandContext, command, emulated } from './context.ts';
import { checkImage } from './disk-image.ts';
import { machineOptionNames } from './option-names.ts';

type Result = CommandMap['machine-set']['returns'][number];
type Info = CommandMap['query-machine-options']['returns'][number];
type Name = Result['option'];

export const machineOptionCommands: readonly CommandDefinition<CommandContext>[] = [
  command({
    name: 'machine-set',
    kind: 'own',
    phases: 'any',
    role: 'operate',
    run: async (context, args) => {
      const { 'dry-run': dryRun = false, ...options } = args;
      const wanted = Object.entries(jsonObject(options as unknown as JsonObject)) as [Name, JsonValue][];
      for (const [name, value] of wanted) await check(context, name, value);
      const results: Result[] = [];
      for (const [name, value] of wanted) {
        const result = outcome(context, name);
        if (!dryRun) await apply(context, result, value);
        results.push(result);
      }
      return results;
    },
  }),
  command({
    name: 'machine-unset',
    kind: 'own',
    phases: 'any',
    role: 'operate',
    run: (context, { options, 'dry-run': dryRun = false }) =>
      options.map((name) => {
        const result = outcome(context, name);
        if (!dryRun && result.result !== 'refused' && context.server.configuration.unset(name)) {
          announce(context, result, undefined);
        }
        return result;
      }),
  }),
  command({
    name: 'query-machine-options',
    kind: 'own',
    phases: 'any',
    role: 'observe',
    run: (context, { options, engine, change }) =>
      (options ?? machineOptionNames)
        .map((name) => describe(context, name))
        .filter((info) => engine === undefined || info.engines.includes(engine))
        .filter((info) => change === undefined || info.change === change),
  }),
];

/** What can be known of a value at once; the schema has seen to its type. All is checked before anything is set. */
async function check(context: CommandContext, name: Name, value: JsonValue): Promise<void> {
  if (!isLive(context, name)) return;
  const medium = mediumOf(name, value, context.server.configuration.declarations);
  if (medium !== undefined) await checkImage(medium.image);
}

/** What setting the option now means. */
function outcome(context: CommandContext, name: Name): Result {
  if (context.server.machine.phase !== 'created') return { option: name, result: 'recorded' };
  const change = changeOf(context, name);
  if (change.change === 'live') return { option: name, result: 'applied' };
  return { option: name, result: change.change, reason: change.reason };
}

async function apply(context: CommandContext, result: Result, value: JsonValue): Promise<void> {
  if (result.result === 'refused') return;
  const { configuration } = context.server;
  if (result.result === 'applied') {
    await changeMedium(context, result.option, value);
    configuration.applied(result.option, value);
  }
  configuration.set(result.option, value);
  announce(context, result, value);
}

async function changeMedium(context: CommandContext, name: Name, value: JsonValue): Promise<void> {
  const drive = context.server.machine.created.drives.find(({ option }) => option === name);
  if (drive === undefined) return;
  drive.medium = mediumOf(name, value, context.server.configuration.declarations);
  drive.trayOpen = false;
  await emulated(context).setMedium(name, drive.medium?.image);
}

function announce(context: CommandContext, result: Result, value: JsonValue | undefined): void {
  const { option, result: how } = result;
  const data = {
    option,
    result: how,
    ...(value === undefined ? {} : { value }),
    session: context.session.id,
  };
  context.server.events.emit('MACHINE_OPTION_CHANGED', jsonObject(data));
}

function isLive(context: CommandContext, name: Name): boolean {
  return context.server.machine.phase === 'created' && changeOf(context, name).change === 'live';
}

function changeOf(context: CommandContext, name: Name): OptionChange {
  if (context.server.machine.engineKind === 'embedded') return embeddedOptionChange(name);
  return { change: 'needs-restart', commands: [], reason: 'QEMU takes it when it is started' };
}

function describe(context: CommandContext, name: Name): Info {
  const { configuration } = context.server;
  const pending = configuration.isPending(name);
  const value = pending ? configuration.running(name) : configuration.get(name);
  const next = configuration.get(name);
  const change = changeOf(context, name);
  const embedded = embeddedOptionChange(name).change !== 'refused';
  return {
    name,
    ...(value === undefined ? {} : { value }),
    ...(pending && next !== undefined ? { pending: next } : {}),
    change: change.change,
    engines: embedded ? ['qemu', 'embedded'] : ['qemu'],
    commands: [...change.commands],
    ...(change.change === 'live' ? {} : { reason: change.reason }),
  };
}
