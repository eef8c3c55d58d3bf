// Starting a QEMU process and getting its monitor: the directory, the socket it dials, the process, negotiation. If
// any of it fails nothing is left behind, and the error has QEMU's own last words.

import type { Listener } from '../../../qmp/connection.ts';
import { QmpError } from '../../../qmp/error.ts';
import type { MachineEvent } from '../../../qmp/events/event.ts';
import type { Greeting } from '../../../qmp/greeting.ts';
import type { Clock } from '../../../util/clock.ts';
import { openDialIn } from '../../upstream/dial-in.ts';
import type { PollingOptions } from '../../upstream/polling.ts';
import { Upstream } from '../../upstream/upstream.ts';
import { type Bridges, bridgeArguments, type Redial } from '../bridges/bridges.ts';
import { doubleCommas } from '../options/words.ts';
import { endProcess, endsWithin, endText, type QemuProcess, spawnQemu } from './qemu-process.ts';
import { makeRuntimeDirectory, type RuntimeDirectory } from './runtime-directory.ts';
import { lastWords } from './stderr-file.ts';
import { markUnfinished } from './unfinished.ts';

/** The id of our chardev inside QEMU; clients see it in query-chardev. */
export const monitorChardevId: string = 'qmpd';

/** A QEMU that has not negotiated by then is taken for hung; a start takes 20 to 50 ms. */
const startLimitMs = 30_000;
/** Between the end of the connection and that of the process: QEMU may have disks to flush. */
const exitLimitMs = 5_000;

export interface LaunchRequest {
  readonly binary: string;
  readonly argv: readonly string[];
  /** Undefined: it dies with us. */
  readonly redial: Redial | undefined;
  readonly runtimeDirectory: string;
  readonly inheritedFds: readonly number[];
  /** Opens what stands for our own chardevs; QEMU finds their sockets in its directory. */
  readonly bridges?: (directory: string, upstream: Upstream) => Promise<Bridges>;
  readonly clock: Clock;
  readonly polling: PollingOptions;
  /** Hears of what happens until somebody listens to the upstream. */
  readonly event: (event: MachineEvent) => void;
  readonly generationChanged?: () => void;
  readonly log: (message: string) => void;
}

export interface LaunchedQemu {
  readonly directory: RuntimeDirectory;
  readonly listener: Listener;
  readonly process: QemuProcess;
  readonly upstream: Upstream;
  readonly greeting: Greeting;
  readonly bridges: Bridges | undefined;
}

export async function launchQemu(request: LaunchRequest): Promise<LaunchedQemu> {
  const directory = makeRuntimeDirectory(request.runtimeDirectory);
  const { clock, polling, generationChanged = () => undefined, log, event } = request;
  const upstream = new Upstream({ clock, generation: 1, endLines: false, polling, generationChanged, log });
  upstream.listen({ event, disconnected: (_reason, giveUp) => giveUp() });
  let listener: Listener | undefined;
  let process: QemuProcess | undefined;
  let bridges: Bridges | undefined;
  try {
    bridges = await request.bridges?.(directory.path, upstream);
    listener = await openDialIn(directory.socketPath, (connection) => upstream.accept(connection));
    process = await spawnQemu({
      binary: request.binary,
      argv: [
        ...bridgeArguments(bridges?.ids ?? [], directory.path, request.redial),
        ...request.argv,
        ...monitorArguments(directory.socketPath, request.redial),
      ],
      stderrPath: directory.stderrPath,
      inheritedFds: request.inheritedFds,
      diesWithUs: request.redial === undefined,
    });
    markUnfinished(directory.path, process.identity);
    const greeting = await negotiated(process, upstream, request);
    return { directory, listener, process, upstream, greeting, bridges };
  } catch (thrown) {
    const reason = process === undefined ? thrown : await launchFailure(thrown, process, directory, request);
    await abandon({ directory, listener, process, upstream, bridges }, request.clock);
    throw reason;
  }
}

/**
 * `-qmp` takes a chardev that is there, and says the same in every release: since 11.1 it makes the object
 * `monitor-qmp` of the chardev's name. `-mon`, which would do the same before, has been deprecated since then, with a line
 * among QEMU's last words.
 */
function monitorArguments(path: string, redial: Redial | undefined): string[] {
  const again = redial === undefined ? '' : `,${redial.join('=')}`;
  return [
    '-chardev',
    `socket,id=${monitorChardevId},path=${doubleCommas(path)}${again}`,
    '-qmp',
    `chardev:${monitorChardevId}`,
  ];
}

async function negotiated(
  process: QemuProcess,
  upstream: Upstream,
  request: LaunchRequest,
): Promise<Greeting> {
  const timeLimit = new Promise<never>((_resolve, reject) => {
    const cancel = request.clock.after(startLimitMs, () =>
      reject(new QmpError(`'${request.binary}' opened no monitor within ${startLimitMs} ms`)),
    );
    void process.ended.then(() => {
      cancel();
      reject(new ProcessGone());
    });
  });
  return await Promise.race([upstream.ready, timeLimit]);
}

/** The process ended; what is to be said about it is known later. */
class ProcessGone extends Error {}

async function launchFailure(
  thrown: unknown,
  process: QemuProcess,
  directory: RuntimeDirectory,
  { clock, binary }: LaunchRequest,
): Promise<unknown> {
  if (!(thrown instanceof ProcessGone) && !(await endsWithin(process, 100, clock))) return thrown;
  const end = await process.ended;
  return new QmpError(endMessage(`QEMU ('${binary}')`, endText(end), lastWords(directory.stderrPath)));
}

/** "QEMU ended with exit status 1: -device nonsense: ..." */
export function endMessage(who: string, how: string, words: string): string {
  return words === '' ? `${who} ${how}` : `${who} ${how}: ${words}`;
}

/** The error for a command that failed because, as it may turn out, QEMU ended. */
export async function errorOrEnd(thrown: unknown, launched: LaunchedQemu, clock: Clock): Promise<unknown> {
  if (launched.upstream.connected || !(await endsWithin(launched.process, exitLimitMs, clock))) return thrown;
  const end = await launched.process.ended;
  return new QmpError(endMessage('QEMU', endText(end), lastWords(launched.directory.stderrPath)));
}

export interface Abandoned {
  readonly directory: RuntimeDirectory;
  readonly listener: Listener | undefined;
  readonly process: QemuProcess | undefined;
  readonly upstream: Upstream;
  readonly bridges: Bridges | undefined;
}

/** Takes down, without asking, what there is of it. Resolves when nothing is left. */
export async function abandon(
  { directory, listener, process, upstream, bridges }: Abandoned,
  clock: Clock,
): Promise<void> {
  if (process?.running === true) {
    await endProcess(
      process,
      { ask: () => process.signal('SIGKILL'), askedMs: 1000, terminatedMs: 0 },
      clock,
    );
  }
  upstream.close();
  await listener?.close();
  await bridges?.close();
  directory.remove();
}
