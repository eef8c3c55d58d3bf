// The `ringbuf` backend (and its old name `memory`): keeps the newest output in memory until ringbuf-read takes it.
// ringbuf-write adds to the same ring; nothing ever reaches the frontend (QEMU: chardev/char-ringbuf.c).

import { QmpError } from '../../qmp/error.ts';
import type { ChardevRingbuf } from '../../schema/index.ts';
import { assert } from '../../util/assert.ts';
import type { Backend, BackendHost } from '../backend.ts';
import type { ChardevKind } from '../kind.ts';
import { sizeWord } from '../words.ts';
import { decodeBase64, decodeText, encodeText } from './ringbuf-data.ts';

const defaultSize = 64 * 1024;
/** QEMU has no limit and ends itself when the memory cannot be allocated. */
const sizeMax = 1024 * 1024 * 1024;

export type DataFormat = 'utf8' | 'base64';

export class RingbufBackend implements Backend {
  readonly filename: string;
  readonly #ring: Uint8Array;
  /** Total numbers of bytes put in and taken out; their difference is what the ring holds. */
  #produced = 0;
  #consumed = 0;

  constructor(filename: string, size: number) {
    this.filename = filename;
    this.#ring = new Uint8Array(size);
  }

  get #held(): number {
    return this.#produced - this.#consumed;
  }

  write(bytes: Uint8Array): number {
    const size = this.#ring.length;
    const newest = size === 0 ? new Uint8Array() : bytes.subarray(-size);
    const skipped = bytes.length - newest.length;
    const start = size === 0 ? 0 : (this.#produced + skipped) % size;
    this.#ring.set(newest.subarray(0, size - start), start);
    this.#ring.set(newest.subarray(size - start), 0);
    this.#produced += bytes.length;
    this.#consumed = Math.max(this.#consumed, this.#produced - size);
    return bytes.length;
  }

  take(count: number): Uint8Array {
    const taken = new Uint8Array(Math.min(count, this.#held));
    for (let i = 0; i < taken.length; i++)
      taken[i] = this.#ring[(this.#consumed + i) % this.#ring.length] ?? 0;
    this.#consumed += taken.length;
    return taken;
  }

  resumeInput(): void {}

  async close(): Promise<void> {}
}

function checkSize(options: ChardevRingbuf): void {
  const size = BigInt(options.size ?? defaultSize);
  if (size < 0n || (size & (size - 1n)) !== 0n)
    throw new QmpError('size of ringbuf chardev must be power of two');
  if (size > sizeMax) throw new QmpError(`size of ringbuf chardev must not exceed ${sizeMax}`);
}

function openRingbuf(filename: string, host: BackendHost, options: ChardevRingbuf): Backend {
  host.event('OPENED');
  return new RingbufBackend(filename, Number(options.size ?? defaultSize));
}

export const ringbufKind: ChardevKind<'ringbuf'> = {
  type: 'ringbuf',
  livesIn: 'both',
  words: { size: sizeWord('size') },
  example: 'size=4K',
  notes: 'a power of two, at most 1 GiB',
  check: checkSize,
  open: (host, options) => openRingbuf('ringbuf', host, options),
};

export const memoryKind: ChardevKind<'memory'> = {
  type: 'memory',
  livesIn: 'both',
  words: ringbufKind.words,
  example: 'size=4K',
  notes: 'the old name of `ringbuf`',
  check: checkSize,
  open: (host, options) => openRingbuf('memory', host, options),
};

/** The text that `ringbuf-read` answers; `size` must be greater than zero. */
export function readRingbuf(ring: RingbufBackend, size: number | bigint, format: DataFormat): string {
  if (size <= 0) throw new QmpError('size must be greater than zero');
  const bytes = ring.take(size > sizeMax ? sizeMax : Number(size));
  return format === 'base64' ? Buffer.from(bytes).toString('base64') : decodeText(bytes);
}

export function writeRingbuf(ring: RingbufBackend, data: string, format: DataFormat): void {
  const bytes = format === 'base64' ? decodeBase64(data) : encodeText(data);
  const taken = ring.write(bytes);
  assert(taken === bytes.length, 'a ring buffer takes everything');
}
