// A small real frontend: records what it is given, takes as much as it is told to, and lets tests wait for something
// to have arrived.

import type { Chardev, ChardevEvent, ChardevFrontend } from '../../../src/machine/chardev.ts';
import type { OwnedFd } from '../../../src/util/owned-fd.ts';

export class RecordingFrontend implements ChardevFrontend {
  readonly label: string = 'recorder';
  readonly swappable: boolean;
  /** Bytes as latin1 text, events as "<OPENED>", in order. */
  seen = '';
  fds: OwnedFd[] = [];
  room: number = Number.POSITIVE_INFINITY;
  #waiting: (() => void)[] = [];
  #output: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  #chardev: Chardev | undefined;

  constructor(options: { swappable?: boolean } = {}) {
    this.swappable = options.swappable ?? false;
  }

  attach(chardev: Chardev): this {
    this.#chardev = chardev;
    chardev.attach(this);
    return this;
  }

  canReceive(): number {
    return this.room;
  }

  receive(bytes: Uint8Array): void {
    this.room -= bytes.length;
    this.#see(Buffer.from(bytes).toString('latin1'));
  }

  receiveFds(fds: readonly OwnedFd[]): void {
    this.fds.push(...fds);
  }

  event(event: ChardevEvent): void {
    this.#see(`<${event}>`);
  }

  #see(what: string): void {
    this.seen += what;
    for (const check of this.#waiting) check();
  }

  /** Takes more input, up to this many bytes. */
  makeRoom(bytes: number): void {
    this.room += bytes;
    this.#chardev?.resumeInput();
  }

  /** Resolves when `seen` is, or contains, what is wanted. */
  until(done: (seen: string) => boolean): Promise<string> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!done(this.seen)) return;
        this.#waiting = this.#waiting.filter((other) => other !== check);
        resolve(this.seen);
      };
      this.#waiting.push(check);
      check();
    });
  }

  /** Resolves when all of it was taken. */
  send(text: string | Uint8Array): Promise<void> {
    const bytes = typeof text === 'string' ? Buffer.from(text, 'latin1') : Buffer.from(text);
    this.#output = Buffer.concat([this.#output, bytes]);
    return new Promise((resolve) => {
      this.#sent = resolve;
      this.writable();
    });
  }

  #sent: () => void = () => {};

  writable(): void {
    const taken = this.#chardev?.write(this.#output) ?? 0;
    this.#output = this.#output.subarray(taken);
    if (this.#output.length === 0) this.#sent();
  }
}
