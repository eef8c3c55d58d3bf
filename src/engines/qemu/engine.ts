// The engine that runs machines in QEMU processes: from a configuration to a stopped machine, or an error in QEMU's
// own words and nothing left behind.

import { isJsonObject } from '../../json/value.ts';
import type {
  Declaration,
  Engine,
  EngineHost,
  EngineMachine,
  ForwardReply,
  MachineConfiguration,
} from '../../machine/engine.ts';
import { QmpError } from '../../qmp/error.ts';
import type { Clock } from '../../util/clock.ts';
import { type CreationPlan, planCreation } from './creation-plan.ts';
import { checkDeclaration } from './declaration-check.ts';
import { shortened } from './json-text.ts';
import { abandon, errorOrEnd, type LaunchedQemu, type LaunchHandler, launchQemu } from './launch.ts';
import { Probe, type QemuVersion } from './probe.ts';
import { QemuMachine } from './qemu-machine.ts';

/** The first release that takes JSON for -device. */
const oldestUsable = [6, 2] as const;

export interface QemuEngineOptions {
  /** Path of a qemu-system-* program. */
  readonly binary: string;
  /** Where the directories of QEMU processes are made; only our user may enter it. */
  readonly runtimeDirectory: string;
  /** Where what was learnt of the binary is kept between runs; undefined: nowhere. */
  readonly stateDirectory?: string;
  readonly clock: Clock;
  /** News that concern no machine. */
  log(message: string): void;
}

export class QemuEngine implements Engine {
  readonly kind = 'qemu' as const;
  readonly #options: QemuEngineOptions;
  readonly #probe: Probe;

  constructor(options: QemuEngineOptions) {
    this.#options = options;
    const { binary, runtimeDirectory, stateDirectory, clock, log } = options;
    this.#probe = new Probe({ binary, runtimeDirectory, stateDirectory, clock, log });
  }

  /** What the binary says of itself (`query-version`); rejects with a QmpError when it cannot be used. */
  async versionInfo(): Promise<{ readonly qemu: QemuVersion; readonly package: string }> {
    const qemu = await this.#version();
    const answer = await this.#probe.value('query-version');
    return { qemu, package: isJsonObject(answer) ? String(answer.package ?? '') : '' };
  }

  async answerBlank(command: string, argumentsText: string | undefined): Promise<ForwardReply | undefined> {
    if (!this.#probe.answers(command)) return undefined;
    return await this.#probe.ask(command, argumentsText === undefined ? undefined : shortened(argumentsText));
  }

  async hasCommand(command: string): Promise<boolean> {
    return (await this.#probe.introspection()).hasCommand(command);
  }

  async checkDeclaration(declaration: Declaration): Promise<void> {
    await checkDeclaration(declaration, this.#probe);
  }

  async #version(): Promise<QemuVersion> {
    const version = await this.#probe.version();
    const [major, minor] = oldestUsable;
    if (!isOlder(version, major, minor)) return version;
    const found = [version.major, version.minor, version.micro].join('.');
    throw new QmpError(`'${this.#options.binary}' is QEMU ${found}; ${major}.${minor} or newer is needed`);
  }

  /** Ends what was started to answer questions; machines live on. */
  close(): Promise<void> {
    return this.#probe.close();
  }

  async create(configuration: MachineConfiguration, host: EngineHost): Promise<EngineMachine> {
    const { binary, runtimeDirectory, clock } = this.#options;
    const version = await this.#version();
    const plan = planCreation(configuration, version);
    const relay = new Relay(host);
    const launched = await launchQemu(
      {
        binary,
        argv: plan.argv,
        redial: redialOption(version),
        runtimeDirectory,
        inheritedFds: [],
        clock,
      },
      relay,
    );
    try {
      await carryOut(plan, launched);
    } catch (thrown) {
      const reason = await errorOrEnd(thrown, launched, clock);
      await abandon(launched, clock);
      throw reason;
    }
    const machine = new QemuMachine(launched, host, clock);
    relay.machine = machine;
    return machine;
  }
}

function isOlder(version: QemuVersion, major: number, minor: number): boolean {
  return version.major < major || (version.major === major && version.minor < minor);
}

/** How QEMU is told to dial again, and how soon: seconds before 9.2, milliseconds since. */
function redialOption(version: QemuVersion): string {
  return isOlder(version, 9, 2) ? 'reconnect=1' : 'reconnect-ms=200';
}

/** Everything that a command line could not give, then the machine itself. */
async function carryOut(plan: CreationPlan, { monitor }: LaunchedQemu): Promise<void> {
  for (const { command, argumentsText, what } of plan.commands) {
    await monitor.tell(command, argumentsText).catch((thrown: unknown) => {
      throw thrown instanceof QmpError
        ? new QmpError(`The ${what} cannot be made: ${thrown.message}`, thrown.errorClass)
        : thrown;
    });
  }
  await monitor.ask('x-exit-preconfig');
}

/** Where the monitor's news go while there is no machine yet, and then to the machine. */
class Relay implements LaunchHandler {
  machine: QemuMachine | undefined;
  readonly #host: EngineHost;

  constructor(host: EngineHost) {
    this.#host = host;
  }

  event(event: Parameters<LaunchHandler['event']>[0]): void {
    if (this.machine !== undefined) this.machine.event(event);
    else this.#host.event(event.name, event.data, event.timestampUs, event.line);
  }

  disconnected(reason: string): void {
    this.machine?.disconnected(reason);
  }

  log(message: string): void {
    this.#host.log(`qemu: ${message}`);
  }
}
