// `qmpd [OPTIONS]`: the server. Turns the command line into ServerOptions, says where it listens, and ends with the
// server: by `quit`, by a signal, or (--private) when the program that started it goes away.

import { createHash } from 'node:crypto';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { defaultRuntimeDirectory, packageVersion, type QmpServer, startServer } from '../server/index.ts';
import { activatedSockets } from '../transports/inherited.ts';
import { defaultAddress } from './default-address.ts';
import { announce, endOnSignals, logTo, outliveReaders } from './running-server.ts';
import { checkScripts, prepareWith } from './script/prepare.ts';
import { readScript } from './script/run.ts';
import { daemonize, tellParent } from './serve/daemonize.ts';
import { givenMonitors, takesStandardOutput } from './serve/given-monitors.ts';
import { maxSessionsOption } from './serve/max-sessions.ts';
import { makeOwnDirectory, makePrivateDirectory } from './serve/own-directory.ts';
import { stayAwakeOption } from './serve/stay-awake.ts';
import { usage } from './usage.ts';
import { UsageError } from './usage-error.ts';

interface Place {
  readonly listeners: readonly string[];
  readonly runtimeDirectory?: string;
  /** Removes what was made for this process alone. */
  readonly cleanUp: () => void;
}

/** Resolves to the exit status when the server has ended. */
export async function run(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      qmp: { type: 'string', multiple: true },
      chardev: { type: 'string', multiple: true },
      mon: { type: 'string', multiple: true },
      qemu: { type: 'string' },
      script: { type: 'string', multiple: true },
      check: { type: 'boolean' },
      pretty: { type: 'boolean' },
      'exit-with-machine': { type: 'boolean' },
      private: { type: 'boolean' },
      daemonize: { type: 'boolean' },
      state: { type: 'string' },
      'stay-awake': { type: 'string' },
      'max-sessions': { type: 'string' },
      quiet: { type: 'boolean' },
      verbose: { type: 'boolean' },
      version: { type: 'boolean', short: 'V' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  if (values.version === true) {
    process.stdout.write(`qmpd ${packageVersion()}\n`);
    return 0;
  }
  const stayAwake = stayAwakeOption(values['stay-awake']);
  const given = givenMonitors(values.chardev ?? [], values.mon ?? []);
  if (values.daemonize === true) {
    if (takesStandardOutput(given)) throw new UsageError('cannot use stdio with --daemonize');
    if (values.private === true) throw new UsageError('--private ends with its parent, --daemonize does not');
    return await daemonize(
      argv.filter((word) => word !== '--daemonize'),
      values.qmp ?? [],
    );
  }
  const scripts = (values.script ?? []).map(readScript);
  if (values.check === true) {
    return await checkScripts(scripts, values.qemu === undefined ? {} : { qemuBinary: values.qemu });
  }
  const doors = values.mon === undefined ? values.qmp : (values.qmp ?? []);
  const place = values.private === true ? privatePlace(doors ?? []) : publicPlace(doors);
  const firstDoor = place.listeners[0] ?? given.chardevs[0]?.option;
  const stateDirectory = values.private === true ? undefined : stateOf(values.state, firstDoor);
  const preparing = prepareWith(scripts);
  outliveReaders();
  try {
    const server = await startServer({
      ...preparing.options,
      ...given,
      listeners: place.listeners,
      pretty: values.pretty ?? false,
      exitWithMachine: values['exit-with-machine'] ?? false,
      log: logTo(values.quiet),
      ...stayAwake,
      ...maxSessionsOption(values['max-sessions']),
      ...(values.verbose === true ? { trace: logTo(false) } : {}),
      ...(stateDirectory === undefined ? {} : { stateDirectory }),
      ...(values.qemu === undefined ? {} : { qemuBinary: values.qemu }),
      ...(place.runtimeDirectory === undefined ? {} : { runtimeDirectory: place.runtimeDirectory }),
    });
    endOnSignals(server);
    if (values.private === true) announcePrivately(server);
    else announce(server, takesStandardOutput(given));
    tellParent(server.addresses);
    return await server.ended;
  } finally {
    preparing.cleanUp();
    place.cleanUp();
  }
}

function publicPlace(addresses: readonly string[] | undefined): Place {
  const cleanUp = (): void => undefined;
  if (addresses !== undefined) return { listeners: addresses, cleanUp };
  const activated = activatedSockets(process.env, process.pid);
  if (activated.length > 0) return { listeners: activated.map(({ fd }) => `fd:${fd}`), cleanUp };
  const address = defaultAddress();
  makeOwnDirectory(address.slice('unix:'.length));
  return { listeners: [address], cleanUp };
}

/** Where a machine is found again after a crash: told, or one for each first address. */
function stateOf(told: string | undefined, first = ''): string | undefined {
  if (told === 'none') return undefined;
  if (told !== undefined) return told;
  const name = createHash('sha256').update(first).digest('hex').slice(0, 16);
  return path.join(defaultRuntimeDirectory(), 'state', name);
}

function privatePlace(more: readonly string[]): Place {
  const { directory, remove } = makePrivateDirectory();
  return {
    listeners: [`unix:${directory}/qmp.sock`, ...more],
    runtimeDirectory: directory,
    cleanUp: remove,
  };
}

/** The address on a line of its own; the end of the standard input (also: the death of the parent) ends the server. */
function announcePrivately(server: QmpServer): void {
  process.stdout.write(`${server.addresses[0]}\n`);
  const end = (): void => void server.stop();
  process.stdin.on('end', end).on('error', end).resume();
  void server.ended.then(() => process.stdin.destroy());
}
