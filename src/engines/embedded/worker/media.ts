// The media in a machine's drives. All are opened when the machine is made; floppies and the CD can change later.

import type { DriveOption } from '../../../machine/drives.ts';
import type { DiskImage } from '../../../machine/engine.ts';
import { messageOf } from '../../../util/local-error.ts';
import { openDiskStore } from './disk-store.ts';
import { type DiskOperation, DriveMedium } from './drive-medium.ts';
import type { DriveError } from './messages.ts';

const diskSectorBytes = 512;
const cdSectorBytes = 2048;

/** What was in a drive, and what is in it now. */
export interface Change {
  readonly before: DriveMedium | undefined;
  readonly medium: DriveMedium | undefined;
}

export class Media {
  readonly #inDrives = new Map<DriveOption, DriveMedium>();
  readonly #failed: (error: DriveError) => void;

  constructor(failed: (error: DriveError) => void) {
    this.#failed = failed;
  }

  get(drive: DriveOption): DriveMedium | undefined {
    return this.#inDrives.get(drive);
  }

  /**
   * Opens an image for the drive; what was there before is handed to the caller to close, once the guest has no way
   * to it any more. Rejects with a message that names the drive.
   */
  async insert(drive: DriveOption, image: DiskImage): Promise<Change> {
    const sectorBytes = drive === 'cdrom' ? cdSectorBytes : diskSectorBytes;
    const store = await openDiskStore(image, sectorBytes).catch((thrown: unknown) => {
      throw new Error(`drive ${drive}: ${messageOf(thrown)}`);
    });
    const medium = new DriveMedium(store, (operation, thrown) => this.#report(drive, operation, thrown));
    const before = this.#inDrives.get(drive);
    this.#inDrives.set(drive, medium);
    return { before, medium };
  }

  /** As `insert`, with nothing put in. */
  remove(drive: DriveOption): Change {
    const before = this.#inDrives.get(drive);
    this.#inDrives.delete(drive);
    return { before, medium: undefined };
  }

  /** Everything written so far is on the host's disk; failures were reported when they happened. */
  async flush(): Promise<void> {
    await Promise.all([...this.#inDrives.values()].map((medium) => medium.flush().catch(() => {})));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#inDrives.values()].map((medium) => medium.close()));
    this.#inDrives.clear();
  }

  #report(drive: DriveOption, operation: DiskOperation, thrown: unknown): void {
    const noSpace = thrown instanceof Error && Reflect.get(thrown, 'code') === 'ENOSPC';
    this.#failed({ drive, operation, reason: messageOf(thrown), noSpace });
  }
}
