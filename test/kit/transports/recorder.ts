// A connection handler that writes down what happened, and lets a test await it.

import { fstatSync, readdirSync } from 'node:fs';
import type { CloseReason, Connection, ConnectionHandler } from '../../../src/qmp/connection.ts';
import type { OwnedFd } from '../../../src/util/owned-fd.ts';

export class Recorder implements ConnectionHandler {
  readonly connection: Connection;
  bytes: Buffer = Buffer.alloc(0);
  byteCount = 0;
  fds: OwnedFd[] = [];
  ended = false;
  drains = 0;
  closed: CloseReason | undefined;
  /** What came after the end, or twice: nothing may. */
  faults: string[] = [];
  /** Keep the bytes themselves; off for tests that move a lot. */
  keep = true;
  onData: (chunk: Uint8Array, fds: readonly OwnedFd[]) => void = () => {};
  onEnd: () => void = () => {};
  #wakers: (() => void)[] = [];

  constructor(connection: Connection) {
    this.connection = connection;
  }

  static start(connection: Connection, setUp: (recorder: Recorder) => void = () => {}): Recorder {
    const recorder = new Recorder(connection);
    setUp(recorder);
    connection.start(recorder);
    return recorder;
  }

  get text(): string {
    return this.bytes.toString('latin1');
  }

  data(chunk: Uint8Array, fds: readonly OwnedFd[]): void {
    if (this.ended || this.closed) this.faults.push('data after the end');
    if (this.keep) this.bytes = Buffer.concat([this.bytes, chunk]);
    this.byteCount += chunk.length;
    this.fds.push(...fds);
    this.onData(chunk, fds);
    this.#wake();
  }

  end(): void {
    if (this.ended || this.closed) this.faults.push('end twice');
    this.ended = true;
    this.onEnd();
    this.#wake();
  }

  drain(): void {
    if (this.closed) this.faults.push('drain after close');
    this.drains += 1;
    this.#wake();
  }

  close(reason: CloseReason): void {
    if (this.closed) this.faults.push('closed twice');
    this.closed = reason;
    this.#wake();
  }

  /** Resolves as soon as `condition` holds after an event. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.closed) throw new Error(`closed while waiting: ${JSON.stringify(this.closed)}`);
      await new Promise<void>((resolve) => this.#wakers.push(resolve));
    }
  }

  untilBytes(count: number): Promise<void> {
    return this.until(() => this.byteCount >= count);
  }

  async untilClosed(): Promise<CloseReason> {
    while (this.closed === undefined) await new Promise<void>((resolve) => this.#wakers.push(resolve));
    return this.closed;
  }

  closeFds(): void {
    for (const fd of this.fds) fd.close();
    this.fds = [];
  }

  #wake(): void {
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const wake of wakers) wake();
  }
}

/** The number of descriptors that a process has open. */
export function countFds(pid: number | 'self' = 'self'): number {
  const names = readdirSync(`/proc/${pid}/fd`);
  return pid === 'self' ? names.length - 1 : names.length;
}

/** Tells open files apart: the inode. */
export function inodeOf(fd: number): number {
  return fstatSync(fd).ino;
}
