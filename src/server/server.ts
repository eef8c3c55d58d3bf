// The composition root: one machine with its configuration, its chardevs and objects, and the sessions that command
// it. Everything that the folders below declare as an interface gets its implementation here.

import { ChardevRegistry, type ObjectResolver } from '../chardevs/index.ts';
import type { CommandContext, Server as CommandServer } from '../commands/context.ts';
import { commands } from '../commands/index.ts';
import { machineWasReset } from '../commands/machine-restart.ts';
import { attach } from '../engines/qemu/attach.ts';
import { type JsonObject, type JsonValue, jsonObject } from '../json/value.ts';
import type { DescriptorSource } from '../machine/chardev.ts';
import { Configuration } from '../machine/configuration.ts';
import type { EngineEnd, ForwardingMachine } from '../machine/engine.ts';
import { Machine } from '../machine/machine.ts';
import { Dispatcher, type DispatchScene } from '../qmp/dispatch.ts';
import { EventBus, emittedEvent } from '../qmp/event-bus.ts';
import { FdBudget } from '../qmp/fd-budget.ts';
import { Fdsets } from '../qmp/fdset.ts';
import type { Outcome } from '../qmp/reply.ts';
import type { Request } from '../qmp/request.ts';
import type { Session } from '../qmp/session.ts';
import { type Address, parseAddress } from '../transports/address.ts';
import { messageOf } from '../util/local-error.ts';
import { authorize } from './authorization.ts';
import { ChardevMonitor } from './chardev-monitor.ts';
import { Engines } from './engines.ts';
import { fdDescription } from './fd-description.ts';
import { answerBlank, forwardRequest } from './forwarding.ts';
import { Listeners, placeOf, protectionOf } from './listeners.ts';
import { type EndObject, Objects } from './object-set.ts';
import { redeclareChardevs } from './redeclare.ts';
import { defaultRuntimeDirectory } from './runtime-directory.ts';
import { checkArguments, checkCapabilities } from './schema.ts';
import { SchemaViews } from './schema-views.ts';
import { SessionSet } from './session-set.ts';
import { shutdownStep } from './shutdown-step.ts';
import { lockState, type StateLock } from './state-lock.ts';
import { systemClock } from './system-clock.ts';
import { greetingLine } from './version.ts';

export interface ServerOptions {
  /** In the text form of addresses: "unix:/run/qmpd/qmp.sock", "tcp:127.0.0.1:4444", "fd:3", "stdio". */
  readonly listeners: readonly string[];
  /** The QEMU to use; unset: the one in PATH, if there is one. */
  readonly qemuBinary?: string;
  /** Where the sockets of QEMU processes are made, for this user only; unset: in the user's runtime directory. */
  readonly runtimeDirectory?: string;
  /** Where a later process finds the machine again, when this one dies; unset: nowhere. */
  readonly stateDirectory?: string;
  /** Address of a QMP server to share, in place of a machine of our own. */
  readonly attach?: string;
  /** What is done before anybody else can connect; not when an earlier process's machine was found. */
  readonly preparation?: Preparation;
  /** Replies and events over several lines, as with QEMU's pretty=on. */
  readonly pretty?: boolean;
  /** Connections at once; a further one is told so and closed. */
  readonly sessionsMax?: number;
  /** The process is to end when its machine does. */
  readonly exitWithMachine?: boolean;
  readonly log?: (message: string) => void;
  /** Hears of each session's beginning and end. */
  readonly trace?: (message: string) => void;
}

export interface Preparation {
  /** Where the server listens for it alone. */
  readonly address: string;
  /** When it rejects, the server does not start. */
  run(): Promise<void>;
}

/** Far more than there are clients of one machine, and few enough that all of them take less than a gigabyte. */
const sessionsMaxDefault = 4096;

/** Longer than a machine may take to come up, since one that is being made can only be ended when it is there. */
const stepLimitMs = 40_000;

/** How long clients have to take their last bytes when the server ends. */
const drainMs = 1000;

function isDeclaredForQemu(command: string, args: JsonObject | undefined, own: Objects): boolean {
  if (command === 'blockdev-add') return true;
  return command === 'object-add' && !own.isOwnType(String(args?.['qom-type']));
}

