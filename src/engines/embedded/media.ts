// What is in the machine's drives while it runs. Trays and media are moved by clients and by the guest; the worker sees
// what is behind a closed tray.

import type { DiskImage } from '../../machine/block-nodes.ts';
import type { Drive, Media, Medium } from '../../machine/controls.ts';
import type { MachineConfiguration } from '../../machine/engine.ts';
import type { InstanceHost } from '../../machine/instance.ts';
import { QmpError } from '../../qmp/error.ts';
import { assert } from '../../util/assert.ts';
import { type DriveOption, drivePlaces, imageOfNode, mediumOf } from './drives.ts';
import { checkAccess } from './images.ts';

interface OwnDrive extends Drive {
  readonly option: DriveOption;
  medium: Medium | undefined;
  trayOpen: boolean;
}

export interface MediaParts {
  readonly host: Pick<InstanceHost, 'event'>;
  /** Shows the guest another medium; rejects with a QmpError that names the drive's option for one that cannot be. */
  show(drive: DriveOption, image: DiskImage | undefined): Promise<void>;
}

export class EmbeddedMedia implements Media {
  readonly #parts: MediaParts;
  #drives: readonly OwnDrive[];

  /** Throws a QmpError for an option that leads to no image. */
  constructor(configuration: MachineConfiguration, parts: MediaParts) {
    this.#parts = parts;
    this.#drives = drivesOf(configuration);
  }

  get drives(): readonly Drive[] {
    return this.#drives;
  }

  imageOfNode(node: string, { declarations }: Pick<MachineConfiguration, 'declarations'>): DiskImage {
    return imageOfNode(node, declarations);
  }

  async check(image: DiskImage): Promise<void> {
    await checkAccess(image);
  }

  async moveTray({ option }: Drive, open: boolean): Promise<void> {
    const drive = this.#drive(option);
    if (!drive.hasTray || drive.trayOpen === open) return;
    drive.trayOpen = open;
    if (open) await this.#parts.show(drive.option, undefined);
    else if (drive.medium !== undefined) await this.#parts.show(drive.option, drive.medium.image);
    this.#tellTray(drive);
  }

  async change({ option }: Drive, medium: Medium | undefined): Promise<void> {
    const drive = this.#drive(option);
    if (!drive.removable) throw new QmpError(`Device '${option}' is not removable`);
    if (medium !== undefined) await checkAccess(medium.image);
    if (!drive.trayOpen) await this.#parts.show(drive.option, medium?.image);
    drive.medium = medium;
  }

  /** By the drive's option: with the tray closed, and with no word about it. */
  async replace(option: DriveOption, medium: Medium | undefined): Promise<void> {
    const drive = this.#drive(option);
    await this.#parts.show(option, medium?.image);
    drive.medium = medium;
    drive.trayOpen = false;
  }

  /** A reset has made the machine anew: media of removable drives are what they were before. */
  madeAnew(configuration: MachineConfiguration): void {
    const former = this.#drives;
    this.#drives = drivesOf(configuration).map(
      (drive) => former.find(({ option, removable }) => removable && option === drive.option) ?? drive,
    );
  }

  /** The guest has opened the tray itself. */
  guestEjected(option: DriveOption): void {
    const drive = this.#drive(option);
    drive.trayOpen = true;
    this.#tellTray(drive);
  }

  #tellTray({ device, option, trayOpen }: OwnDrive): void {
    const data = { device, id: option, 'tray-open': trayOpen };
    this.#parts.host.event({ name: 'DEVICE_TRAY_MOVED', data });
  }

  #drive(option: string): OwnDrive {
    const drive = this.#drives.find((one) => one.option === option);
    assert(drive !== undefined, `the machine has drive ${option}`);
    return drive;
  }
}

/** The drives that a machine made from this configuration has. */
function drivesOf({ options, declarations }: MachineConfiguration): OwnDrive[] {
  return drivePlaces.flatMap(({ option, device, removable, always }): OwnDrive[] => {
    const value = options[option];
    if (value === undefined && !always) return [];
    const medium = value === undefined ? undefined : mediumOf(option, value, declarations);
    // A floppy drive has no tray that a program could move.
    return [{ option, device, removable, hasTray: option === 'cdrom', medium, trayOpen: false }];
  });
}
