// The engine that runs machines in QEMU processes: from a configuration to a stopped machine, or an error in QEMU's
// own words and nothing left behind.

import { isJsonObject, type JsonObject } from '../../json/value.ts';
import type { ChardevType } from '../../machine/chardev-words.ts';
import type {
  Declaration,
  DeclaringCommands,
  Engine,
  FoundInstance,
  MachineConfiguration,
} from '../../machine/engine.ts';
import type { ForwardReply, InstanceHost } from '../../machine/instance.ts';
import { QmpError } from '../../qmp/error.ts';
import type { Greeting } from '../../qmp/greeting.ts';
import type { Clock } from '../../util/clock.ts';
import { messageOf } from '../../util/local-error.ts';
import { shortened } from '../upstream/json-text.ts';
import { type PollingOptions, pollingDefault } from '../upstream/polling.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { readopt } from './adoption/adoption.ts';
import { readState, removeState, writeState } from './adoption/state-file.ts';
import { Bridges, type Redial } from './bridges/bridges.ts';
import { type CreationPlan, type PlannedCommand, planCreation } from './creation/creation-plan.ts';
import { checkDeclaration } from './creation/declaration-check.ts';
import { DeclaredChardevs } from './creation/declared-chardevs.ts';
import { QemuInstance } from './instance.ts';
import { Probe, type QemuVersion } from './probe/probe.ts';
import { dumpVmstate } from './probe/vmstate-dump.ts';
import { type HeartbeatOptions, heartbeatDefault } from './process/heartbeat.ts';
import { abandon, errorOrEnd, type LaunchedQemu, launchQemu } from './process/launch.ts';
import { markFinished, sweepUnfinished } from './process/unfinished.ts';

/** The first release that takes JSON for -device. */
const oldestUsable = [6, 2] as const;

export interface QemuEngineOptions {
  /** Path of a qemu-system-* program. */
  readonly binary: string;
  /** Where the directories of QEMU processes are made; only our user may enter it. */
  readonly runtimeDirectory: string;
  /** Where what was learnt of the binary is kept between runs; undefined: nowhere. */
  readonly stateDirectory?: string;
  /** All that there are. */
  readonly chardevTypes: readonly ChardevType[];
  readonly clock: Clock;
  /** How QEMU is given what is declared. */
  readonly declaring: DeclaringCommands;
  readonly polling?: PollingOptions;
  readonly heartbeat?: HeartbeatOptions;
  /** News that concern no machine. */
  log(message: string): void;
}

/** What the bridges of a machine have on their other side. */
interface BridgeEnds {
  readonly upstream: Upstream;
  readonly host: InstanceHost;
  readonly version: QemuVersion;
}

export class QemuEngine implements Engine {
  readonly takesDescriptors = true as const;
  readonly #options: QemuEngineOptions;
  readonly #probe: Probe;
  readonly #chardevs: DeclaredChardevs;
  /** The machine that there is, for the state file: one engine, one machine. */
  #made: { readonly launched: LaunchedQemu; readonly configuration: MachineConfiguration } | undefined;

  #dumps: Promise<unknown> = Promise.resolve();

  constructor(options: QemuEngineOptions) {
    this.#options = options;
    this.#chardevs = new DeclaredChardevs(options.chardevTypes, options.declaring.chardev);
    const { binary, runtimeDirectory, stateDirectory, clock, log } = options;
    this.#probe = new Probe({ binary, runtimeDirectory, stateDirectory, clock, log });
  }

  /** What the binary says of itself (`query-version`); rejects with a QmpError when it cannot be used. */
  async version(): Promise<{ readonly qemu: QemuVersion; readonly package: string }> {
    const qemu = await this.#usableVersion();
    const answer = await this.#probe.value('query-version');
    // While the probe runs: the first creation has to know it.
    await this.#preparesVnc(qemu);
    return { qemu, package: isJsonObject(answer) ? String(answer.package ?? '') : '' };
  }

  async answerBlank(command: string, argumentsText: string | undefined): Promise<ForwardReply> {
    return await this.#probe.ask(command, argumentsText === undefined ? undefined : shortened(argumentsText));
  }

