// One running thing that an engine made or found: a QEMU process, a worker, a QMP server that somebody else started. A
// machine has at most one. Its commands are either forwarded, as bytes, to a QMP server of its own, or carried out by
// qmpd itself through its controls; nobody outside the engines asks which engine it is. It knows no session and talks to
// no client: everything it has to say goes through its InstanceHost.

import type { JsonObject, JsonValue } from '../json/value.ts';
import type { MachineEvent } from '../qmp/events/event.ts';
import type { DescriptorUse } from '../qmp/fds/descriptor-uses.ts';
import type { CommandTraits } from '../qmp/traits.ts';
import type { OwnedFd } from '../util/owned-fd.ts';
import type { Chardev } from './chardev.ts';
import type { Controls } from './controls.ts';
import type { Declaration } from './engine.ts';
import type { RunState } from './phase.ts';

/** A reason, as a sentence for clients without its full stop. */
export type Why = string;

export interface Instance {
  readonly commands: ForwardedCommands | ControlledCommands;
  /** Absent where the machine cannot be given chardevs of this process while it runs. */
  readonly chardevs?: BridgedChardevs | undefined;
  /** Whether qmpd may end it and make it anew; what somebody else started is only let go. */
  readonly mayEnd: true | Why;
  /** What a QMP server that qmpd did not start says about itself. */
  readonly about?: ServerBehind;
  /** Which drive option made the drive whose backend has this name; absent where no option makes drives. */
  driveOption?(backend: string): string | undefined;
  status(): InstanceStatus;
  /** The session is gone: what it has not yet sent is dropped, and so are answers to come. */
  sessionEnded(session: string): void;
  /** Ends it, or lets it go (`mayEnd`); resolves when nothing of it is left here. */
  end(): Promise<void>;
}

/** What an instance may ask of, and tell, the process that it runs in. */
export interface InstanceHost {
  /** For all sessions. */
  event(event: MachineEvent): void;
  runState(state: RunState): void;
  /** Called once, last: it is gone. Not called after `Instance.end`. */
  ended(end: InstanceEnd): void;
  /** Opens a declared chardev for a frontend in this process; throws a QmpError that names it when it cannot. */
  chardev(id: string): Promise<Chardev>;
  /** The descriptors of an fdset that a declaration names. The caller must not close them. */
  fdset?(id: string): readonly number[];
  log(message: string): void;
}

/** How an instance came to its end without being asked to. */
export interface InstanceEnd {
  /** In words, for logs and for clients whose command was in flight. */
  readonly reason: string;
  /** Exit status of the process, where there is one; -N for signal N. */
  readonly status?: number;
}

/** For `query-machine` and for logs. */
export interface InstanceStatus {
  /** Undefined without a process, or where it is not known. */
  readonly pid?: number | undefined;
  /** Of the program that runs it, where that is another one. */
  readonly version?: string;
  /** False while a heartbeat is overdue or the connection is being made again. */
  readonly answering: boolean;
  readonly inFlight: readonly CommandInFlight[];
  readonly queued: number;
}

export interface CommandInFlight {
  readonly command: string;
  readonly session: string;
  readonly sinceMs: number;
}

export interface ServerBehind {
  readonly release: Release;
  readonly package: string;
  /** The answer to `query-qmp-schema`; undefined when it has no such command. */
  schema(): Promise<ForwardReply | undefined>;
}

/** As in `query-version`. */
export interface Release {
  readonly major: number;
  readonly minor: number;
  readonly micro: number;
}

/** qmpd carries the commands out itself. */
export interface ControlledCommands {
  readonly kind: 'controlled';
  readonly controls: Controls;
}

/** The machine has a QMP server of its own, to which commands are forwarded as bytes. */
export interface ForwardedCommands {
  readonly kind: 'forwarded';
  /** Rejects with a QmpError when no answer can come any more. */
  forward(request: ForwardRequest): Promise<ForwardReply>;
  /** One of qmpd's fdsets was removed. What the machine has open of it stays open until its user there closes it. */
  fdsetRemoved(id: string): void;
  /** It may still have a set of that number which another session made, so that this session had better take another. */
  mayHoldFdset(id: string, session: string): boolean;
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

/** The session by whose name qmpd's own commands go to such a server. */
export const ownSession = 'qmpd';

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

/**
 * Chardevs of this process as chardevs of a machine that runs: those that it was made with, and others. Both rejections
 * are with a QmpError in the machine's words, and then nothing has changed.
 */
export interface BridgedChardevs {
  has(id: string): boolean;
  /** Gives it the declared chardev: as a new one, or in place of one of its own. */
  bridge(declaration: Declaration, command: 'chardev-add' | 'chardev-change'): Promise<void>;
  /** The machine lets go of it: by chardev-remove, or for a backend of its own by chardev-change. Its answer. */
  unbridge(id: string, backend?: JsonObject): Promise<JsonValue>;
}
