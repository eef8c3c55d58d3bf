// What the main thread and the worker say to each other. Requests have a number and get one answer; serial bytes and
// notices are one-way. Everything is structured-clone data; bytes are copied, never shared.

import type { JsonObject } from '../../../json/value.ts';
import type { DiskImage } from '../../../machine/block-nodes.ts';
import type { SerialLine } from '../../../machine/chardev.ts';
import type { DriveOption } from '../drives.ts';

/** Everything that a machine is made from; checked before the worker starts (plan.ts). */
export interface MachinePlan {
  readonly memoryBytes: number;
  readonly firmware: ArrayBuffer;
  readonly vgaFirmware: ArrayBuffer | undefined;
  readonly kernel: ArrayBuffer | undefined;
  readonly initrd: ArrayBuffer | undefined;
  readonly append: string;
  readonly drives: Readonly<Partial<Record<DriveOption, DiskImage>>>;
  readonly networkCard: NetworkCardPlan | undefined;
  /** Which of COM1 to COM4 are there; COM1 always is. */
  readonly serialPorts: readonly [boolean, boolean, boolean, boolean];
  /** The order of boot as CMOS has it: a nibble each, first choice lowest; 1 floppy, 2 hard disk, 3 CD. */
  readonly bootOrder: number;
  /** What the clock shows at the start, in milliseconds since the epoch; undefined: the time of day. */
  readonly rtcBaseMs: number | undefined;
}

export interface NetworkCardPlan {
  readonly model: 'ne2k' | 'virtio';
  /** Six bytes. */
  readonly mac: readonly number[];
}

export interface WorkerData {
  readonly plan: MachinePlan;
  /** The compiled WebAssembly module, shared by all machines of the process. */
  readonly module: object;
}

/** The verbs, with what each takes and answers. */
export interface Verbs {
  cont: { readonly takes: undefined; readonly answers: undefined };
  stop: { readonly takes: undefined; readonly answers: undefined };
  /** With a plan the machine is made anew from it; removable drives keep their media. */
  reset: { readonly takes: MachinePlan | undefined; readonly answers: undefined };
  powerButton: { readonly takes: undefined; readonly answers: undefined };
  input: { readonly takes: readonly JsonObject[]; readonly answers: undefined };
  screen: { readonly takes: undefined; readonly answers: Picture };
  readMemory: { readonly takes: MemoryRange; readonly answers: Uint8Array | undefined };
  setMedium: { readonly takes: MediumChange; readonly answers: undefined };
  /** Brings disk contents to the host's disk; the machine is of no use afterwards. */
  close: { readonly takes: undefined; readonly answers: undefined };
}

export type Verb = keyof Verbs;

export interface MemoryRange {
  readonly space: 'physical' | 'virtual';
  readonly address: number;
  readonly size: number;
}

export interface MediumChange {
  readonly drive: DriveOption;
  readonly image: DiskImage | undefined;
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

export type ToWorker =
  | { readonly kind: 'request'; readonly number: number; readonly verb: Verb; readonly argument: unknown }
  | { readonly kind: 'serial-input'; readonly port: number; readonly bytes: Uint8Array }
  | { readonly kind: 'serial-break'; readonly port: number }
  | { readonly kind: 'network-input'; readonly frame: Uint8Array }
  /** The main thread has got rid of this many bytes of the port's output. */
  | { readonly kind: 'serial-taken'; readonly port: number; readonly bytes: number };

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'answer'; readonly number: number; readonly value: unknown }
  | { readonly kind: 'refusal'; readonly number: number; readonly message: string }
  | { readonly kind: 'serial-output'; readonly port: number; readonly bytes: Uint8Array }
  /** The guest changed the port's settings, after the output so far. */
  | { readonly kind: 'serial-line'; readonly port: number; readonly line: SerialLine }
  /** The guest has read this many bytes of the port's input. */
  | { readonly kind: 'serial-read'; readonly port: number; readonly bytes: number }
  | { readonly kind: 'network-output'; readonly frame: Uint8Array }
  /** This many frames of network input are done with. */
  | { readonly kind: 'network-taken'; readonly frames: number }
  /** The guest asked for a reset; its CPU stands still until the reset verb. */
  | { readonly kind: 'guest-reset' }
  | { readonly kind: 'guest-power-off' }
  /** The emulator failed; only reset, screen, readMemory and close work from here on. */
  | { readonly kind: 'fault'; readonly message: string }
  | { readonly kind: 'guest-eject'; readonly drive: DriveOption }
  | { readonly kind: 'io-error'; readonly error: DriveError }
  | { readonly kind: 'log'; readonly message: string };

export interface DriveError {
  readonly drive: DriveOption;
  readonly operation: 'read' | 'write';
  /** `stop`: the machine stands still, and tries again when it is continued. */
  readonly action: 'report' | 'stop';
  readonly reason: string;
}

/** The guest's output that may be on its way per port; at this point its UART stops being ready to send. */
export const serialOutputWindowBytes = 65_536;

/** The guest's input that may be on its way per port; at this point the character device is not read any more. */
export const serialInputWindowBytes = 4_096;

/** Network input that may wait for the guest; more is dropped. */
export const networkWindowFrames = 256;
