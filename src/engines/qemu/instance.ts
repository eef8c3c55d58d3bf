// One QEMU process that runs the machine, as the rest of qmpd sees it: commands are forwarded, events and run states
// passed on; it is watched, and its end is told once, with QEMU's last words to all who wait.

import { constants } from 'node:os';
import { processStat } from '../../host/process-identity.ts';
import type { MachineConfiguration } from '../../machine/engine.ts';
import type { BridgedChardevs, Instance, InstanceHost, InstanceStatus } from '../../machine/instance.ts';
import { QmpError } from '../../qmp/error.ts';
import type { MachineEvent } from '../../qmp/events/event.ts';
import type { MachineOptions } from '../../schema/index.ts';
import type { Clock } from '../../util/clock.ts';
import { Forwarder, type TypeAnswers } from '../upstream/forwarding/forwarder.ts';
import type { UpstreamListener } from '../upstream/upstream.ts';
import { versionText } from '../upstream/upstream-connection.ts';
import type { CreationPlan } from './creation/creation-plan.ts';
import { optionOfBackend } from './options/drives.ts';
import { Heartbeat, type HeartbeatOptions } from './process/heartbeat.ts';
import { endMessage, type LaunchedQemu } from './process/launch.ts';
import { type EndLadder, endProcess, endsWithin, endText, type ProcessEnd } from './process/qemu-process.ts';
import { lastWords, trimStderr } from './process/stderr-file.ts';

/** `quit` may have disks to flush; SIGTERM is the same request by another way. */
const ladder: Omit<EndLadder, 'ask'> = { askedMs: 10_000, terminatedMs: 5_000 };

/** A broken connection mostly means that the process is ending; its exit status is waited for so long. */
const exitLimitMs = 2_000;

export interface QemuInstanceOptions {
  readonly clock: Clock;
  readonly heartbeat: HeartbeatOptions;
  readonly typeAnswers: TypeAnswers;
  readonly configuration: MachineConfiguration;
  readonly fdsets: CreationPlan['fdsets'];
  /** The machine's process is gone, by itself or by `end`. */
  over(): void;
}

type State = 'living' | 'ending' | 'ended';

export class QemuInstance implements Instance, UpstreamListener {
  readonly commands: Forwarder;
  readonly mayEnd = true;
  readonly #launched: LaunchedQemu;
  readonly #host: InstanceHost;
  readonly #options: QemuInstanceOptions;
  readonly #heartbeat: Heartbeat;
  #state: State = 'living';

  /** Of a QEMU whose machine has been created. */
  constructor(launched: LaunchedQemu, host: InstanceHost, options: QemuInstanceOptions) {
    this.#launched = launched;
    this.#host = host;
    this.#options = options;
    this.commands = new Forwarder(launched.upstream, host, { ...options, refusal: () => this.#refusal() });
    this.#heartbeat = new Heartbeat(launched.upstream, options.clock, options.heartbeat, {
      hung: (sinceMs) => this.#hung(sinceMs),
      answers: () => host.log('QEMU answers again'),
      beat: () => trimStderr(launched.directory.stderrPath),
    });
    void launched.process.ended.then((end) => this.#ended(end));
  }

  get chardevs(): BridgedChardevs | undefined {
    return this.#launched.bridges;
  }

  #refusal(): string | undefined {
    if (this.#state !== 'living') return 'The machine is ending';
    return this.#heartbeat.hung ? this.#silence() : undefined;
  }

  sessionEnded(session: string): void {
    this.commands.sessionEnded(session);
  }

  driveOption(backend: string): string | undefined {
    return optionOfBackend(backend, this.#options.configuration.options as MachineOptions);
  }

  status(): InstanceStatus {
    const { process, upstream, greeting } = this.#launched;
    return {
      pid: process.identity.pid,
      version: versionText(greeting),
      answering: upstream.connected && !this.#heartbeat.hung,
      inFlight: upstream.scheduler.inFlight,
      queued: upstream.scheduler.queued,
    };
  }

  async end(): Promise<void> {
    if (this.#state !== 'living') return;
    this.#state = 'ending';
    const { process, upstream } = this.#launched;
    const ask = (): void => void upstream.ask('quit').catch(() => undefined);
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

  event(event: MachineEvent): void {
    if (this.#state !== 'ending') this.commands.event(event);
  }

  #hung(sinceMs: number): void {
    this.#host.log(`${this.#silence()} (for ${Math.round(sinceMs / 1000)} s)`);
    this.#launched.upstream.scheduler.failAll((command) => new QmpError(`${command}: ${this.#silence()}`));
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
    this.#launched.upstream.scheduler.failAll((command) => new QmpError(`${command}: ${reason}`));
    if (before === 'ending') return;
    await this.#release();
    const status = exitStatus(end);
    this.#host.ended({ reason, ...(status === undefined ? {} : { status }) });
  }

  async #release(): Promise<void> {
    const { upstream, listener, directory, bridges } = this.#launched;
    this.#heartbeat.stop();
    upstream.close();
    await listener.close();
    await bridges?.close();
    directory.remove();
    this.#options.over();
  }
}

/** As InstanceEnd counts: -N for signal N. */
function exitStatus({ status, signal }: ProcessEnd): number | undefined {
  if (signal === undefined) return status;
  const number = constants.signals[signal];
  return number === undefined ? undefined : -number;
}
