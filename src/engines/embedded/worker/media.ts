// The media in a machine's drives. All are opened when the machine is made; floppies and the CD can change later.

import type { DiskImage } from '../../../machine/block-nodes.ts';
import { messageOf } from '../../../util/local-error.ts';
import { strerror } from '../../../util/strerror.ts';
import type { DriveOption } from '../drives.ts';
import { openDiskStore } from './disk-store.ts';
import { DriveMedium } from './drive-medium.ts';
import type { DriveError } from './messages.ts';

const diskSectorBytes = 512;
const cdSectorBytes = 2048;

export class Media {
  readonly #inDrives = new Map<DriveOption, DriveMedium>();
  readonly #failed: (error: DriveError) => void;

  constructor(failed: (error: DriveError) => void) {
    this.#failed = failed;
  }

  get(drive: DriveOption): DriveMedium | undefined {
    return this.#inDrives.get(drive);
  }

  /** Opens an image for the drive, without putting it in. Rejects with a message that names the drive. */
  async open(drive: DriveOption, image: DiskImage): Promise<DriveMedium> {
    const sectorBytes = drive === 'cdrom' ? cdSectorBytes : diskSectorBytes;
    const store = await openDiskStore(image, sectorBytes).catch((thrown: unknown) => {
      throw new Error(`drive ${drive}: ${messageOf(thrown)}`);
    });
    return new DriveMedium(store, {
      failed: (operation, thrown) =>
        this.#failed({ drive, operation, action: 'report', reason: strerror(thrown) }),
      held: (thrown) => this.#failed({ drive, operation: 'write', action: 'stop', reason: strerror(thrown) }),
    });
  }

  /** Puts a medium in, or none; gives what was there, to be closed once the guest has no way to it any more. */
  put(drive: DriveOption, medium: DriveMedium | undefined): DriveMedium | undefined {
    const before = this.#inDrives.get(drive);
    if (medium === undefined) this.#inDrives.delete(drive);
    else this.#inDrives.set(drive, medium);
    return before;
  }

  /** The machine goes on: what waits for space is tried again. */
  retry(): void {
    for (const medium of this.#inDrives.values()) medium.retry();
  }

  /** Everything written so far is on the host's disk; failures were reported when they happened. */
  async flush(): Promise<void> {
    await Promise.all([...this.#inDrives.values()].map((medium) => medium.flush().catch(() => {})));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#inDrives.values()].map((medium) => medium.close()));
    this.#inDrives.clear();
  }
}
