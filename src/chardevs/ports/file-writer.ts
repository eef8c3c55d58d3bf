// Writes to a regular file in order and without blocking: for `file` backends and for `logfile` of all kinds. Not for
// anything that can be waited for (FIFOs, terminals). A write that fails (a full disk) is logged once and the bytes
// are dropped, as QEMU drops them: a guest is not stopped for its log.

import { close, constants, fstatSync, open, write } from 'node:fs';
import { rename } from 'node:fs/promises';
import { promisify } from 'node:util';
import { QmpError } from '../../qmp/error.ts';
import { strerror } from '../../util/strerror.ts';

/** Bytes that may wait for the disk; at the limit the chardev takes no more output until there is room. */
const waitingBytesMax = 256 * 1024;

export const openFd: (path: string, flags: number, mode?: number) => Promise<number> = promisify(open);
const writeFd = promisify(write);
const closeFd = promisify(close);

/** Puts a file aside when it has this size, and keeps so many old ones. */
export interface Rotation {
  readonly bytesMax: number;
  readonly keep: number;
}

export class FileWriter {
  #fd: number;
  readonly #path: string;
  readonly #log: (message: string) => void;
  readonly #rotation: Rotation | undefined;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #failed = false;
  #fileBytes = 0;
  #writing: Promise<void> | undefined;
  #wanted = false;
  /** Called when there is room again after `roomFor` answered less than it was asked for. */
  onRoom: () => void = () => {};

  constructor(fd: number, path: string, log: (message: string) => void, rotation?: Rotation) {
    this.#rotation = rotation;
    if (rotation) this.#fileBytes = fstatSync(fd).size;
    this.#fd = fd;
    this.#path = path;
    this.#log = log;
  }

  /** How many of so many bytes `write` takes now; when it is not all, `onRoom` tells when there is more room. */
  roomFor(bytes: number): number {
    const room = Math.max(0, waitingBytesMax - this.#waitingBytes);
    if (room < bytes) this.#wanted = true;
    return Math.min(room, bytes);
  }

  /** Takes all of it; the caller keeps to `roomFor`. */
  write(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#writing ??= this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    // Everything that is written in this turn of the event loop leaves in one call.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      const bytes = batch.reduce((sum, part) => sum + part.length, 0);
      await this.#writeBatch(batch);
      if (this.#rotation && this.#fileBytes >= this.#rotation.bytesMax) await this.#rotate(this.#rotation);
      this.#waitingBytes -= bytes;
      if (this.#wanted) {
        this.#wanted = false;
        this.onRoom();
      }
    }
    this.#writing = undefined;
  }

  async #writeBatch(batch: readonly Uint8Array[]): Promise<void> {
    let rest: Uint8Array = batch.length === 1 && batch[0] ? batch[0] : Buffer.concat(batch);
    try {
      while (rest.length > 0) {
        const { bytesWritten } = await writeFd(this.#fd, rest, 0, rest.length, null);
        rest = rest.subarray(bytesWritten);
        this.#fileBytes += bytesWritten;
      }
      this.#failed = false;
    } catch (error) {
      if (!this.#failed) this.#log(`cannot write to '${this.#path}': ${strerror(error)}; output is lost`);
      this.#failed = true;
    }
  }

  /** The file becomes PATH.1, PATH.1 becomes PATH.2 and so on; the oldest is overwritten. */
  async #rotate({ keep }: Rotation): Promise<void> {
    try {
      for (let age = keep; age >= 1; age--) {
        const newer = age === 1 ? this.#path : `${this.#path}.${age - 1}`;
        await rename(newer, `${this.#path}.${age}`).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'ENOENT') throw error;
        });
      }
      const next = await openForOutput(this.#path, { append: false, verb: 'create' });
      await closeFd(this.#fd);
      this.#fd = next;
      this.#fileBytes = 0;
    } catch (error) {
      this.#log(`cannot rotate '${this.#path}': ${strerror(error)}`);
      // Tried again after as many bytes once more.
      this.#fileBytes = 0;
    }
  }

  /** Writes what was taken, then closes the file. */
  async close(): Promise<void> {
    this.onRoom = () => {};
    await this.#writing;
    await closeFd(this.#fd);
  }
}

export interface FileWriterOptions {
  readonly append: boolean;
  /** The verb of the error text: QEMU says "create" of a log file and "open" of a `file` backend's output. */
  readonly verb: 'create' | 'open';
}

/** Opens or makes the file; without `append` its former contents are gone. */
export async function openForOutput(path: string, options: FileWriterOptions): Promise<number> {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND, O_NONBLOCK, O_NOCTTY } = constants;
  const mode = options.append ? O_APPEND : O_TRUNC;
  try {
    // Non-blocking, so that a FIFO without a reader is an error at once and holds up nobody.
    return await openFd(path, O_WRONLY | O_CREAT | O_NONBLOCK | O_NOCTTY | mode, 0o666);
  } catch (error) {
    throw new QmpError(`Could not ${options.verb} '${path}': ${strerror(error)}`);
  }
}
