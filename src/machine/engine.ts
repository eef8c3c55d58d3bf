// What runs the machine, behind one interface: a QEMU process (src/engines/qemu) or v86 in a worker thread
// (src/engines/embedded). An engine makes machines from a configuration; it never talks to clients and knows no
// session. Everything it has to say goes through its EngineHost.

import type { JsonObject, JsonValue } from '../json/value.ts';
import type { DescriptorUse } from '../qmp/fds/descriptor-uses.ts';
import type { CommandTraits, DeclaredKind } from '../qmp/traits.ts';
import type { OwnedFd } from '../util/owned-fd.ts';
import type { Chardev } from './chardev.ts';
import type { RunState } from './phase.ts';

export type EngineKind = 'qemu' | 'embedded';

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
  /** Ids of declared chardevs that this process has open itself; the engine asks the host for those it needs. */
  readonly openHere?: ReadonlySet<string>;
}

/** How a machine came to its end without being asked to. */
export interface EngineEnd {
  /** In words, for logs and for clients whose command was in flight. */
  readonly reason: string;
  /** Exit status of the process, where there is one; -N for signal N. */
  readonly status?: number;
}

/** What an engine may ask of, and tell, the process that it runs in. */
export interface EngineHost {
  /**
   * An event for all sessions; without a timestamp it happened now. `line` is the whole event as another QMP server
   * printed it, without the line's end: what is only passed on is not printed again, nor rate-limited again.
   */
  event(name: string, data?: JsonObject, timestampUs?: number, line?: string): void;
  runState(state: RunState): void;
  /** Called once, last: the machine is gone. Not called after `destroy()`. */
  ended(end: EngineEnd): void;
  /** Opens a declared chardev for a frontend in this process; throws a QmpError that names it when it cannot. */
  chardev(id: string): Promise<Chardev>;
  /** The descriptors of an fdset of ours, which a declaration names; they stay the caller's. */
  fdset?(id: string): readonly number[];
  log(message: string): void;
}

export interface Engine {
  readonly kind: EngineKind;
  /**
   * Makes the machine, stopped (run state `prelaunch`). Rejects with a QmpError for the client when it cannot, and
   * then leaves nothing behind.
   */
  create(configuration: MachineConfiguration, host: EngineHost): Promise<EngineMachine>;
  /**
   * What the engine can say of a declaration before creation: rejects with a QmpError that names what is accepted
   * (unknown device, unknown property, wrong type, command refused). Absent where there is nothing to ask.
   */
  checkDeclaration?(declaration: Pick<Declaration, 'kind' | 'arguments'>): Promise<void>;
  /** A declaration can name descriptors (`getfd`), which its machines inherit. */
  readonly takesDescriptors?: true;
  /** Answers, while there is no machine, a query about what the engine could make: a command whose traits say `probe`. */
  answerBlank?(command: string, argumentsText: string | undefined): Promise<ForwardReply>;
  /** Whether a machine of this engine would have the command. */
  hasCommand?(command: string): Promise<boolean>;
  /** What devices put into a migration, by the name of the device; of this machine type or the engine's own. */
  vmstateDescription?(machineType?: string): Promise<JsonObject>;
}

export type EngineMachine = EmulatedMachine | ForwardingMachine;

/** A machine whose monitor commands qmpd carries out itself, by these verbs. All reject with a QmpError. */
export interface EmulatedMachine {
  readonly kind: 'emulated';
  cont(): Promise<void>;
  stop(): Promise<void>;
  reset(): Promise<void>;
  /** Presses the ACPI power button. */
  powerdown(): Promise<void>;
  /** QEMU's InputEvent values (qapi/ui.json), already checked, in order. */
  input(events: readonly JsonObject[]): Promise<void>;
  screen(): Promise<ScreenImage>;
  /** `virtual` goes through the page tables of the CPU's present mode. */
  readMemory(space: 'physical' | 'virtual', address: bigint, size: number): Promise<Uint8Array>;
  /** Opens or replaces the medium of a removable drive ("fda", "fdb", "cdrom"); undefined takes it out. */
  setMedium(drive: string, image: DiskImage | undefined): Promise<void>;
  readonly memoryBytes: number;
  /**
   * What the next reset makes of the machine: the configuration is checked as `create` checks it, and kept; `applied`
   * is called once the machine has become that. Media of removable drives stay what they are. Rejects with a QmpError,
   * and then what was kept before stays.
   */
  reconfigure(configuration: MachineConfiguration, applied: () => void): Promise<void>;
  /** `set-action`: what the guest's resets and power-offs lead to from now on; what is left out stays. */
  setActions(actions: Partial<MachineActions>): void;
  /** Ends it at once; resolves when nothing of it is left. */
  destroy(): Promise<void>;
}