  async hasCommand(command: string): Promise<boolean> {
    return (await this.#probe.introspection()).hasCommand(command);
  }

  async acceptsDeclaration(declaration: Pick<Declaration, 'kind' | 'arguments'>): Promise<void> {
    const { name } = this.#options.declaring[declaration.kind];
    await checkDeclaration(declaration, name, this.#probe, this.#chardevs);
  }

  /** One at a time: each is a process that takes a whole CPU. */
  async vmstateDescription(machineType?: string): Promise<JsonObject> {
    const dump = this.#dumps.then(() => dumpVmstate(this.#options, machineType));
    this.#dumps = dump.catch(() => undefined);
    return await dump;
  }

  /** Since 9.0 a VNC server that is there before the machine does not show it (needsScreen). */
  async #preparesVnc(version: QemuVersion): Promise<boolean> {
    return version.major < 9 && (await this.#probe.preparesVnc());
  }

  async #usableVersion(): Promise<QemuVersion> {
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

  async create(configuration: MachineConfiguration, host: InstanceHost): Promise<QemuInstance> {
    const { binary, runtimeDirectory, clock, declaring, polling = pollingDefault } = this.#options;
    const version = await this.#usableVersion();
    const bridged = this.#chardevs.bridged(configuration);
    const release = { ...version, preparesVnc: await this.#preparesVnc(version) };
    const wanted = this.#chardevs.withoutOurs(configuration);
    const fdset = (id: string): readonly number[] => host.fdset?.(id) ?? [];
    const plan = planCreation(wanted, release, declaring, this.#chardevs, fdset);
    const launched = await launchQemu({
      binary,
      argv: plan.argv,
      redial: redialOption(version),
      runtimeDirectory,
      inheritedFds: plan.inheritedFds,
      bridges: (directory, upstream) => this.#openBridges(bridged, directory, { upstream, host, version }),
      clock,
      polling,
      event: (event) => host.event(event),
      generationChanged: () => this.#keepState(),
      log: (message) => host.log(`qemu: ${message}`),
    });
    try {
      await carryOut(plan, launched);
    } catch (thrown) {
      const reason = await errorOrEnd(thrown, launched, clock);
      await abandon(launched, clock);
      throw reason;
    }
    return this.#machine(launched, host, configuration, plan.fdsets);
  }

  /**
   * The machine that an earlier qmpd with this state directory made, if its QEMU still runs. Throws a LocalError for
   * a state file that cannot be believed, and for a QEMU that is there and does not answer. Ends what an earlier
   * qmpd had only begun.
   */
  async resume(): Promise<FoundInstance | undefined> {
    sweepUnfinished(this.#options.runtimeDirectory, this.#options.log);
    const { stateDirectory, clock, polling = pollingDefault, log } = this.#options;
    const state = stateDirectory === undefined ? undefined : readState(stateDirectory);
    if (state === undefined || stateDirectory === undefined) return undefined;
    const generationChanged = (): void => this.#keepState();
    const found = await readopt(state, {
      clock,
      polling,
      generationChanged,
      log: (message) => log(`qemu: ${message}`),
    });
    if (found === undefined) {
      log(`the QEMU of an earlier qmpd (process ${state.process.pid}) is gone`);
      removeState(stateDirectory);
      return undefined;
    }
    const { launched, runState } = found;
    const { configuration } = state;
    return {
      kind: 'qemu',
      configuration,
      runState,
      take: (host) => {
        const { upstream, greeting, directory } = launched;
        const bridges = this.#bridges(directory.path, { upstream, host, version: greeting.version });
        bridges.reopen(state.bridged);
        return this.#machine({ ...launched, bridges }, host, configuration, new Map());
      },
    };
  }

  async #openBridges(ids: readonly string[], directory: string, ends: BridgeEnds): Promise<Bridges> {
    const bridges = this.#bridges(directory, ends);
    try {
      await bridges.open(ids);
    } catch (thrown) {
      await bridges.close();
      throw thrown;
    }
    return bridges;
  }

  #bridges(directory: string, { upstream, host, version }: BridgeEnds): Bridges {
    return new Bridges(directory, redialOption(version), {
      chardev: (id) => host.chardev(id),
      tell: (command, args) => upstream.ask(command, args),
      changed: (id, declaration) => this.#redeclared(id, declaration),
      log: (message) => host.log(message),
    });
  }

  /** A qmpd chardev that the running machine got, or gave back. Saved, so that the next qmpd declares it as well. */
  #redeclared(id: string, declaration: Declaration | undefined): void {
    if (this.#made === undefined) return;
    const { launched, configuration } = this.#made;
    const others = configuration.declarations.filter((one) => one.kind !== 'chardev' || one.id !== id);
    const declarations = declaration === undefined ? others : [...others, declaration];
    this.#made = { launched, configuration: { ...configuration, declarations } };
    this.#keepState();
  }

  #machine(
    launched: LaunchedQemu,
    host: InstanceHost,
    configuration: MachineConfiguration,
    fdsets: CreationPlan['fdsets'],
  ): QemuInstance {
    const { clock, heartbeat = heartbeatDefault } = this.#options;
    const machine = new QemuInstance(launched, host, {
      clock,
      heartbeat,
      configuration,
      fdsets,
      typeAnswers: (command, argumentsText) => this.#askTypes(launched.greeting, command, argumentsText),
      over: () => {
        this.#made = undefined;
        this.#keepState();
      },
    });
    this.#made = { launched, configuration };
    this.#keepState();
    markFinished(launched.directory.path);
    launched.upstream.listen(machine);
    return machine;
  }

  /** Undefined when the binary is another one than the machine runs, or gone: an upgrade replaces it under our feet. */
  async #askTypes(
    { version, package: build }: Greeting,
    command: string,
    argumentsText: string | undefined,
  ): Promise<ForwardReply | undefined> {
    const probed = await this.version().catch(() => undefined);
    const same =
      probed?.package === build &&
      probed.qemu.major === version.major &&
      probed.qemu.minor === version.minor &&
      probed.qemu.micro === version.micro;
    return same ? await this.#probe.ask(command, argumentsText) : undefined;
  }

  /** What the next qmpd must know, as it is now. */
  #keepState(): void {
    const { stateDirectory, binary, log } = this.#options;
    if (stateDirectory === undefined) return;
    try {
      if (this.#made === undefined) {
        removeState(stateDirectory);
        return;
      }
      const { launched, configuration } = this.#made;
      const { process, directory, upstream } = launched;
      writeState(stateDirectory, {
        binary,
        process: process.identity,
        directory: directory.path,
        // The connection that is there counts as used.
        generation: upstream.connected ? upstream.generation + 1 : upstream.generation,
        configuration,
        bridged: launched.bridges?.ids ?? [],
      });
    } catch (thrown) {
      log(`the machine could not be taken over if qmpd died now: ${messageOf(thrown)}`);
    }
  }
}

function isOlder(version: QemuVersion, major: number, minor: number): boolean {
  return version.major < major || (version.major === major && version.minor < minor);
}

function redialOption(version: QemuVersion): Redial {
  return isOlder(version, 9, 2) ? ['reconnect', 1] : ['reconnect-ms', 200];
}

/** Everything that a command line could not give, then the machine itself. */
async function carryOut(plan: CreationPlan, { upstream }: LaunchedQemu): Promise<void> {
  if (plan.commands !== undefined) {
    await carryOutAll(plan.commands, upstream);
    await upstream.ask('x-exit-preconfig');
  }
  await carryOutAll(plan.late, upstream);
}

async function carryOutAll(commands: readonly PlannedCommand[], upstream: Upstream): Promise<void> {
  for (const { command, argumentsText, what } of commands) {
    await upstream.tell(command, argumentsText).catch((thrown: unknown) => {
      throw thrown instanceof QmpError
        ? new QmpError(`The ${what} cannot be made: ${thrown.message}`, thrown.errorClass)
        : thrown;
    });
  }
}
