// What makes machines run, behind one interface: each folder of src/engines has one EngineKit, and src/server/engines.ts
// has one line for each kit. An engine makes instances from a configuration; it knows no session and no client. What
// commands have to know of it they ask here, and nobody looks which engine it is.

import type { JsonObject } from '../json/value.ts';
import type { CommandTraits, DeclaredKind } from '../qmp/traits.ts';
import type { MachineEngine } from '../schema/index.ts';
import type { Clock } from '../util/clock.ts';
import type { OwnedFd } from '../util/owned-fd.ts';
import type { ChardevType } from './chardev-words.ts';
import type { ForwardReply, Instance, InstanceHost, Release } from './instance.ts';
import type { EngineOptions } from './options.ts';
import type { RunState } from './phase.ts';

/** The name of an engine, as `machine-set engine=` has it. */
export type EngineKind = MachineEngine;

/** What was declared by a *-add command before creation, in the order of declaration. */
export interface Declaration {
  readonly kind: DeclaredKind;
  /** The id or node-name; unique within its kind. */
  readonly id: string;
  /** The arguments of the command, checked against the schema. */
  readonly arguments: JsonObject;
  /** Named descriptors that the arguments use, kept for each creation; the engine takes none of them away. */
  readonly fds?: ReadonlyMap<string, OwnedFd>;
}

/** The commands by which things of each kind are declared, and QEMU is given them; from the traits of all commands. */
export type DeclaringCommands = Readonly<Record<DeclaredKind, DeclaringCommand>>;

export interface DeclaringCommand {
  readonly name: string;
  readonly traits: CommandTraits;
}

/** What the next creation will use: the options of `machine-set` (schema type MachineOptions) and the declarations. */
export interface MachineConfiguration {
  readonly options: JsonObject;
  readonly declarations: readonly Declaration[];
  /** Named descriptors that options use, kept for each creation; the engine takes none of them away. */
  readonly fds?: ReadonlyMap<string, OwnedFd>;
  /** Ids of declared chardevs that this process has open itself; the engine asks the host for those it needs. */
  readonly openHere?: ReadonlySet<string>;
}

/** What is known about an engine, even where it is not available. */
export interface EngineKit<Kind extends EngineKind = EngineKind> {
  readonly kind: Kind;
  /**
   * What its instances' commands will be (Instance.commands). A machine of forwarded commands makes what is declared
   * for it itself, checked by its own schema, and nothing can be declared while it is being made.
   */
  readonly commands: Instance['commands']['kind'];
  readonly options: EngineOptions;
  /** Called once in a process. Starts nothing yet. */
  open(parts: EngineParts): Engine | MissingEngine;
}

/** For clients: why an engine is not available here, and what would help. */
export interface MissingEngine {
  readonly missing: string;
}

/** What engines are made of; each uses what it needs. */
export interface EngineParts {
  /** The program that the user has named to run machines, by path or name; undefined: the usual one. */
  readonly program: string | undefined;
  /** Where processes get their sockets; made with mode 0700 when the first one is. */
  readonly runtimeDirectory: string;
  /** Where a machine is remembered for a later process; undefined: nowhere. */
  readonly stateDirectory: string | undefined;
  /** How long not to sleep after each message to or from a process; undefined: the usual time. */
  readonly stayAwakeUs: number | undefined;
  /** How things of each kind are declared, and given to a QMP server that makes them. */
  readonly declaring: DeclaringCommands;
  /** All kinds of chardev that there are. */
  readonly chardevTypes: readonly ChardevType[];
  readonly clock: Clock;
  readonly log: (message: string) => void;
}

export interface Engine {
  /**
   * Makes the machine, stopped (run state `prelaunch`). Rejects with a QmpError for the client when it cannot, and
   * then leaves nothing behind.
   */
  create(configuration: MachineConfiguration, host: InstanceHost): Promise<Instance>;
  /**
   * What an earlier process made and this one can go on with; undefined when there is nothing. Rejects with a
   * LocalError when that cannot be told. Absent where nothing outlives the process.
   */
  resume?(): Promise<FoundInstance | undefined>;
  /**
   * What the engine can say of a declaration before creation: rejects with a QmpError that names what is accepted
   * (unknown device, unknown property, wrong type, command refused). Absent where there is nothing to ask.
   */
  acceptsDeclaration?(declaration: Pick<Declaration, 'kind' | 'arguments'>): Promise<void>;
  /** A declaration can name descriptors (`getfd`), which its machines inherit. */
  readonly takesDescriptors?: true;
  /** Answers, before a machine is created, a query about what the engine could make: a command whose traits say `probe`. */
  answerBlank?(command: string, argumentsText: string | undefined): Promise<ForwardReply>;
  /** Whether a machine of this engine would have the command. */
  hasCommand?(command: string): Promise<boolean>;
  /** What devices put into a migration, by the name of the device; of this machine type or the engine's own. */
  vmstateDescription?(machineType?: string): Promise<JsonObject>;
  /** The QEMU that its machines will be; rejects when it cannot be used. Absent: qmpd speaks for itself. */
  version?(): Promise<{ readonly qemu: Release; readonly package: string }>;
  /** Ends what was started to answer questions; instances live on. */
  close?(): Promise<void>;
}

/** A running thing that was found. Not yet owned: the caller takes it. */
export interface FoundInstance {
  readonly kind: EngineKind;
  readonly runState: RunState;
  /** What it was made from, where that is known. */
  readonly configuration?: MachineConfiguration;
  /** Events that came since it was found are told now. */
  take(host: InstanceHost): Instance;
}
