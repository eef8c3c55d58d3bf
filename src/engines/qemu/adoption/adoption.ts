// Finding a machine again that a qmpd before us made: the state file names the process; it is identified by its start
// time; it dials us again within a second or so.

import { isProved } from '../../../host/process-identity.ts';
import { isJsonObject, jsonObject } from '../../../json/value.ts';
import type { RunState } from '../../../machine/phase.ts';
import type { Clock } from '../../../util/clock.ts';
import { LocalError, messageOf } from '../../../util/local-error.ts';
import { openDialIn } from '../../upstream/dial-in.ts';
import { runStateOf } from '../../upstream/run-state.ts';
import { Upstream, type UpstreamOptions } from '../../upstream/upstream.ts';
import type { LaunchedQemu } from '../process/launch.ts';
import { adoptQemu } from '../process/qemu-process.ts';
import { runtimeDirectory } from '../process/runtime-directory.ts';
import type { MachineState } from './state-file.ts';

/** QEMU dials again every second (before 9.2) or every 200 ms. */
const redialLimitMs = 10_000;

export interface Readopted {
  readonly launched: LaunchedQemu;
  readonly runState: RunState;
}

/** Undefined when the process is gone. Throws a LocalError when it is there and does not answer. */
export async function readopt(
  state: MachineState,
  parts: Pick<UpstreamOptions, 'clock' | 'polling' | 'generationChanged' | 'log'>,
): Promise<Readopted | undefined> {
  const { clock } = parts;
  const directory = runtimeDirectory(state.directory);
  // After a start of the host a number may come again with the very start time, in another process.
  const isOurs = !state.marked || isProved(state.process, state.directory);
  const process = isOurs ? adoptQemu(state.process, clock) : undefined;
  if (process === undefined) {
    directory.remove();
    return undefined;
  }
  const upstream = new Upstream({ ...parts, generation: state.generation, endLines: false });
  const listener = await openDialIn(directory.socketPath, (connection) => upstream.accept(connection));
  try {
    const greeting = await withinLimit(upstream.ready, clock);
    const status = await withinLimit(upstream.ask('query-status'), clock);
    await withinLimit(dropFdsets(upstream), clock);
    const launched = { directory, listener, process, upstream, greeting, bridges: undefined };
    return { launched, runState: runStateOf(status) ?? 'paused' };
  } catch (thrown) {
    upstream.close();
    await listener.close();
    const what = `QEMU (process ${state.process.pid}) of an earlier qmpd is there but cannot be taken over`;
    throw new LocalError('ERR_QMPD_ADOPTION', `${what}: ${messageOf(thrown)}`, { cause: thrown });
  }
}

/** The sessions that made them ended with the qmpd before us. */
async function dropFdsets(upstream: Upstream): Promise<void> {
  const sets = await upstream.ask('query-fdsets');
  for (const set of Array.isArray(sets) ? sets : []) {
    const id = isJsonObject(set) ? set['fdset-id'] : undefined;
    if (id !== undefined) await upstream.ask('remove-fd', jsonObject({ 'fdset-id': id }));
  }
}

function withinLimit<T>(promise: Promise<T>, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(redialLimitMs, () =>
      reject(new Error(`no answer within ${redialLimitMs} ms`)),
    );
    promise.then(resolve, reject).finally(cancel);
  });
}
