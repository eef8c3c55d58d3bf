// What qmpd itself can do with an instance that has no QMP server of its own: the handlers of src/commands answer QMP by
// these. An engine gives those that its machines have; a command that needs another one fails with an error that names
// the engine. All promises reject with a QmpError.

import type { JsonObject } from '../json/value.ts';
import type { DiskImage } from './block-nodes.ts';
import type { MachineConfiguration } from './engine.ts';

export interface Controls {
  readonly power: Power;
  readonly media?: Media;
  readonly screen?: Screen;
  readonly input?: Input;
  readonly memory?: GuestMemory;
  /** `human-monitor-command`: what the line prints. */
  human?(line: string): Promise<string>;
}

export interface Power {
  cont(): Promise<void>;
  stop(): Promise<void>;
  reset(): Promise<void>;
  /** Presses the ACPI power button. */
  powerdown(): Promise<void>;
  /** `set-action`: what the guest's resets and power-offs lead to from now on; what is left out stays. */
  setActions(actions: Partial<MachineActions>): void;
}

/** QEMU's RebootAction and ShutdownAction (qapi/run-state.json). */
export interface MachineActions {
  readonly reboot: 'reset' | 'shutdown';
  readonly shutdown: 'poweroff' | 'pause';
}

/** The drives that were fixed at creation; the media of the removable ones change while the machine runs. */
export interface Media {
  readonly drives: readonly Drive[];
  /** The image that a declared block node leads to; throws a QmpError for one that this machine cannot open. */
  imageOfNode(node: string, configuration: Pick<MachineConfiguration, 'declarations'>): DiskImage;
  /** Rejects with QEMU's text when the image cannot be opened. */
  check(image: DiskImage): Promise<void>;
  /** Moves the tray of a drive that has one, with its event; nothing where it is so already. */
  moveTray(drive: Drive, open: boolean): Promise<void>;
  /** Checks a medium and puts it in, or takes out what is there. While the tray is open the guest does not see it until it is closed. */
  change(drive: Drive, medium: Medium | undefined): Promise<void>;
}

/** As it is now. */
export interface Drive {
  /** The option of machine-set that it is given by, which is its id: "cdrom". */
  readonly option: string;
  /** QEMU's name for it: "ide1-cd0". */
  readonly device: string;
  readonly removable: boolean;
  /** Whether it has a tray that a program can move; a floppy drive has none. */
  readonly hasTray: boolean;
  readonly trayOpen: boolean;
  readonly medium: Medium | undefined;
}

/** What is in a drive: an image, and the node that it was given by, if it was. */
export interface Medium {
  readonly image: DiskImage;
  readonly node: string | undefined;
}

export interface Screen {
  capture(): Promise<ScreenImage>;
}

/** Pixels, 4 bytes each (red, green, blue, 255), row by row from the top. */
export interface ScreenImage {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

export interface Input {
  /** QEMU's InputEvent values (qapi/ui.json), already checked, in order. */
  send(events: readonly JsonObject[]): Promise<void>;
}

export interface GuestMemory {
  readonly bytes: number;
  /** `virtual` goes through the page tables of the CPU's present mode. */
  read(space: 'physical' | 'virtual', address: bigint, size: number): Promise<Uint8Array>;
}
