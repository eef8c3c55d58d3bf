// A machine that a QEMU process runs, as the rest of qmpd sees it: commands are forwarded, events and run states
// passed on, its end told once.

import { constants } from 'node:os';
import type { JsonValue } from '../../json/value.ts';
import type {
  EngineHost,
  ForwardingMachine,
  ForwardingStatus,
  ForwardReply,
  ForwardRequest,
} from '../../machine/engine.ts';
import { QmpError } from '../../qmp/error.ts';
import type { Clock } from '../../util/clock.ts';
import { shortened } from './json-text.ts';
import { endMessage, type LaunchedQemu } from './launch.ts';
import { endProcess, endText, type ProcessEnd } from './qemu-process.ts';
import { runStateByEvent, runStateOf, runStateUnknownAfter } from './run-state.ts';
import { lastWords } from './stderr-file.ts';
import { type UpstreamEvent, versionText } from './upstream.ts';

/** `quit` may have disks to flush; SIGTERM is the same request by another way. */
const ladder = { askedMs: 10_000, terminatedMs: 5_000 } as const;

type State = 'living' | 'destroying' | 'ended';

export class QemuMachine implements ForwardingMachine {
  readonly kind = 'forwarding' as const;
  readonly #launched: LaunchedQemu;
  readonly #host: EngineHost;
  readonly #clock: Clock;
  #state: State = 'living';

  /** Of a QEMU that has been created and is in run state `prelaunch`. */
  constructor(launched: LaunchedQemu, host: EngineHost, clock: Clock) {
    this.#launched = launched;
    this.#host = host;
    this.#clock = clock;
    void launched.process.ended.then((end) => this.#ended(endText(end), exitStatus(end)));
  }

  forward(request: ForwardRequest): Promise<ForwardReply> {
    if (this.#state !== 'living') return Promise.reject(new QmpError('The machine is ending'));
    const { session, command, outOfBand, argumentsText, timeoutMs } = request;
    return this.#launched.monitor.scheduler.submit({
      session,
      command,
      argumentsText: argumentsText === undefined ? undefined : shortened(argumentsText),
      outOfBand,
      timeoutMs,
    });
  }

  descriptorNames(_command: string, _args: JsonValue | undefined): readonly string[] {
    return [];
  }

  sessionEnded(session: string): void {
    this.#launched.monitor.scheduler.sessionEnded(session);
  }

  status(): ForwardingStatus {
    const { process, monitor, greeting } = this.#launched;
    return {
      pid: process.identity.pid,
      version: versionText(greeting),
      answering: monitor.connected,
      inFlight: monitor.scheduler.inFlight,
      queued: monitor.scheduler.queued,
    };
  }

  async destroy(): Promise<void> {
    if (this.#state !== 'living') return;
    this.#state = 'destroying';
    const { process, monitor } = this.#launched;
    const quit = (): void => void monitor.ask('quit').catch(() => undefined);
    await endProcess(process, { ask: quit, ...ladder }, this.#clock);
    await this.#release();
  }

  /** The connection broke. QEMU dials again if it lives; if not, the end of the process follows. */
  disconnected(reason: string): void {
    if (this.#state === 'living') this.#host.log(`QEMU's monitor: ${reason}`);
  }

  event(event: UpstreamEvent): void {
    if (this.#state === 'destroying') return;
    this.#host.event(event.name, event.data, event.timestampUs, event.line);
    const runState = runStateByEvent.get(event.name);
    if (runState !== undefined) this.#host.runState(runState);
    if (runStateUnknownAfter.has(event.name)) this.#askRunState();
  }

  #askRunState(): void {
    this.#launched.monitor.ask('query-status').then(
      (status) => {
        const state = runStateOf(status);
        if (state !== undefined && this.#state === 'living') this.#host.runState(state);
      },
      () => undefined,
    );
  }

  async #ended(how: string, status: number | undefined): Promise<void> {
    const words = lastWords(this.#launched.directory.stderrPath);
    const before = this.#state;
    this.#state = 'ended';
    const reason = endMessage('QEMU', how, words);
    this.#launched.monitor.scheduler.failAll((command) => new QmpError(`${command}: ${reason}`));
    if (before === 'destroying') return;
    await this.#release();
    this.#host.ended({ reason, ...(status === undefined ? {} : { status }) });
  }

  async #release(): Promise<void> {
    const { monitor, listener, directory } = this.#launched;
    monitor.close();
    await listener.close();
    directory.remove();
  }
}

/** As EngineEnd counts: -N for signal N. */
function exitStatus({ status, signal }: ProcessEnd): number | undefined {
  if (signal === undefined) return status;
  const number = constants.signals[signal];
  return number === undefined ? undefined : -number;
}
