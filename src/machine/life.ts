// The life of the machine: what takes it through its phases, from its configuration to an instance that an engine makes,
// and back to blank. What clients may ask of it in which phase is in the constants of src/commands.

import { printCompact } from '../json/print.ts';
import { type JsonObject, type JsonValue, jsonObject } from '../json/value.ts';
import { QmpError } from '../qmp/error.ts';
import type { MachineEvent } from '../qmp/events/event.ts';
import { unclassified } from '../qmp/traits.ts';
import { assert } from '../util/assert.ts';
import { messageOf } from '../util/local-error.ts';
import { ask } from './ask.ts';
import type { Chardev } from './chardev.ts';
import type { Configuration } from './configuration/configuration.ts';
import { Follower } from './configuration/follower.ts';
import { HeldEvents } from './configuration/held-events.ts';
import type { MachineActions } from './controls.ts';
import type { EngineKind, FoundInstance } from './engine.ts';
import type { EngineSet } from './engine-set.ts';
import {
  type ForwardedCommands,
  type Instance,
  type InstanceEnd,
  type InstanceHost,
  ownSession,
  type Why,
} from './instance.ts';
import type { Living } from './options.ts';
import type { Phase, RunState } from './phase.ts';

/** Each phase with what exists only in it. */
export type LifeState =
  | { readonly phase: 'blank' }
  | { readonly phase: 'creating'; readonly kind: EngineKind }
  | CreatedState
  | { readonly phase: 'ending' };

export interface CreatedState {
  readonly phase: 'created';
  readonly kind: EngineKind;
  readonly instance: Instance;
  readonly runState: RunState;
  readonly sinceUs: number;
}

/** What a life needs of the process around it. */
export interface LifeHost {
  readonly engines: EngineSet;
  event(event: MachineEvent): void;
  chardev(id: string): Promise<Chardev>;
  /** The descriptors of an fdset that clients made here. */
  fdset(id: string): readonly number[];
  /** True for a chardev that something in this process uses. */
  isOpenHere(chardev: string): boolean;
  realTimeUs(): number;
  log(message: string): void;
  /** The machine was reset, for this reason (QEMU's ShutdownCause); its event is out already. */
  machineReset(reason: JsonValue | undefined): void;
  /** Resolves when the configuration, as it is now, is where a later process finds it, or that has failed. */
  kept(): Promise<void>;
  /** Data of PHASE_CHANGED. */
  phaseChanged(data: JsonObject): void;
  /** The instance ended by itself; the machine is `blank` again. */
  machineEnded(end: InstanceEnd): void;
}

export class Life {
  readonly configuration: Configuration;
  /** Whether a reset makes the machine anew when a change needs that. */
  applyPendingOnReset = false;
  readonly #host: LifeHost;
  #state: LifeState = { phase: 'blank' };
  #actions: Partial<MachineActions> = {};
  #lastEnd: TimedEnd | undefined;
  /** Of an instance that may be ended and made anew, by another QMP server than this one. */
  #follower: Follower | undefined;
  /** Events on which clients rely, told when what they tell of is written down. */
  readonly #events: HeldEvents;
  /** When `creating` or `ending` is over, either way. */
  #settled: Promise<void> = Promise.resolve();