/** QEMU's RebootAction and ShutdownAction (qapi/run-state.json). */
export interface MachineActions {
  readonly reboot: 'reset' | 'shutdown';
  readonly shutdown: 'poweroff' | 'pause';
}

/** What a drive is backed by, after the block nodes have been followed down. */
export type DiskImage =
  | { readonly kind: 'file'; readonly path: string; readonly readOnly: boolean }
  | { readonly kind: 'null'; readonly bytes: number };

/** Pixels, 4 bytes each (red, green, blue, 255), row by row from the top. */
export interface ScreenImage {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

/** A machine with a QMP monitor of its own, to which commands are forwarded as bytes. */
export interface ForwardingMachine {
  readonly kind: 'forwarding';
  /** Absent where the machine cannot be given any. */
  readonly chardevs?: MachineChardevs | undefined;
  /** Rejects with a QmpError when no answer can come any more. */
  forward(request: ForwardRequest): Promise<ForwardReply>;
  /** An fdset of ours is gone. What the machine has open of it stays open until its user there closes it. */
  fdsetRemoved(id: string): void;
  /** It may still have a set of that number which another session made, so that this session had better take another. */
  mayHoldFdset(id: string, session: string): boolean;
  /** The session is gone: what it has not yet sent is dropped, and so are answers to come. */
  sessionEnded(session: string): void;
  status(): ForwardingStatus;
  destroy(): Promise<void>;
}

/**
 * Chardevs of this process as chardevs of a machine that runs: those that it was made with, and others. Both rejections
 * are with a QmpError in the machine's words, and then nothing has changed.
 */
export interface MachineChardevs {
  has(id: string): boolean;
  /** Gives it the declared chardev: as a new one, or in place of one of its own. */
  lend(declaration: Declaration, command: 'chardev-add' | 'chardev-change'): Promise<void>;
  /** The machine lets go of it: by chardev-remove, or for a backend of its own by chardev-change. Its answer. */
  takeBack(id: string, backend?: JsonObject): Promise<JsonValue>;
}

/** The process behind a forwarding machine, for `query-machine` and for logs. */
export interface ForwardingStatus {
  /** Undefined when it was not started by this engine and cannot be told. */
  readonly pid: number | undefined;
  readonly version: string;
  /** False while a heartbeat is overdue or the monitor connection is being made again. */
  readonly answering: boolean;
  readonly inFlight: readonly {
    readonly command: string;
    readonly session: string;
    readonly sinceMs: number;
  }[];
  readonly queued: number;
}

/** A command with its arguments, and what is known of both: each place of the arguments is looked for once. */
export interface ReadCommand {
  readonly command: string;
  readonly traits: CommandTraits;
  readonly arguments: JsonValue | undefined;
  /** Where the arguments name descriptors that `getfd` brought. */
  readonly uses: readonly DescriptorUse[];
  /** What a line for the human monitor asks for. */
  readonly meant?: { readonly traits: CommandTraits; readonly arguments: JsonObject };
}

export interface ForwardRequest extends ReadCommand {
  readonly session: string;
  readonly outOfBand: boolean;
  /** The client's own bytes of the `arguments` member; undefined when absent. */
  readonly argumentsText: string | undefined;
  /**
   * By the client's name for it: handed over just before, under a unique name that replaces the client's, and closed
   * there if the command does not consume it. They belong to the machine from the call on.
   */
  readonly fds: ReadonlyMap<string, OwnedFd>;
  /** The descriptors of each fdset that the arguments name; the machine gets what it lacks. The caller keeps them. */
  readonly fdsets?: ReadonlyMap<string, readonly number[]>;
  /** After this time without an answer the promise rejects; the command itself cannot be called back. */
  readonly timeoutMs?: number;
}

/** The value of `return` or `error`, as bytes: never parsed and printed again. */
export type ForwardReply =
  | { readonly kind: 'return'; readonly text: string | Uint8Array }
  | { readonly kind: 'error'; readonly text: string | Uint8Array };
