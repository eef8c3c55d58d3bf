// What v86 sees as the medium in a drive: requests are carried out one after the other, in the order in which the
// guest made them. A write is done when the host has taken it (write-through to the host's cache); v86's programmed
// I/O reuses its buffer at once, so data is copied. A request that fails is not answered: `failed` tells the drive. A
// write for which the host has no space waits, so that the machine can be stopped and go on later (QEMU's werror=enospc,
// which is its default).

import type { DiskStore } from './disk-store.ts';
import type { DriveBuffer } from './v86.ts';

export type DiskOperation = 'read' | 'write';

export interface MediumHooks {
  failed(operation: DiskOperation, thrown: unknown): void;
  /** A write waits for `retry`, since the host has no space. */
  held(thrown: unknown): void;
}

export class DriveMedium implements DriveBuffer {
  readonly byteLength: number;
  readonly readOnly: boolean;
  onload: ((event: object) => void) | undefined;
  readonly #store: DiskStore;
  readonly #hooks: MediumHooks;
  /** Ends the waiting of a write, with another try or with its error. */
  #release: ((again: boolean) => void) | undefined;
  #firstSector: Uint8Array | undefined;
  /** The end of the queue of requests; never rejects. */
  #tail: Promise<void> = Promise.resolve();

  constructor(store: DiskStore, hooks: MediumHooks) {
    this.#store = store;
    this.#hooks = hooks;
    this.byteLength = store.bytes;
    this.readOnly = store.readOnly;
  }

  load(): void {
    this.onload?.({});
  }

  get(start: number, length: number, done: (data: Uint8Array) => void): void {
    this.#enqueue('read', async () => {
      const data = await this.#store.read(start, length);
      return () => done(data);
    });
  }

  set(start: number, data: Uint8Array, done: () => void): void {
    const copy = Uint8Array.from(data);
    this.#enqueue('write', async () => {
      if (this.readOnly) throw new Error('the image is read-only');
      await this.#write(start, copy);
      return done;
    });
  }

  /** v86 looks for a partition table in the first sector while it makes a drive, and cannot wait then. */
  get_and_cache(start: number, length: number, done: (data: Uint8Array) => void): void {
    this.get(start, length, (data) => {
      this.#firstSector = data.slice();
      done(data);
    });
  }

  get_from_cache(start: number): Uint8Array | undefined {
    return start === 0 ? this.#firstSector : undefined;
  }

  /** The machine goes on: a write that waits for space is tried again. */
  retry(): void {
    this.#release?.(true);
  }

  /**
   * Resolves when all requests so far are done and on the host's disk, except those that wait for space; rejects when
   * the last step fails.
   */
  async flush(): Promise<void> {
    if (this.#release === undefined) await this.#tail;
    await this.#store.flush();
  }

  async close(): Promise<void> {
    this.#release?.(false);
    await this.#tail;
    await this.#store.flush().catch(() => {});
    await this.#store.close();
  }

  async #write(start: number, data: Uint8Array): Promise<void> {
    for (;;) {
      try {
        await this.#store.write(start, data);
        return;
      } catch (thrown) {
        if (!isNoSpace(thrown) || !(await this.#hold(thrown))) throw thrown;
      }
    }
  }

  /** False when nothing will be tried again. */
  async #hold(thrown: unknown): Promise<boolean> {
    const again = new Promise<boolean>((resolve) => {
      this.#release = resolve;
    });
    this.#hooks.held(thrown);
    const result = await again;
    this.#release = undefined;
    return result;
  }

  /** A request gives what tells v86 of its success; what that throws is v86's fault and not the disk's. */
  #enqueue(operation: DiskOperation, request: () => Promise<() => void>): void {
    this.#tail = this.#tail.then(request).then(
      (succeed) => {
        setImmediate(succeed);
      },
      (thrown: unknown) => this.#hooks.failed(operation, thrown),
    );
  }

  // The rest of v86's buffer interface, for states and downloads, which this engine does not use.

  get_buffer(done: (buffer: undefined) => void): void {
    done(undefined);
  }

  get_state(): unknown[] {
    return [this.byteLength];
  }

  set_state(): void {}
}

function isNoSpace(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOSPC';
}
