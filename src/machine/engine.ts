// What runs the machine, behind one interface: a QEMU process (src/engines/qemu) or v86 in a worker thread
// (src/engines/embedded). An engine makes machines from a configuration; it never talks to clients and knows no
// session. Everything it has to say goes through its EngineHost.

import type { JsonObject, JsonValue } from '../json/value.ts';
import type { OwnedFd } from '../util/owned-fd.ts';
import type { Chardev } from './chardev.ts';
import type { RunState } from './phase.ts';

export type EngineKind = 'qemu' | 'embedded';

/** What was declared by a *-add command before creation, in the order of declaration. */
export interface Declaration {
  readonly kind: 'chardev' | 'object' | 'blockdev' | 'netdev' | 'device';
  /** The id or node-name; unique within its kind. */
  readonly id: string;
  /** The arguments of the command, checked against the schema. */
  readonly arguments: JsonObject;
}

/** What the next creation will use: the options of `machine-set` (schema type MachineOptions) and the declarations. */
export interface MachineConfiguration {
  readonly options: JsonObject;
  readonly declarations: readonly Declaration[];
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
  /** An event for all sessions; without a timestamp it happened now. */
  event(name: string, data?: JsonObject, timestampUs?: number): void;
  runState(state: RunState): void;
  /** Called once, last: the machine is gone. Not called after `destroy()`. */
  ended(end: EngineEnd): void;
  /** Opens a declared chardev for a frontend in this process; throws a QmpError that names it when it cannot. */
  chardev(id: string): Promise<Chardev>;
  log(message: string): void;
}

export interface Engine {
  readonly kind: EngineKind;
  /**
   * Makes the machine, stopped (run state `prelaunch`). Rejects with a QmpError for the client when it cannot, and
   * then leaves nothing behind.
   */
  create(configuration: MachineConfiguration, host: EngineHost): Promise<EngineMachine>;
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
  /** Ends it at once; resolves when nothing of it is left. */
  destroy(): Promise<void>;
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
  forward(request: ForwardRequest): Promise<ForwardReply>;
  destroy(): Promise<void>;
}

export interface ForwardRequest {
  readonly session: string;
  readonly command: string;
  readonly outOfBand: boolean;
  /** The client's own bytes of the `arguments` member, with fd names replaced where needed; undefined when absent. */
  readonly argumentsText: string | undefined;
  readonly arguments: JsonValue | undefined;
  /** Descriptors to hand over just before, under these names; closed there if the command does not consume them. */
  readonly fds: ReadonlyMap<string, OwnedFd>;
}

/** The value of `return` or `error`, as bytes: never parsed and printed again. */
export type ForwardReply =
  | { readonly kind: 'return'; readonly text: string | Uint8Array }
  | { readonly kind: 'error'; readonly text: string | Uint8Array };
