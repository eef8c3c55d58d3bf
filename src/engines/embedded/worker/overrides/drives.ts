// What v86's drives cannot do: tell the guest that a request failed, carry out a cache flush, and say that the guest
// has opened the tray of the CD drive. Without this a failed request would never end.
//
// Error registers: ATA/ATAPI-6, chapters 7 and 8; MMC-3 sense keys; 82078 floppy controller, status register 0.
//
// Touches: the prototype of the IDE interface (its objects are sealed): ata_command, atapi_handle; its fields buffer,
// status_reg, error_reg, current_command, channel.dma_status, in_progress_io_ids, push_irq,
// atapi_check_condition_response; devices.ide, devices.cdrom, devices.fdc.end_read_write.

import type { DriveOption } from '../../drives.ts';
import { DriveMedium } from '../drive-medium.ts';
import type { Devices, IdeInterface } from '../v86.ts';

const ready = 0x40;
const seekComplete = 0x10;
const errorStatus = 0x01;
const busy = 0x80;
const uncorrectable = 0x40;
const aborted = 0x04;
const dmaActive = 0x01;
const dmaError = 0x02;

const flushCache = 0xe7;
const flushCacheExt = 0xea;
const writeDma = 0xca;
const writeDmaExt = 0x35;

const mediumError = 3;
const unrecoveredReadError = 0x11;
const abnormalTermination = 0x40;

export interface DriveHooks {
  guestEjected(): void;
}

export class Drives {
  readonly #devices: Devices;
  /** Hard disks with a failed write that the guest was already told to be done; the next flush tells. */
  readonly #deferred = new Set<IdeInterface>();

  constructor(devices: Devices, hooks: DriveHooks) {
    this.#devices = devices;
    const prototype = Object.getPrototypeOf(devices.cdrom) as IdeInterface;
    const drives = this;
    const ataCommand = prototype.ata_command;
    prototype.ata_command = function (this: IdeInterface, command) {
      if ((command === flushCache || command === flushCacheExt) && !this.is_atapi) drives.#flush(this);
      else ataCommand.call(this, command);
    };
    const atapiHandle = prototype.atapi_handle;
    prototype.atapi_handle = function (this: IdeInterface) {
      const before = this.buffer;
      atapiHandle.call(this);
      if (before !== null && this.buffer === null) hooks.guestEjected();
    };
  }

  /** Ends the request that is under way in the drive with an error. */
  fail(drive: DriveOption, operation: 'read' | 'write'): void {
    if (drive === 'fda' || drive === 'fdb') this.#devices.fdc.end_read_write(abnormalTermination, 0, 0);
    else if (drive === 'cdrom') this.#failPacket(this.#devices.cdrom);
    else this.#failDisk(this.#hardDisk(drive), operation);
  }

  #hardDisk(drive: 'hda' | 'hdb'): IdeInterface | undefined {
    const channel = this.#devices.ide.primary;
    return drive === 'hda' ? channel?.master : channel?.slave;
  }

  #failDisk(disk: IdeInterface | undefined, operation: 'read' | 'write'): void {
    if (disk === undefined) return;
    const direct = disk.current_command === writeDma || disk.current_command === writeDmaExt;
    if (operation === 'write' && !direct) {
      this.#deferred.add(disk);
      return;
    }
    disk.in_progress_io_ids.clear();
    disk.error_reg = operation === 'read' ? uncorrectable : aborted;
    this.#end(disk, ready | seekComplete | errorStatus);
  }

  #failPacket(drive: IdeInterface): void {
    drive.in_progress_io_ids.clear();
    drive.atapi_check_condition_response(mediumError, unrecoveredReadError);
    this.#end(drive, drive.status_reg);
  }

  #end(drive: IdeInterface, status: number): void {
    drive.status_reg = status;
    drive.current_command = -1;
    if ((drive.channel.dma_status & dmaActive) !== 0) {
      drive.channel.dma_status = (drive.channel.dma_status & ~dmaActive) | dmaError;
    }
    drive.push_irq();
  }

  #flush(disk: IdeInterface): void {
    const medium = disk.buffer;
    disk.status_reg = ready | seekComplete | busy;
    const done = medium instanceof DriveMedium ? medium.flush() : Promise.resolve();
    done.then(
      () => this.#flushed(disk, this.#deferred.delete(disk)),
      () => this.#flushed(disk, true),
    );
  }

  #flushed(disk: IdeInterface, failed: boolean): void {
    if (failed) disk.error_reg = aborted;
    this.#end(disk, ready | seekComplete | (failed ? errorStatus : 0));
  }
}
