// The engine that runs machines in QEMU processes: from a configuration to a stopped machine, or an error in QEMU's
// own words and nothing left behind.

import type { Engine, EngineHost, EngineMachine, MachineConfiguration } from '../../machine/engine.ts';
import { QmpError } from '../../qmp/error.ts';
import type { Clock } from '../../util/clock.ts';
import { type CreationPlan, planCreation } from './creation-plan.ts';
import { abandon, errorOrEnd, type LaunchedQemu, type LaunchHandler, launchQemu } from './launch.ts';
import { QemuMachine } from './qemu-machine.ts';

export interface QemuEngineOptions {
  /** Path of a qemu-system-* program. */
  readonly binary: string;
  /** Where the directories of QEMU processes are made; only our user may enter it. */
  readonly runtimeDirectory: string;
  readonly clock: Clock;
}

export class QemuEngine implements Engine {
  readonly kind = 'qemu' as const;
  readonly #options: QemuEngineOptions;

  constructor(options: QemuEngineOptions) {
    this.#options = options;
  }

  async create(configuration: MachineConfiguration, host: EngineHost): Promise<EngineMachine> {
    const { binary, runtimeDirectory, clock } = this.#options;
    const plan = planCreation(configuration, { major: 7, minor: 2 });
    const relay = new Relay(host);
    const launched = await launchQemu(
      {
        binary,
        argv: plan.argv,
        redial: 'reconnect=1',
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
