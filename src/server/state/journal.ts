// The journal: what a server must still know after its process or its host has died. Changes are on the disk when their
// promise resolves; those that wait while the disk works go there together, with one fsync. It knows nothing of
// machines: keys and values are the caller's. One process has it open (src/server/state-lock.ts).

import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { JsonValue } from '../../json/value.ts';
import { LocalError, messageOf } from '../../util/local-error.ts';
import { type Changes, headerLine, readJournal, recordLine, wholeText } from './journal-text.ts';

/** Zeros after the last record, so that the disk already has room for the next ones. */
const roomBytes = 64 * 1024;

/** A file of more than this, and of more than four times what it says, is written anew without what is past. */
const compactBytesMin = 256 * 1024;
const compactFactor = 4;

interface Waiter {
  resolve(): void;
  reject(reason: unknown): void;
}

export class Journal {
  readonly #file: string;
  readonly #values: Map<string, JsonValue>;
  #handle: FileHandle;
  /** Where the next record goes. */
  #end: number;
  /** Up to where the file has blocks of its own. */
  #size: number;
  /** Changes that are not on the disk, later ones over earlier ones. */
  #waiting: Map<string, JsonValue | undefined> = new Map();
  #waiters: Waiter[] = [];
  #running: Promise<void> | undefined;
  /** What an fsync that failed left behind is not known: the whole file is written anew before anything else. */
  #doubtful = false;

  private constructor(
    file: string,
    handle: FileHandle,
    values: Map<string, JsonValue>,
    end: number,
    size: number,
  ) {
    this.#file = file;
    this.#handle = handle;
    this.#values = values;
    this.#end = end;
    this.#size = size;
  }

  /**
   * Opens the file, or makes it. Throws a LocalError for a damaged file, one of another format (both stay untouched),
   * and where it cannot be read or written.
   */
  static async open(file: string): Promise<Journal> {
    try {
      await rm(unfinished(file), { force: true });
      const former = await openFormer(file);
      if (former !== undefined) return former;
      const handle = await writeWhole(file, headerLine());
      return new Journal(file, handle, new Map(), headerLine().length, headerLine().length);
    } catch (thrown) {
      throw thrown instanceof LocalError ? thrown : journalError(file, thrown);
    }

    async function openFormer(name: string): Promise<Journal | undefined> {
      const handle = await open(name, 'r+').catch((thrown: unknown) => {
        if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined;
        throw thrown;
      });
      if (handle === undefined) return undefined;
      try {
        const bytes = await handle.readFile();
        const { values, end } = readJournal(bytes, name);
        const journal = new Journal(name, handle, values, end, bytes.length);
        // A torn record must not be found behind a shorter one that is written over it.
        journal.#doubtful = bytes.subarray(end).some((byte) => byte !== 0);
        return journal;
      } catch (thrown) {
        await handle.close();
        throw thrown;
      }
    }
  }

  /** As of now; what was changed last may not be on the disk yet. */
  get(key: string): JsonValue | undefined {
    return this.#values.get(key);
  }

  /** All keys with their values, in the order in which the keys came. */
  get entries(): ReadonlyMap<string, JsonValue> {
    return this.#values;
  }

  /**
   * Changes several keys at once. Resolves when that is on the disk, together with everything before it. Rejects with a
   * LocalError when it cannot be written: it counts all the same, and is tried again with the next change.
   */
  change(changes: Changes): Promise<void> {
    for (const [key, value] of changes) {
      this.#waiting.delete(key);
      this.#waiting.set(key, value);
      if (value === undefined) this.#values.delete(key);
      else this.#values.set(key, value);
    }
    return this.#durable();
  }

  /**
   * Makes sure that records of so many bytes will find room on the disk. Rejects with a LocalError when there is none.
   * File systems that never write in place (btrfs, ZFS) give no such promise to anybody.
   */
  async reserve(bytes: number): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    if (this.#end + bytes + roomBytes / 2 <= this.#size) return;
    await this.#exclusive(() => this.#extend(this.#end + bytes + roomBytes));
  }

  /** Waits for what is to be written. The file stays. */
  async close(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    if (this.#waiting.size > 0) await this.#durable().catch(() => undefined);
    await this.#handle.close();
  }

  #durable(): Promise<void> {
    const written = new Promise<void>((resolve, reject) => this.#waiters.push({ resolve, reject }));
    this.#running ??= this.#run();
    return written;
  }

  /** Writes what waits, and then what has come to wait meanwhile. Never rejects: those who wait are told. */
  async #run(): Promise<void> {
    // What is changed in the same turn goes together.
    await Promise.resolve();
    while (this.#waiters.length > 0) {
      const waiters = this.#waiters;
      const changes = this.#waiting;
      this.#waiters = [];
      this.#waiting = new Map();
      try {
        await this.#write(changes);
        for (const { resolve } of waiters) resolve();
      } catch (thrown) {
        this.#waiting = new Map([...changes, ...this.#waiting]);
        for (const { reject } of waiters) reject(journalError(this.#file, thrown));
      }
    }
    this.#running = undefined;
  }

  async #exclusive(action: () => Promise<void>): Promise<void> {
    const run = action().catch((thrown: unknown) => {
      throw journalError(this.#file, thrown);
    });
    this.#running = run.catch(() => undefined).then(() => this.#run());
    await run;
  }

  async #write(changes: Changes): Promise<void> {
    const record = recordLine(changes);
    if (this.#doubtful || this.#isLong(record.length)) {
      await this.#rewrite();
      return;
    }
    this.#doubtful = true;
    await this.#writeAt(record, this.#end);
    await this.#handle.datasync();
    this.#end += record.length;
    this.#size = Math.max(this.#size, this.#end);
    this.#doubtful = false;
  }

  #isLong(more: number): boolean {
    const length = this.#end + more;
    return length > compactBytesMin && length > compactFactor * wholeText(this.#values).length;
  }

  /** A new file with what counts now, in place of the old one: the old one is there until the new one is whole. */
  async #rewrite(): Promise<void> {
    const text = wholeText(this.#values);
    const handle = await writeWhole(this.#file, text);
    const former = this.#handle;
    this.#handle = handle;
    this.#end = text.length;
    this.#size = text.length;
    this.#doubtful = false;
    await former.close();
  }

  async #extend(size: number): Promise<void> {
    await this.#writeAt(Buffer.alloc(size - this.#size), this.#size);
    await this.#handle.sync();
    this.#size = size;
  }

  async #writeAt(bytes: Buffer, position: number): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
    }
  }
}

function unfinished(file: string): string {
  return `${file}.new`;
}

/** The file is there whole, or as it was. */
async function writeWhole(file: string, text: Buffer): Promise<FileHandle> {
  const handle = await open(unfinished(file), 'w+', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
    await rename(unfinished(file), file);
    const directory = await open(path.dirname(file), 'r');
    await directory.sync().finally(() => directory.close());
    return handle;
  } catch (thrown) {
    await handle.close();
    await rm(unfinished(file), { force: true }).catch(() => undefined);
    throw thrown;
  }
}

function journalError(file: string, thrown: unknown): LocalError {
  const what = `the state file '${file}' cannot be written: ${messageOf(thrown)}`;
  return new LocalError('ERR_QMPD_STATE_FILE', what, { cause: thrown });
}
