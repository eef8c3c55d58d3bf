// Changes that the machine does not have yet, and the two ways to have it made anew with them: by a command, or by its
// next reset (qapi/machine-restart.json). The embedded engine makes its hardware anew at every reset by itself
// (src/engines/embedded/options.ts); what still needs a restart there is another engine.

import { isJsonObject } from '../../json/value.ts';
import type { Life } from '../../machine/life.ts';
import type { OptionChange } from '../../machine/options.ts';
import { QmpError } from '../../qmp/error.ts';
import type { CommandMap, MachineOptionName } from '../../schema/index.ts';
import { type CommandDefinition, command, type Server } from '../context.ts';

type PendingOption = CommandMap['query-pending']['returns']['options'][number];

export const machineRestartCommands: readonly CommandDefinition[] = [
  command({
    name: 'machine-restart',
    kind: 'own',
    phases: 'created',
    role: 'operate',
    slow: true,
    run: async ({ server }) => {
      refuseForeign(server);
      await restart(server);
      return {};
    },
  }),
  command({
    name: 'query-pending',
    kind: 'own',
    phases: 'any',
    role: 'observe',
    run: async ({ server }) => ({
      'apply-on-reset': server.machine.applyPendingOnReset,
      options: await pendingOptions(server),
    }),
  }),
  command({
    name: 'apply-pending-on-reset',
    kind: 'own',
    phases: 'any',
    role: 'operate',
    run: ({ server }, { enable }) => {
      refuseForeign(server);
      server.machine.applyPendingOnReset = enable;
      return {};
    },
  }),
];

function refuseForeign({ machine }: Server): void {
  if (machine.mayEnd !== true) throw new QmpError(machine.mayEnd);
}

/** Machines are created stopped. */
export async function start({ machine, tell }: Pick<Server, 'machine' | 'tell'>): Promise<void> {
  const { commands } = machine.created.instance;
  if (commands.kind === 'controlled') await commands.controls.power.cont();
  else await tell('cont');
}

/** Rejects with the QmpError of the creation; then there is no machine. */
async function restart(server: Pick<Server, 'machine' | 'configuration' | 'tell'>): Promise<void> {
  const ran = await isRunning(server);
  await server.machine.restart();
  if (ran || server.configuration.get('autostart') === true) await start(server);
}

/** QEMU is asked, since what its events told may be on its way still; not one that does not answer. */
async function isRunning({ machine, tell }: Pick<Server, 'machine' | 'tell'>): Promise<boolean> {
  const { instance } = machine.created;
  const known = machine.runState === 'running';
  if (machine.forwarded === undefined || !instance.status().answering) return known;
  const status = await tell('query-status').catch(() => undefined);
  return isJsonObject(status) ? status.running === true : known;
}

/** What the pending changes of the machine, if there is one, are waiting for. */
async function pendingOptions(
  server: Pick<Server, 'machine' | 'configuration' | 'engines' | 'tell'>,
): Promise<PendingOption[]> {
  const { configuration, machine } = server;
  if (machine.phase !== 'created') return [];
  const options = server.engines.options(machine.engineKind);
  const [running, wanted] = [configuration.runningOptions, configuration.snapshot(() => false).options];
  const living = { ...machine.living, tell: server.tell };
  const names = new Set([...configuration.optionNames, ...Object.keys(configuration.runningOptions)]);
  const pending = [...names].filter((name) => configuration.isPending(name)) as MachineOptionName[];
  return await Promise.all(
    pending.map(async (option) => {
      const [value, next] = [configuration.running(option), configuration.get(option)];
      const change: OptionChange = { option, from: value, to: next, running, wanted };
      const outcome = await options.planChange(change, living);
      return {
        option,
        ...(value === undefined ? {} : { value }),
        ...(next === undefined ? {} : { pending: next }),
        ...outcome,
      };
    }),
  );
}

/** Resets that come from outside of QEMU's own workings. */
const resetReasons: ReadonlySet<unknown> = new Set(['guest-reset', 'host-qmp-system-reset', 'host-ui']);

/**
 * The machine has been reset, for this reason (QEMU's ShutdownCause): a QEMU has now what needed only that, and if it
 * is wanted the machine is made anew with what needs more. Rejects with the QmpError of the creation.
 */
export async function machineWasReset(
  server: Pick<Server, 'machine' | 'configuration' | 'engines' | 'tell'>,
  reason: unknown,
): Promise<void> {
  const { machine, configuration } = server;
  const { state } = machine;
  const pending = await pendingOptions(server);
  if (machine.forwarded !== undefined) {
    for (const { option, result } of pending) {
      if (result === 'needs-reset') configuration.applied(option, configuration.get(option));
    }
  }
  const needed = pending.some(({ result }) => result === 'needs-restart');
  if (needed && machine.applyPendingOnReset && resetReasons.has(reason) && isPresent(machine, state)) {
    await restart(server);
  }
}

function isPresent(machine: Life, then: Life['state']): boolean {
  const now = machine.state;
  return now.phase === 'created' && then.phase === 'created' && now.instance === then.instance;
}
