// Reads a regular file as a frontend wants it, up to its end, which is CLOSED (QEMU: chardev/char-fd.c, fd_chr_read).

import { close, read } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { strerror } from '../../util/strerror.ts';
import type { BackendHost } from '../backend.ts';

/** One read, as QEMU's CHR_READ_BUF_LEN. */
const readBytesMax = 4096;

const readFd = promisify(read);
const closeFd = promisify(close);

/** How long to wait when a device has nothing to read and cannot be waited for. */
const retryMs = 20;

export class FileReader {
  readonly #fd: number;
  readonly #host: BackendHost;
  #reading: Promise<void> | undefined;
  #state: 'reading' | 'ended' | 'closed' = 'reading';

  constructor(fd: number, host: BackendHost) {
    this.#fd = fd;
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
    for (;;) {
      try {
        return (await readFd(this.#fd, buffer, 0, buffer.length, null)).bytesRead;
      } catch (error) {
        const later = error instanceof Error && 'code' in error && error.code === 'EAGAIN';
        if (!later) this.#host.log(`cannot read: ${strerror(error)}`);
        if (!later || this.#state !== 'reading') return 0;
        await delay(retryMs, undefined, { ref: false });
      }
    }
  }

  #end(): void {
    this.#state = 'ended';
    this.#host.event('CLOSED');
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    await this.#reading;
    await closeFd(this.#fd);
  }
}
