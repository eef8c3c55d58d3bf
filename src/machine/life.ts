// The machine of this process: its phase, its configuration, and the engine that runs it. It is created, ended and
// created again here; what clients may ask of it in which phase is in the constants of src/commands.

import { printCompact } from '../json/print.ts';
import { type JsonObject, type JsonValue, jsonObject } from '../json/value.ts';
import { QmpError } from '../qmp/error.ts';
import { unclassified } from '../qmp/traits.ts';
import { assert } from '../util/assert.ts';
import { messageOf } from '../util/local-error.ts';
import type { Chardev } from './chardev.ts';
import type { Configuration } from './configuration/configuration.ts';
import { type Drive, drivesOf } from './drives.ts';
import type {
  Engine,
  EngineEnd,
  EngineHost,
  EngineKind,
  EngineMachine,
  MachineActions,
  MachineConfiguration,
} from './engine.ts';
import type { Phase, RunState } from './phase.ts';

/** Each phase with what exists only in it. */
export type MachineState =
  | { readonly phase: 'blank' }
  | { readonly phase: 'creating'; readonly kind: EngineKind }
  | CreatedState
  | { readonly phase: 'ending' };

export interface CreatedState {
  readonly phase: 'created';
  readonly kind: EngineKind;
  readonly machine: EngineMachine;
  readonly runState: RunState;
  readonly sinceUs: number;
  /** The drives of a machine that qmpd emulates itself; QEMU keeps its own. */
  readonly drives: readonly Drive[];
}

/** What the machine needs of the process around it. */
export interface MachineHost {
  engine(kind: EngineKind): Engine;
  /** Which engine an unset `engine` option means. */
  defaultEngine(): EngineKind;
  event(name: string, data?: JsonObject, timestampUs?: number, line?: string): void;
  chardev(id: string): Promise<Chardev>;
  /** The descriptors of an fdset that clients made here. */
  fdset(id: string): readonly number[];
  /** True for a chardev that something in this process uses. */
  isOpenHere(chardev: string): boolean;
  realTimeUs(): number;
  log(message: string): void;
  /** The machine was reset, for this reason (QEMU's ShutdownCause); its event is out already. */
  machineReset(reason: JsonValue | undefined): void;
  /** Data of PHASE_CHANGED. */
  phaseChanged(data: JsonObject): void;
  /** The machine ended by itself; the machine is `blank` again. */
  machineEnded(end: EngineEnd): void;
}

export class Machine {
  readonly configuration: Configuration;
  /** Whether a reset makes the machine anew when a change needs that. */
  applyPendingOnReset = false;
  readonly #host: MachineHost;
  #state: MachineState = { phase: 'blank' };
  #actions: Partial<MachineActions> = {};
  #lastEnd: TimedEnd | undefined;
  /** When `creating` or `ending` is over, either way. */
  #settled: Promise<void> = Promise.resolve();

  constructor(configuration: Configuration, host: MachineHost) {
    this.configuration = configuration;
    this.#host = host;
  }

  get state(): MachineState {
    return this.#state;
  }

  get phase(): Phase {
    return this.#state.phase;
  }

  /** QEMU's run state; `prelaunch` while there is no machine, as QEMU says of itself in its preconfig state. */
  get runState(): RunState {
    return this.#state.phase === 'created' ? this.#state.runState : 'prelaunch';
  }

