// The firmware's configuration device as a guest reads it, by DMA into its memory (QEMU: docs/specs/fw_cfg.rst). The
// guest's memory is a file that is shared with the test, so that it takes two port accesses for a whole table.

import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import type { QemuUnderTest } from '../../../kit/qemu/qemu-under-test.ts';

const memoryMebibytes = 128;
const fileDirectory = 0x19;
const entryBytes = 64;
const selectAndRead = 0x0a;
/** Where in the guest's memory the request is, and the answer. */
const requestAddress = 0x1000;
const answerAddress = 0x2000;

export class FirmwareConfiguration {
  /** Words for the command line: the memory, of the size that a PC has unless told otherwise. */
  readonly before: readonly string[];
  readonly #file: string;

  /** `file`: a place for the guest's memory. */
  constructor(file: string) {
    this.#file = file;
    const backend = `memory-backend-file,id=shared,share=on,mem-path=${file},size=${memoryMebibytes}M`;
    this.before = ['-object', backend, '-machine', 'memory-backend=shared'];
  }

  async read(qemu: QemuUnderTest, selector: number, bytes: number): Promise<Buffer> {
    const request = Buffer.alloc(16);
    request.writeUInt32BE(((selector << 16) | selectAndRead) >>> 0, 0);
    request.writeUInt32BE(bytes, 4);
    request.writeBigUInt64BE(BigInt(answerAddress), 8);
    const answer = Buffer.alloc(bytes);
    const fd = openSync(this.#file, 'r+');
    try {
      writeSync(fd, request, 0, request.length, requestAddress);
      const swapped = Buffer.alloc(4);
      swapped.writeUInt32LE(requestAddress);
      await qemu.hmp('o /w 0x514 0');
      await qemu.hmp(`o /w 0x518 ${swapped.readUInt32BE()}`);
      readSync(fd, answer, 0, bytes, answerAddress);
    } finally {
      closeSync(fd);
    }
    return answer;
  }

  async file(qemu: QemuUnderTest, name: string): Promise<Buffer> {
    const count = (await this.read(qemu, fileDirectory, 4)).readUInt32BE();
    const directory = (await this.read(qemu, fileDirectory, 4 + count * entryBytes)).subarray(4);
    for (let at = 0; at < directory.length; at += entryBytes) {
      const entry = directory.subarray(at, at + entryBytes);
      if (entry.toString('latin1', 8).replace(/\0.*/s, '') !== name) continue;
      return await this.read(qemu, entry.readUInt16BE(4), entry.readUInt32BE(0));
    }
    throw new Error(`no file ${name}`);
  }
}