  constructor(configuration: Configuration, host: LifeHost) {
    this.configuration = configuration;
    this.#host = host;
    this.#events = new HeldEvents({
      settle: async () => {
        await this.#follower?.readBack();
        await host.kept();
      },
      tell: (event) => {
        host.event(event);
        if (event.name === 'RESET') host.machineReset(event.data?.reason);
      },
      holds: (event) => this.#holds(event),
    });
  }

  /** Resolves when the events that came so far have been told. */
  get eventsTold(): Promise<void> | undefined {
    return this.#events.told;
  }

  #holds({ name, data }: MachineEvent): boolean {
    // The next machine is to be like this one.
    const device = data?.device;
    if (name === 'DEVICE_DELETED' && typeof device === 'string')
      this.configuration.withdraw('device', device);
    return this.#follower?.changes(name) === true;
  }

  get state(): LifeState {
    return this.#state;
  }

  get phase(): Phase {
    return this.#state.phase;
  }

  /** QEMU's run state; `prelaunch` before the machine is created, as QEMU says in its preconfig state. */
  get runState(): RunState {
    return this.#state.phase === 'created' ? this.#state.runState : 'prelaunch';
  }

  /** The engine that a machine has, or that the next one will have. */
  get engineKind(): EngineKind {
    if (this.#state.phase === 'created' || this.#state.phase === 'creating') return this.#state.kind;
    const { engines } = this.#host;
    return engines.kindOf(this.configuration.get('engine')) ?? engines.defaultKind;
  }

  /** The created machine; a command whose constant says `created` may rely on it. */
  get created(): CreatedState {
    assert(this.#state.phase === 'created', 'the machine exists');
    return this.#state;
  }

  /** What runs the machine, if there is one. */
  get instance(): Instance | undefined {
    return this.#state.phase === 'created' ? this.#state.instance : undefined;
  }

  /** Its commands, where they are forwarded. */
  get forwarded(): ForwardedCommands | undefined {
    const commands = this.instance?.commands;
    return commands?.kind === 'forwarded' ? commands : undefined;
  }

  /** Whether qmpd may end the machine that there is, and make it anew. */
  get mayEnd(): true | Why {
    return this.instance?.mayEnd ?? true;
  }

  /** What `set-action` was told. */
  get actions(): Partial<MachineActions> {
    return this.#actions;
  }

  /** How the last machine ended that was not asked to. */
  get lastEnd(): TimedEnd | undefined {
    return this.#lastEnd;
  }

  /** The created machine as what options change. */
  get living(): Omit<Living, 'tell'> {
    const { instance } = this.created;
    return {
      instance,
      declarations: this.configuration.declarations,
      madeAnew: (options) => {
        if (this.instance === instance) this.configuration.reset(options);
      },
    };
  }

  /** Makes the machine from the configuration; on failure everything is as before and the reason is thrown. */
  create(): Promise<void> {
    return this.#underWay(this.#create());
  }

  async #create(): Promise<void> {
    assert(this.#state.phase === 'blank', 'only a blank machine is created');
    const kind = this.engineKind;
    this.#transition({ phase: 'creating', kind });
    const early: EarlyEnd = { end: undefined };
    const configuration = this.configuration.snapshot((id) => this.#host.isOpenHere(id));
    try {
      const instance = await this.#host.engines.get(kind).create(configuration, this.#instanceHost(early));
      await setActionsOf(instance, this.#actions).catch(async (thrown: unknown) => {
        await instance.end();
        throw thrown;
      });
      const sinceUs = this.#host.realTimeUs();
      this.#transition({ phase: 'created', kind, instance, runState: 'prelaunch', sinceUs });
    } catch (thrown) {
      this.#transition({ phase: 'blank' }, { reason: messageOf(thrown) });
      throw thrown;
    }
    this.configuration.created(configuration.options);
    await this.#follow();
    if (early.end !== undefined) {
      this.#ended(early.end);
      throw new QmpError(`The machine ended as soon as it was created: ${early.end.reason}`);
    }
  }

  /** `set-action`: what the guest's resets and power-offs lead to, now and in machines to come. */
  setActions(actions: Partial<MachineActions>): void {
    this.#actions = { ...this.#actions, ...actions };
    const commands = this.instance?.commands;
    if (commands?.kind === 'controlled') commands.controls.power.setActions(actions);
  }

  /** What keeps the configuration like the machine that runs; undefined where there is nothing to be read back. */
  get follower(): Follower | undefined {
    return this.#follower;
  }

  async #follow(): Promise<void> {
    const { instance } = this;
    if (instance?.mayEnd !== true || instance.commands.kind !== 'forwarded') return;
    const { commands } = instance;
    this.#follower = new Follower({
      configuration: this.configuration,
      ask: (command, args) => ask(commands, command, args),
      placeOf: (backend) => instance.driveOption?.(backend),
      log: (message) => this.#host.log(message),
    });
    await this.#follower.begin();
  }

  /** Ends the machine and makes it anew; rejects with the QmpError of the creation, and then there is none. */
  async restart(): Promise<void> {
    await this.#follower?.readBack();
    await this.destroy();
    if (this.#state.phase !== 'blank') throw new QmpError('Somebody else has created the machine meanwhile');
    await this.create();
  }

  /** Goes on with an instance that runs already (of an earlier process, or one that was started elsewhere). */
  adopt({ kind, runState, take }: FoundInstance): void {
    assert(this.#state.phase === 'blank', 'only a blank machine adopts');
    const instance = take(this.#instanceHost({ end: undefined }));
    this.configuration.created(this.configuration.snapshot(() => false).options);
    const sinceUs = this.#host.realTimeUs();
    this.#transition({ phase: 'created', kind, instance, runState, sinceUs });
    void this.#follow();
  }

  /** Ends only the machine: back to `blank`, with the configuration as it was. One that is being made is ended then. */
  async destroy(): Promise<void> {
    while (this.#state.phase === 'creating' || this.#state.phase === 'ending') await this.#settled;
    if (this.#state.phase === 'created') await this.#underWay(this.#end(this.#state.instance));
  }

  async #end(instance: Instance): Promise<void> {
    this.#transition({ phase: 'ending' });
    this.#follower = undefined;
    try {
      await instance.end();
      await this.#events.told;
    } finally {
      this.#transition({ phase: 'blank' });
      this.configuration.ended();
    }
  }

  #underWay(transition: Promise<void>): Promise<void> {
    this.#settled = transition.catch(() => undefined);
    return transition;
  }

  /** What one instance may call; calls that come after its end are ignored. */
  #instanceHost(early: EarlyEnd): InstanceHost {
    return {
      event: (event) => this.#events.event(event),
      runState: (runState) => {
        if (this.#state.phase === 'created') this.#transition({ ...this.#state, runState });
      },
      ended: (end) => {
        // What it said before its end is told before it.
        const { told } = this.#events;
        if (told !== undefined) void told.then(() => this.#instanceEnded(end, early));
        else this.#instanceEnded(end, early);
      },
      chardev: (id) => this.#host.chardev(id),
      fdset: (id) => this.#host.fdset(id),
      log: (message) => this.#host.log(message),
    };
  }

  #instanceEnded(end: InstanceEnd, early: EarlyEnd): void {
    if (this.#state.phase === 'created') this.#ended(end);
    else early.end = end;
  }

  #ended(end: InstanceEnd): void {
    this.#lastEnd = { ...end, timeUs: this.#host.realTimeUs() };
    this.#transition({ phase: 'blank' }, end);
    this.#follower = undefined;
    this.configuration.ended();
    this.#host.machineEnded(end);
  }

  #transition(next: LifeState, end?: InstanceEnd): void {
    const describe = (state: LifeState): string =>
      state.phase === 'created' ? `created (${state.runState})` : state.phase;
    const from = this.#state;
    this.#host.log(`machine: ${describe(from)} -> ${describe(next)}`);
    this.#state = next;
    if (from.phase === next.phase) return;
    const why =
      end === undefined
        ? {}
        : { reason: end.reason, ...(end.status === undefined ? {} : { status: end.status }) };
    this.#host.phaseChanged(jsonObject({ from: from.phase, to: next.phase, ...why }));
  }
}

/** What `set-action` was told while there was no machine. */
async function setActionsOf({ commands }: Instance, actions: Partial<MachineActions>): Promise<void> {
  if (commands.kind === 'controlled') {
    commands.controls.power.setActions(actions);
  } else if (Object.keys(actions).length > 0) {
    const args = jsonObject({ ...actions });
    // An older QEMU may not know an action. The machine works without it.
    await commands.forward({
      session: ownSession,
      command: 'set-action',
      traits: unclassified,
      uses: [],
      outOfBand: false,
      argumentsText: printCompact(args),
      arguments: args,
      fds: new Map(),
    });
  }
}

export interface TimedEnd extends InstanceEnd {
  readonly timeUs: number;
}

/** An end that comes while the machine is still being created is kept until it is. */
interface EarlyEnd {
  end: InstanceEnd | undefined;
}
