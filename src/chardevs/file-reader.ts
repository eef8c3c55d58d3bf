// Reads a regular file as a frontend wants it, up to its end, which is CLOSED (QEMU: chardev/char-fd.c, fd_chr_read).

import type { FileHandle } from 'node:fs/promises';
import { strerror } from '../util/strerror.ts';
import type { BackendHost } from './backend.ts';

/** One read, as QEMU's CHR_READ_BUF_LEN. */
const readBytesMax = 4096;

export class FileReader {
  readonly #file: FileHandle;
  readonly #host: BackendHost;
  #reading: Promise<void> | undefined;
  #state: 'reading' | 'ended' | 'closed' = 'reading';

  constructor(file: FileHandle, host: BackendHost) {
    this.#file = file;
    this.#host = host;
  }

  resume(): void {
    if (this.#state === 'reading') this.#reading ??= this.#readWanted();
  }

  async #readWanted(): Promise<void> {
    while (this.#state === 'reading' && this.#host.wantsInput) {
      const buffer = new Uint8Array(Math.min(readBytesMax, this.#host.canReceive()));
      const bytesRead = await this.#read(buffer);
      if (this.#state !== 'reading') break;
      if (bytesRead > 0) this.#host.receive(buffer.subarray(0, bytesRead));
      else this.#end();
    }
    this.#reading = undefined;
  }

  async #read(buffer: Uint8Array): Promise<number> {
    try {
      return (await this.#file.read(buffer)).bytesRead;
    } catch (error) {
      this.#host.log(`cannot read: ${strerror(error)}`);
      return 0;
    }
  }

  #end(): void {
    this.#state = 'ended';
    this.#host.event('CLOSED');
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    await this.#reading;
    await this.#file.close();
  }
}
