// A machine that a QEMU process runs, as the rest of qmpd sees it: commands are forwarded, events and run states
// passed on; it is watched, and its end is told once, with QEMU's last words to all who wait.

import { constants } from 'node:os';
import { processStat } from '../../host/process-identity.ts';
import type {
  EngineHost,
  ForwardingMachine,
  ForwardingStatus,
  ForwardReply,
  ForwardRequest,
  MachineChardevs,
  MachineConfiguration,
} from '../../machine/engine.ts';
import { QmpError } from '../../qmp/error.ts';
import type { Clock } from '../../util/clock.ts';
import { Forwarder, type TypeAnswers } from '../upstream/forwarding/forwarder.ts';
import { type UpstreamEvent, versionText } from '../upstream/upstream-connection.ts';
import type { CreationPlan } from './creation/creation-plan.ts';
import { Heartbeat, type HeartbeatOptions } from './process/heartbeat.ts';
import { endMessage, type LaunchedQemu } from './process/launch.ts';
import { type EndLadder, endProcess, endsWithin, endText, type ProcessEnd } from './process/qemu-process.ts';
import { lastWords, trimStderr } from './process/stderr-file.ts';

/** `quit` may have disks to flush; SIGTERM is the same request by another way. */
const ladder: Omit<EndLadder, 'ask'> = { askedMs: 10_000, terminatedMs: 5_000 };

/** A broken connection mostly means that the process is ending; its exit status is waited for so long. */
const exitLimitMs = 2_000;

export interface QemuMachineOptions {
  readonly clock: Clock;
  readonly heartbeat: HeartbeatOptions;
  readonly typeAnswers: TypeAnswers;
  readonly configuration: MachineConfiguration;
  readonly fdsets: CreationPlan['fdsets'];
  /** The machine's process is gone, by itself or by `destroy`. */
  over(): void;
}

type State = 'living' | 'destroying' | 'ended';

export class QemuMachine implements ForwardingMachine {
  readonly kind = 'forwarding' as const;
  readonly #launched: LaunchedQemu;
  readonly #host: EngineHost;
  readonly #options: QemuMachineOptions;
  readonly #forwarder: Forwarder;
  readonly #heartbeat: Heartbeat;
  #state: State = 'living';

  /** Of a QEMU whose machine has been created. */
  constructor(launched: LaunchedQemu, host: EngineHost, options: QemuMachineOptions) {
    this.#launched = launched;
    this.#host = host;
    this.#options = options;
    this.#forwarder = new Forwarder(launched.monitor, host, options);
    this.#heartbeat = new Heartbeat(launched.monitor, options.clock, options.heartbeat, {
      hung: (sinceMs) => this.#hung(sinceMs),
      answers: () => host.log('QEMU answers again'),
      beat: () => trimStderr(launched.directory.stderrPath),
    });
    void launched.process.ended.then((end) => this.#ended(end));
  }

  get chardevs(): MachineChardevs | undefined {
    return this.#launched.bridges;
  }

  forward(request: ForwardRequest): Promise<ForwardReply> {
    const refusal = this.#refusal();
    if (refusal === undefined) return this.#forwarder.forward(request);
    for (const fd of request.fds.values()) fd.close();
    return Promise.reject(new QmpError(refusal));
  }

  #refusal(): string | undefined {
    if (this.#state !== 'living') return 'The machine is ending';
    return this.#heartbeat.hung ? this.#silence() : undefined;
  }

  fdsetRemoved(id: string): void {
    void this.#forwarder.removeFdset(id);
  }

  mayHoldFdset(id: string, session: string): boolean {
    return this.#forwarder.mayHoldFdset(id, session);
  }

  sessionEnded(session: string): void {
    this.#forwarder.sessionEnded(session);
  }

  status(): ForwardingStatus {
    const { process, monitor, greeting } = this.#launched;
    return {
      pid: process.identity.pid,
      version: versionText(greeting),
      answering: monitor.connected && !this.#heartbeat.hung,
      inFlight: monitor.scheduler.inFlight,
      queued: monitor.scheduler.queued,
    };
  }

  async destroy(): Promise<void> {
    if (this.#state !== 'living') return;
    this.#state = 'destroying';
    const { process, monitor } = this.#launched;
    const ask = (): void => void monitor.ask('quit').catch(() => undefined);
    await endProcess(process, { ask, ...ladder }, this.#options.clock);
    await this.#release();
  }

  /** The connection broke. QEMU dials again if it lives; if not, the end of the process follows. */
  disconnected(reason: string, giveUp: () => void): void {
    if (this.#state === 'living') this.#host.log(`QEMU's monitor: ${reason}`);
    void endsWithin(this.#launched.process, exitLimitMs, this.#options.clock).then((ended) => {
      if (!ended) giveUp();
    });
  }

  event(event: UpstreamEvent): void {
    if (this.#state !== 'destroying') this.#forwarder.event(event);
  }

  #hung(sinceMs: number): void {
    this.#host.log(`${this.#silence()} (for ${Math.round(sinceMs / 1000)} s)`);
    this.#launched.monitor.scheduler.failAll((command) => new QmpError(`${command}: ${this.#silence()}`));
  }

  #silence(): string {
    const { pid } = this.#launched.process.identity;
    const stopped = ['T', 't'].includes(processStat(pid)?.state ?? '');
    return `QEMU (process ${pid}) does not answer${stopped ? '; the process is stopped' : ''}`;
  }

  async #ended(end: ProcessEnd): Promise<void> {
    const words = lastWords(this.#launched.directory.stderrPath);
    const before = this.#state;
    this.#state = 'ended';
    const reason = endMessage('QEMU', endText(end), words);
    this.#launched.monitor.scheduler.failAll((command) => new QmpError(`${command}: ${reason}`));
    if (before === 'destroying') return;
    await this.#release();
    const status = exitStatus(end);
    this.#host.ended({ reason, ...(status === undefined ? {} : { status }) });
  }

  async #release(): Promise<void> {
    const { monitor, listener, directory, bridges } = this.#launched;
    this.#heartbeat.stop();
    monitor.close();
    await listener.close();
    await bridges?.close();
    directory.remove();
    this.#options.over();
  }
}

/** As EngineEnd counts: -N for signal N. */
function exitStatus({ status, signal }: ProcessEnd): number | undefined {
  if (signal === undefined) return status;
  const number = constants.signals[signal];
  return number === undefined ? undefined : -number;
}