function shutdownData(reason: string): JsonObject {
  return jsonObject({ guest: false, reason });
}

export class QmpServer {
  /** Resolves with the exit status when the server has ended. */
  readonly ended: Promise<number>;
  readonly machine: Machine;
  readonly #options: ServerOptions;
  readonly #log: (message: string) => void;
  readonly #engines: Engines;
  readonly #schemas: SchemaViews = new SchemaViews();
  readonly #events: EventBus = new EventBus(systemClock);
  readonly #fdsets: Fdsets = new Fdsets((id) => this.#forwarding?.fdsetRemoved(id));
  readonly #configuration: Configuration = new Configuration();
  readonly #chardevs: ChardevRegistry;
  readonly #objects: Objects;
  readonly #objectResolver: ObjectResolver = {
    object: (id) => this.#objects.get(id),
    authorize: (id, name) => authorize(this.#objects.get(id), name),
  };
  readonly #sessions: SessionSet;
  readonly #listeners: Listeners;
  readonly #dispatcher: Dispatcher<CommandContext>;
  readonly #commandServer: CommandServer;
  #stateLock: StateLock | undefined;
  #finish: (status: number) => void = () => undefined;
  #ending = false;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#log = options.log ?? (() => undefined);
    this.ended = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#engines = new Engines({
      qemuBinary: options.qemuBinary,
      runtimeDirectory: options.runtimeDirectory ?? defaultRuntimeDirectory(),
      stateDirectory: options.stateDirectory,
      log: this.#log,
    });
    this.#objects = new Objects(
      new Map([
        ['qmp-server', (id, properties, fds) => this.#makeServer(id, properties, fds)],
        ['monitor-qmp', (id, properties) => this.#makeMonitor(id, properties)],
      ]),
    );
    this.#chardevs = new ChardevRegistry({
      objects: this.#objectResolver,
      exit: (status) => void this.#stopByChardev(status),
      log: this.#log,
    });
    this.machine = this.#makeMachine();
    this.#sessions = this.#makeSessions();
    this.#listeners = new Listeners((connection, owner) => this.#sessions.open(connection, owner), this.#log);
    this.#dispatcher = new Dispatcher(
      commands,
      (name, args) => this.#checkArguments(name, args),
      (thrown, command) => {
        this.#log(`command ${command}: ${thrown instanceof Error ? thrown.stack : String(thrown)}`);
      },
    );
    this.#commandServer = this.#makeCommandServer();
  }

  /** The addresses that clients can connect to. */
  get addresses(): readonly string[] {
    return this.#listeners.addresses;
  }

  /** Opens the listeners; rejects with a LocalError that names the address that could not be used. */
  async start(): Promise<void> {
    const addresses: Address[] = this.#options.listeners.map(parseAddress);
    try {
      await this.#findMachine();
      await this.#prepare();
      // The preparation may have been told to quit.
      if (this.#ending) return;
      for (const address of addresses) await this.#listeners.add(address);
    } catch (thrown) {
      await this.#listeners.closeAll();
      await this.#stateLock?.close();
      await this.#abandon();
      throw thrown;
    }
  }

  /** Nothing of what was there already, or was made by the preparation, outlives a start that failed. */
  async #abandon(): Promise<void> {
    await this.#objects.removeAll();
    await this.machine.destroy().catch(() => undefined);
    await this.#chardevs.closeAll();
    await this.#engines.close();
  }

  async #prepare(): Promise<void> {
    const { preparation } = this.#options;
    if (preparation === undefined) return;
    if (this.machine.phase !== 'blank') {
      this.#log('machine: taken over as it is: what was to be done first is left out');
      return;
    }
    const listener = await this.#listeners.add(parseAddress(preparation.address));
    try {
      await preparation.run();
    } finally {
      await this.#listeners.remove(listener);
    }
  }

  /** The machine that is there already: one of an earlier process of ours, or the one that we are to share. */
  async #findMachine(): Promise<void> {
    const { attach: address, stateDirectory } = this.#options;
    if (address !== undefined) {
      const attached = await attach({ address, clock: systemClock, log: this.#log });
      this.#engines.attached(attached);
      // A storage daemon has no machine and so no run state.
      this.machine.adopt('qemu', attached.runState ?? 'running', (host) => attached.take(host));
      return;
    }
    if (stateDirectory !== undefined) this.#stateLock = await lockState(stateDirectory);
    await this.#engines.learnVersion();
    const found = await this.#engines.findMachine();
    if (found === undefined) return;
    this.#configuration.restore(found.configuration);
    await redeclareChardevs(this.#chardevs, found.configuration);
    this.machine.adopt('qemu', found.runState, (host) => found.take(host));
    this.#log('machine: taken over from an earlier process');
  }

  /** Ends everything: clients get what is written already and end of file, then the machine goes. */
  async stop(status = 0): Promise<void> {
    if (this.#ending) {
      await this.ended;
      return;
    }
    this.#ending = true;
    this.#sessions.ending();
    await this.#step('the listeners', () => this.#listeners.closeAll());
    this.#sessions.drain('shutdown');
    await this.#step('the objects', () => this.#objects.removeAll());
    await this.#step('the machine', () => this.machine.destroy());
    // Sessions on character devices write their last bytes through them.
    await this.#sessions.allGone(drainMs);
    await this.#step('the character devices', () => this.#chardevs.closeAll());
    await this.#step('the engines', () => this.#engines.close());
    await this.#step('the state', async () => this.#stateLock?.close());
    this.#finish(status);
  }

  #step(what: string, action: () => Promise<void>): Promise<void> {
    return shutdownStep({ what, limitMs: stepLimitMs, clock: systemClock, log: this.#log }, action);
  }

  /** A user at a multiplexed chardev asked the process to end, or a test in the guest did. */
  async #stopByChardev(status: number): Promise<void> {
    this.#events.emit('SHUTDOWN', shutdownData('host-qmp-quit'));
    await this.stop(status);
  }

  /** A signal asked the process to end (QEMU: SHUTDOWN with reason host-signal, then end of file). */
  async stopBySignal(): Promise<void> {
    if (this.#options.attach === undefined) this.#events.emit('SHUTDOWN', shutdownData('host-signal'));
    await this.stop();
  }

  #makeMachine(): Machine {
    return new Machine(this.#configuration, {
      engine: (kind) => this.#engines.get(kind),
      defaultEngine: () => this.#engines.defaultKind,
      event: (name, data, timestampUs, line) => {
        if (line === undefined) this.#events.emit(name, data, timestampUs);
        else this.#events.relay(emittedEvent(name, data, timestampUs ?? systemClock.realTimeUs(), line));
      },
      chardev: (id) => this.#chardevs.open(id),
      fdset: (id) => this.#fdsets.descriptors(id),
      isOpenHere: (id) => this.#chardevs.isTaken(id),
      realTimeUs: systemClock.realTimeUs,
      log: this.#log,
      machineReset: (reason) => void this.#machineReset(reason),
      phaseChanged: (data) => this.#events.emit('PHASE_CHANGED', data),
      machineEnded: (end) => this.#machineEnded(end),
    });
  }

  #makeSessions(): SessionSet {
    return new SessionSet({
      clock: systemClock,
      events: this.#events,
      fdsets: this.#fdsets,
      fdBudget: new FdBudget(),
      pretty: this.#options.pretty ?? false,
      sessionsMax: this.#options.sessionsMax ?? sessionsMaxDefault,
      greeting: (pretty) => greetingLine(this.#engines.versionOf(this.machine.engineKind), pretty),
      checkCapabilities,
      execute: (session, request) => this.#execute(session, request),
      closed: (session) => this.#sessionClosed(session),
      log: this.#options.trace ?? (() => undefined),
    });
  }

  #makeCommandServer(): CommandServer {
    const engines = this.#engines;
    const { machine } = this;
    return {
      machine: this.machine,
      configuration: this.#configuration,
      chardevs: this.#chardevs,
      events: this.#events,
      fdsets: this.#fdsets,
      objects: this.#objects,
      clock: systemClock,
      get version() {
        return engines.versionOf(machine.engineKind);
      },
      attached: this.#options.attach !== undefined,
      schema: async () => this.#schemas.of(await engines.schemaOf(machine.engineKind)),
      sessions: () => this.#sessions.records,
      closeSession: (id) => {
        const session = this.#sessions.find(id);
        session?.drain('session-close');
        return session !== undefined;
      },
      quitAfter: (session) => {
        this.#sessions.ending();
        this.#sessions.onceClosed(session, () => void this.stop());
      },
      engine: () => engines.get(machine.engineKind),
      describeFd: fdDescription,
    };
  }

  #execute(session: Session, request: Request): Outcome | Promise<Outcome> {
    const scene: DispatchScene<CommandContext> = {
      context: { session, request, server: this.#commandServer },
      role: 'admin',
      phase: this.machine.phase,
      forward: this.#forwardOf(session),
      answerBlank: this.#answererOf(),
    };
    return this.#dispatcher.execute(request, scene);
  }

  /** What QEMU is to make is checked against its own schema, when it is declared. */
  #checkArguments(name: string, args: JsonObject | undefined): JsonObject {
    const isQemus = this.machine.engineKind === 'qemu' && isDeclaredForQemu(name, args, this.#objects);
    return isQemus && args !== undefined ? args : checkArguments(name, args);
  }

  /** Where requests go that are not ours: to the monitor of the QEMU that runs. */
  #forwardOf(session: Session): DispatchScene<CommandContext>['forward'] {
    const machine = this.#forwarding;
    if (machine === undefined) return undefined;
    return (request) => forwardRequest(machine, session, request, this.#fdsets);
  }

  /** Who answers, while there is no machine, what only QEMU knows: its probe. */
  #answererOf(): DispatchScene<CommandContext>['answerBlank'] {
    const { phase, engineKind } = this.machine;
    if (phase === 'created' || engineKind !== 'qemu') return undefined;
    const engine = this.#engines.get('qemu');
    return (request) => answerBlank(engine, request, phase);
  }

  #sessionClosed(session: Session): void {
    this.#forwarding?.sessionEnded(session.id);
  }

  /** The machine, when it has a monitor of its own. */
  get #forwarding(): ForwardingMachine | undefined {
    const { state } = this.machine;
    return state.phase === 'created' && state.machine.kind === 'forwarding' ? state.machine : undefined;
  }

  async #machineReset(reason: JsonValue | undefined): Promise<void> {
    const { machine } = this;
    try {
      await machineWasReset({ machine, configuration: this.#configuration }, reason);
    } catch (thrown) {
      if (machine.phase === 'blank')
        this.#machineEnded({ reason: `not made anew after a reset: ${messageOf(thrown)}` });
    }
  }

  #machineEnded(end: EngineEnd): void {
    this.#log(`machine: ended: ${end.reason}`);
    if (this.#options.exitWithMachine || this.#options.attach !== undefined) void this.stop(end.status ?? 0);
  }

  async #makeServer(id: string, properties: JsonObject, fds: DescriptorSource): Promise<EndObject> {
    const protection = protectionOf(properties, this.#objectResolver);
    const owner = { server: id, pretty: properties.pretty === true };
    const listener = await this.#listeners.addObject(placeOf(properties, fds), { owner, protection });
    return async () => {
      await this.#listeners.remove(listener);
      this.#sessions.drain('server-removed', id);
    };
  }

  async #makeMonitor(id: string, properties: JsonObject): Promise<EndObject> {
    const owner = { server: id, pretty: properties.pretty === true };
    const chardev = await this.#chardevs.open(String(properties.chardev));
    const monitor = new ChardevMonitor(id, chardev, {
      opened: (connection) => this.#sessions.open(connection, owner),
      // The object may have been deleted meanwhile, by a client or with the server.
      peerGone: () => {
        if (properties['close-action'] === 'delete') void this.#objects.remove(id).catch(() => undefined);
      },
    });
    return async () => {
      monitor.close();
      this.#sessions.drain('server-removed', id);
    };
  }
}