  /** The engine that a machine has, or that the next one will have. */
  get engineKind(): EngineKind {
    if (this.#state.phase === 'created' || this.#state.phase === 'creating') return this.#state.kind;
    const chosen = this.configuration.get('engine');
    return chosen === 'qemu' || chosen === 'embedded' ? chosen : this.#host.defaultEngine();
  }

  /** The created machine; a command whose constant says `created` may rely on it. */
  get created(): CreatedState {
    assert(this.#state.phase === 'created', 'the machine exists');
    return this.#state;
  }

  /** What `set-action` was told. */
  get actions(): Partial<MachineActions> {
    return this.#actions;
  }

  /** How the last machine ended that was not asked to. */
  get lastEnd(): TimedEnd | undefined {
    return this.#lastEnd;
  }

  /** Makes the machine from the configuration; on failure everything is as before and the reason is thrown. */
  create(): Promise<void> {
    return this.#underWay(this.#create());
  }

  async #create(): Promise<void> {
    assert(this.#state.phase === 'blank', 'only a blank machine is created');
    const kind = this.engineKind;
    this.#transition({ phase: 'creating', kind });
    const life: MachineLife = { over: undefined };
    const configuration = this.configuration.snapshot((id) => this.#host.isOpenHere(id));
    try {
      const drives = kind === 'embedded' ? drivesOf(configuration) : [];
      const machine = await this.#host.engine(kind).create(configuration, this.#engineHost(life));
      await setActionsOf(machine, this.#actions).catch(async (thrown: unknown) => {
        await machine.destroy();
        throw thrown;
      });
      const sinceUs = this.#host.realTimeUs();
      this.#transition({ phase: 'created', kind, machine, runState: 'prelaunch', sinceUs, drives });
    } catch (thrown) {
      this.#transition({ phase: 'blank' }, { reason: messageOf(thrown) });
      throw thrown;
    }
    this.configuration.created(configuration.options);
    if (life.over !== undefined) {
      this.#ended(life.over);
      throw new QmpError(`The machine ended as soon as it was created: ${life.over.reason}`);
    }
  }

  /** `set-action`: what the guest's resets and power-offs lead to, now and in machines to come. */
  setActions(actions: Partial<MachineActions>): void {
    this.#actions = { ...this.#actions, ...actions };
    if (this.#state.phase === 'created' && this.#state.machine.kind === 'emulated') {
      this.#state.machine.setActions(actions);
    }
  }

  /**
   * Has the next reset make an emulated machine anew, with these options in place of the configuration's (undefined:
   * unset). Rejects with a QmpError when that machine cannot be.
   */
  async reconfigure(changes: ReadonlyMap<string, JsonValue | undefined>): Promise<void> {
    const { machine } = this.created;
    assert(machine.kind === 'emulated', 'an emulated machine is made anew at a reset');
    const { options: recorded, declarations } = this.configuration.snapshot((id) =>
      this.#host.isOpenHere(id),
    );
    const options = jsonObject(recorded);
    for (const [name, value] of changes) {
      if (value === undefined) delete options[name];
      else options[name] = value;
    }
    const configuration = { options, declarations };
    await machine.reconfigure(configuration, () => this.#madeAnew(configuration));
  }

  /** Ends the machine and makes it anew; rejects with the QmpError of the creation, and then there is none. */
  async restart(): Promise<void> {
    await this.destroy();
    if (this.#state.phase !== 'blank') throw new QmpError('Somebody else has created the machine meanwhile');
    await this.create();
  }

  /** Takes over a machine that exists already (re-adoption after a restart, or one that was started elsewhere). */
  adopt(kind: EngineKind, runState: RunState, make: (host: EngineHost) => EngineMachine): void {
    assert(this.#state.phase === 'blank', 'only a blank machine adopts');
    const machine = make(this.#engineHost({ over: undefined }));
    this.configuration.created(this.configuration.snapshot(() => false).options);
    const sinceUs = this.#host.realTimeUs();
    this.#transition({ phase: 'created', kind, machine, runState, sinceUs, drives: [] });
  }

  /** Ends only the machine: back to `blank`, with the configuration as it was. One that is being made is ended then. */
  async destroy(): Promise<void> {
    while (this.#state.phase === 'creating' || this.#state.phase === 'ending') await this.#settled;
    if (this.#state.phase === 'created') await this.#underWay(this.#end(this.#state.machine));
  }

  async #end(machine: EngineMachine): Promise<void> {
    this.#transition({ phase: 'ending' });
    try {
      await machine.destroy();
    } finally {
      this.#transition({ phase: 'blank' });
      this.configuration.ended();
    }
  }

  #underWay(transition: Promise<void>): Promise<void> {
    this.#settled = transition.catch(() => undefined);
    return transition;
  }

  /** What the engine of one machine may call; calls that come after the machine's end are ignored. */
  #engineHost(life: MachineLife): EngineHost {
    return {
      event: (name, data, timestampUs, line) => {
        if (name === 'DEVICE_TRAY_MOVED') this.#trayMoved(data);
        // The next machine is to be like this one.
        if (name === 'DEVICE_DELETED') this.configuration.withdraw('device', String(data?.device));
        this.#host.event(name, data, timestampUs, line);
        if (name === 'RESET') this.#host.machineReset(data?.reason);
      },
      runState: (runState) => {
        if (this.#state.phase === 'created') this.#transition({ ...this.#state, runState });
      },
      ended: (end) => {
        if (this.#state.phase === 'created') this.#ended(end);
        else life.over = end;
      },
      chardev: (id) => this.#host.chardev(id),
      fdset: (id) => this.#host.fdset(id),
      log: (message) => this.#host.log(message),
    };
  }

  /** Media of removable drives are what they were before the reset. */
  #madeAnew(configuration: MachineConfiguration): void {
    if (this.#state.phase !== 'created') return;
    const former = this.#state.drives;
    const drives = drivesOf(configuration).map(
      (drive) => former.find(({ option, removable }) => removable && option === drive.option) ?? drive,
    );
    this.#state = { ...this.#state, drives };
    this.configuration.reset(configuration.options);
  }

  /** The guest has moved a tray; what clients move themselves is known already. */
  #trayMoved(data: JsonObject | undefined): void {
    if (this.#state.phase !== 'created') return;
    const drive = this.#state.drives.find(({ option }) => option === data?.id);
    if (drive !== undefined) drive.trayOpen = data?.['tray-open'] === true;
  }

  #ended(end: EngineEnd): void {
    this.#lastEnd = { ...end, timeUs: this.#host.realTimeUs() };
    this.#transition({ phase: 'blank' }, end);
    this.configuration.ended();
    this.#host.machineEnded(end);
  }

  #transition(next: MachineState, end?: EngineEnd): void {
    const describe = (state: MachineState): string =>
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
async function setActionsOf(machine: EngineMachine, actions: Partial<MachineActions>): Promise<void> {
  if (machine.kind === 'emulated') {
    machine.setActions(actions);
  } else if (Object.keys(actions).length > 0) {
    const args = jsonObject({ ...actions });
    await machine.forward({
      session: 'qmpd',
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

export interface TimedEnd extends EngineEnd {
  readonly timeUs: number;
}

/** An end that comes while the machine is still being created is kept until it is. */
interface MachineLife {
  over: EngineEnd | undefined;
}
