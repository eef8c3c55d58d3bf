// The composition root: one machine with its configuration, its chardevs and objects, and the sessions that command
// it. Everything that the folders below declare as an interface gets its implementation here.

import path from 'node:path';
import { ChardevRegistry, chardevTypes } from '../chardevs/index.ts';
import { roleOfEverySession } from '../commands/authorize.ts';
import type { Server as CommandServer } from '../commands/context.ts';
import { machineWasReset } from '../commands/handlers/machine-restart.ts';
import { checkCapabilities } from '../commands/schema.ts';
import { RequestServer } from '../commands/serve.ts';
import { tellEngine } from '../commands/tell-engine.ts';
import { declaringCommands } from '../commands/traits.ts';
import { attach } from '../engines/attached/attach.ts';
import { declareChardevs, openMonitors, refuseWaitingMonitors } from '../entrances/given-monitors.ts';
import { Listeners } from '../entrances/listeners.ts';
import { ownObjectMakers } from '../entrances/objects.ts';
import { SessionSet } from '../entrances/sessions.ts';
import { type JsonObject, type JsonValue, jsonObject } from '../json/value.ts';
import { Configuration } from '../machine/configuration/configuration.ts';
import { redeclareChardevs } from '../machine/configuration/redeclare.ts';
import { EngineSet } from '../machine/engine-set.ts';
import type { InstanceEnd } from '../machine/instance.ts';
import { Life } from '../machine/life.ts';
import { Objects } from '../machine/objects.ts';
import { EventBus } from '../qmp/events/bus.ts';
import { FdBudget } from '../qmp/fds/budget.ts';
import { Fdsets } from '../qmp/fds/fdsets.ts';
import type { Session } from '../qmp/session/session.ts';
import { type Address, parseAddress } from '../transports/address.ts';
import { authorize } from '../transports/layers/authorization.ts';
import type { ObjectResolver } from '../transports/layers/object-resolver.ts';
import type { Clock } from '../util/clock.ts';
import { messageOf } from '../util/local-error.ts';
import { Behind } from './behind.ts';
import { standardEngines } from './engines.ts';
import { fdDescription } from './fd-description.ts';
import { defaultRuntimeDirectory } from './runtime-directory.ts';
import type { ServerOptions } from './server-options.ts';
import { shutdownStep } from './shutdown-step.ts';
import { Journal } from './state/journal.ts';
import { KeptConfiguration } from './state/kept-configuration.ts';
import { lockState, type StateLock } from './state-lock.ts';
import { systemClock } from './system-clock.ts';
import { greetingOf } from './version.ts';

/** Far more than there are clients of one machine, and few enough that all of them take less than a gigabyte. */
const sessionsMaxDefault = 4096;

/** Longer than a machine may take to come up, since one that is being made can only be ended when it is there. */
const stepLimitMs = 40_000;

/** How long clients have to take their last bytes when the server ends. */
const drainMs = 1000;

function shutdownData(reason: string): JsonObject {
  return jsonObject({ guest: false, reason });
}

export class QmpServer {
  /** Resolves with the exit status when the server has ended. */
  readonly ended: Promise<number>;
  readonly machine: Life;
  readonly #options: ServerOptions;
  readonly #log: (message: string) => void;
  readonly #engines: EngineSet;
  readonly #behind: Behind;
  readonly #clock: Clock;
  readonly #events: EventBus;
  readonly #fdsets: Fdsets = new Fdsets(
    (id) => this.machine.forwarded?.fdsetRemoved(id),
    (id, owner) => this.machine.forwarded?.mayHoldFdset(id, owner) ?? false,
  );
  readonly #configuration: Configuration = new Configuration();
  readonly #chardevs: ChardevRegistry;
  readonly #objects: Objects;
  readonly #objectResolver: ObjectResolver = {
    object: (id) => this.#objects.get(id),
    authorize: (id, name) => authorize(this.#objects.get(id), name),
  };
  readonly #sessions: SessionSet;
  readonly #listeners: Listeners;
  readonly #commandServer: CommandServer;
  readonly #requests: RequestServer;
  #stateLock: StateLock | undefined;
  /** Where a later server finds the configuration of the machine that runs; undefined without a state directory. */
  #kept: KeptConfiguration | undefined;
  #finish: (status: number) => void = () => undefined;
  #ending = false;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#log = options.log ?? (() => undefined);
    this.ended = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#clock = systemClock(this.#log);
    this.#events = new EventBus(this.#clock, this.#log);
    this.#engines = new EngineSet(options.engines ?? standardEngines, {
      program: options.qemuBinary,
      runtimeDirectory: options.runtimeDirectory ?? defaultRuntimeDirectory(),
      stateDirectory: options.stateDirectory,
      stayAwakeUs: options.stayAwakeUs,
      declaring: declaringCommands,
      chardevTypes,
      clock: this.#clock,
      log: this.#log,
    });
    this.#behind = new Behind(this.#engines);
    this.#objects = new Objects(
      ownObjectMakers({
        objects: this.#objectResolver,
        chardevs: () => this.#chardevs,
        sessions: () => this.#sessions,
        listeners: () => this.#listeners,
        phase: () => this.machine.phase,
        remove: (id) => void this.#objects.remove(id).catch(() => undefined),
      }),
    );
    this.#chardevs = new ChardevRegistry({
      objects: this.#objectResolver,
      exit: (status) => void this.#stopByChardev(status),
      consoleResized: (id, cols, rows) =>
        this.#events.emit('CONSOLE_RESIZED', jsonObject({ id, cols, rows })),
      log: this.#log,
    });
    this.machine = this.#makeMachine();
    this.#sessions = this.#makeSessions();
    this.#listeners = new Listeners((connection, owner) => this.#sessions.open(connection, owner), this.#log);
    this.#commandServer = this.#makeCommandServer();
    this.#requests = new RequestServer({
      server: this.#commandServer,
      roleOf: () => roleOfEverySession,
      keep: () => this.#kept?.keep(),
      log: this.#log,
    });
  }

  /** The addresses that clients can connect to. */
  get addresses(): readonly string[] {
    return this.#listeners.addresses;
  }

  /** Where the monitors are that the server was started with: "c0 (pty:/dev/pts/3)". */
  get monitorPlaces(): readonly string[] {
    const { monitors = [] } = this.#options;
    return monitors.map(({ chardev }) => `${chardev} (${this.#chardevs.get(chardev)?.filename ?? 'gone'})`);
  }

  /** Opens the listeners; rejects with a LocalError that names the address that could not be used. */
  async start(): Promise<void> {
    const addresses: Address[] = this.#options.listeners.map(parseAddress);
    try {
      await this.#findMachine();
      await this.#prepareWithMonitors();
      // The preparation may have been told to quit.
      if (this.#ending) return;
      for (const address of addresses) await this.#listeners.add(address);
    } catch (thrown) {
      await this.#listeners.closeAll();
      await this.#kept?.close();
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

  async #prepareWithMonitors(): Promise<void> {
    const { chardevs = [], monitors = [] } = this.#options;
    const place = {
      chardevs: this.#chardevs,
      configuration: this.#configuration,
      objects: this.#objects,
    };
    await declareChardevs(place, chardevs);
    await openMonitors(place, monitors);
    await this.#prepare();
    await refuseWaitingMonitors(place, monitors);
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

  /** The machine that exists already: one that an earlier qmpd started, or the one that we share. */
  async #findMachine(): Promise<void> {
    const { attach: address, stateDirectory, stayAwakeUs } = this.#options;
    if (address !== undefined) {
      const log = this.#log;
      this.machine.adopt(await attach({ address, clock: this.#clock, stayAwakeUs, log }));
      return;
    }
    if (stateDirectory !== undefined) {
      this.#stateLock = await lockState(stateDirectory);
      const journal = await Journal.open(path.join(stateDirectory, 'machine.journal'));
      this.#kept = new KeptConfiguration(journal, this.#configuration);
    }
    await this.#behind.learnVersions(this.#log);
    const found = await this.#engines.resume();
    if (found === undefined) {
      await this.#kept?.forget();
      return;
    }
    const kept = this.#kept?.read();
    // An engine knows what it made; what has become of it since was kept here.
    const configuration = kept?.configuration ?? found.configuration;
    if (configuration !== undefined) {
      this.#configuration.restore(configuration);
      await redeclareChardevs(this.#chardevs, configuration);
    }
    this.machine.adopt(found);
    if (kept !== undefined) this.#configuration.created(kept.running);
    await this.#keep();
    this.#log('machine: taken over from an earlier process');
  }

  /** Nobody waits for it: that it cannot be written is told in the log, and tried again. */
  async #keep(): Promise<void> {
    try {
      await this.#kept?.keep();
    } catch (thrown) {
      this.#log(`what the machine is by now could not be taken over if qmpd died now: ${messageOf(thrown)}`);
    }
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
    await this.#step('the state', async () => {
      await this.#keep();
      await this.#kept?.close();
      await this.#stateLock?.close();
    });
    this.#finish(status);
  }

  #step(what: string, action: () => Promise<void>): Promise<void> {
    return shutdownStep({ what, limitMs: stepLimitMs, clock: this.#clock, log: this.#log }, action);
  }

  /** A user at a multiplexed chardev asked the process to end, or a test in the guest did. */
  async #stopByChardev(status: number): Promise<void> {
    this.#events.emit('SHUTDOWN', shutdownData('host-qmp-quit'));
    await this.stop(status);
  }

  /** A signal asked the process to end (QEMU: SHUTDOWN with reason host-signal, then end of file). */
  async stopBySignal(): Promise<void> {
    if (this.machine.mayEnd === true) this.#events.emit('SHUTDOWN', shutdownData('host-signal'));
    await this.stop();
  }

  #makeMachine(): Life {
    return new Life(this.#configuration, {
      engines: this.#engines,
      event: (event) => this.#events.publish(event),
      chardev: (id) => this.#chardevs.open(id),
      fdset: (id) => this.#fdsets.descriptors(id),
      isOpenHere: (id) => this.#chardevs.isTaken(id),
      realTimeUs: this.#clock.realTimeUs,
      log: this.#log,
      machineReset: (reason) => void this.#machineReset(reason),
      kept: () => this.#keep(),
      phaseChanged: (data) => this.#events.emit('PHASE_CHANGED', data),
      machineEnded: (end) => this.#machineEnded(end),
    });
  }

  #makeSessions(): SessionSet {
    return new SessionSet({
      clock: this.#clock,
      events: this.#events,
      fdsets: this.#fdsets,
      fdBudget: new FdBudget(),
      pretty: this.#options.pretty ?? false,
      sessionsMax: this.#options.sessionsMax ?? sessionsMaxDefault,
      greet: (pretty) => greetingOf(this.#behind.version(this.machine), pretty),
      checkCapabilities,
      execute: (session, request) => this.#requests.serve(session, request),
      closed: (session) => this.#sessionClosed(session),
      trace: this.#options.trace ?? (() => undefined),
      log: this.#log,
    });
  }

  #makeCommandServer(): CommandServer {
    const engines = this.#engines;
    const behind = this.#behind;
    const { machine } = this;
    return {
      machine: this.machine,
      configuration: this.#configuration,
      engines,
      chardevs: this.#chardevs,
      events: this.#events,
      fdsets: this.#fdsets,
      objects: this.#objects,
      clock: this.#clock,
      get version() {
        return behind.version(machine);
      },
      schema: () => behind.schema(machine),
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
      tell: (command, args) => tellEngine(machine, command, args),
      declaring: declaringCommands,
      engine: () => engines.get(machine.engineKind),
      describeFd: fdDescription,
    };
  }

  #sessionClosed(session: Session): void {
    this.machine.instance?.sessionEnded(session.id);
  }

  async #machineReset(reason: JsonValue | undefined): Promise<void> {
    const { machine } = this;
    try {
      await machineWasReset(this.#commandServer, reason);
    } catch (thrown) {
      if (machine.phase === 'blank')
        this.#machineEnded({ reason: `not made anew after a reset: ${messageOf(thrown)}` });
    }
  }

  #machineEnded(end: InstanceEnd): void {
    this.#log(`machine: ended: ${end.reason}`);
    if (this.#options.exitWithMachine || this.#options.attach !== undefined) void this.stop(end.status ?? 0);
  }
}
