// Any open file as input or output of a backend, each waited for in the way that its kind needs: streams by readiness,
// everything else in the background (QEMU: chardev/char-fd.c).

import { fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import { isatty, ReadStream } from 'node:tty';
import type { SerialLine } from '../../machine/chardev.ts';
import { DuplexStream } from '../../transports/layers/duplex.ts';
import type { Backend, BackendHost } from '../backend.ts';
import { FileReader } from './file-reader.ts';
import { FileWriter } from './file-writer.ts';
import { StreamPort } from './stream-port.ts';

export interface InputPort {
  /** Reads on while the host wants input. */
  resume(): void;
  close(): Promise<void>;
}

export interface OutputPort {
  /** Number of bytes taken; `host.writable()` follows when it was not all. */
  write(bytes: Uint8Array): number;
  close(): Promise<void>;
}

type FileDirection = 'input' | 'output' | 'both';

/** Whether the kernel can tell when the file is ready: FIFOs, sockets, terminals. */
export function isStream(fd: number): boolean {
  const stats = fstatSync(fd);
  return stats.isFIFO() || stats.isSocket() || isatty(fd);
}

/** Takes the descriptor of a stream over. */
export function streamOfFd(fd: number, direction: FileDirection): DuplexStream {
  const readable = direction !== 'output';
  const writable = direction !== 'input';
  // A terminal's "read stream" writes as well, and unlike its "write stream" without blocking.
  if (isatty(fd)) return new DuplexStream(new ReadStream(fd), readable);
  return new DuplexStream(new Socket({ fd, readable, writable, allowHalfOpen: true }), readable);
}

/** Takes the descriptor over; the file's end is CLOSED. */
export function inputOf(fd: number, host: BackendHost): InputPort {
  if (!isStream(fd)) return new FileReader(fd, host);
  return new StreamPort(streamOfFd(fd, 'input'), host, () => host.event('CLOSED'));
}

/** Takes the descriptor over. `path` is for messages. */
export function outputTo(fd: number, path: string, host: BackendHost): OutputPort {
  if (isStream(fd)) return new StreamPort(streamOfFd(fd, 'output'), host, () => {});
  return new FileOutput(new FileWriter(fd, path, host.log), host);
}

/** A backend of an input and an output, which may be the same. */
export class FdBackend implements Backend {
  readonly filename: string;
  readonly #input: InputPort | undefined;
  readonly #output: OutputPort;
  #lineSetter: ((line: SerialLine) => void) | undefined;

  /** `lineSetter`: for a serial line, sets it up; not called after the end of the input or `close`. */
  constructor(
    filename: string,
    input: InputPort | undefined,
    output: OutputPort,
    lineSetter?: (line: SerialLine) => void,
  ) {
    this.filename = filename;
    this.#input = input;
    this.#output = output;
    this.#lineSetter = lineSetter;
  }

  setLine(line: SerialLine): void {
    this.#lineSetter?.(line);
  }

  /** The descriptor is gone, and its number may be another file's. */
  forgetLine(): void {
    this.#lineSetter = undefined;
  }

  write(bytes: Uint8Array): number {
    return this.#output.write(bytes);
  }

  resumeInput(): void {
    this.#input?.resume();
  }

  async close(): Promise<void> {
    this.forgetLine();
    await this.#input?.close();
    if (!Object.is(this.#output, this.#input)) await this.#output.close();
  }
}

class FileOutput implements OutputPort {
  readonly #writer: FileWriter;

  constructor(writer: FileWriter, host: BackendHost) {
    this.#writer = writer;
    writer.onRoom = () => host.writable();
  }

  write(bytes: Uint8Array): number {
    const taken = bytes.subarray(0, this.#writer.roomFor(bytes.length));
    if (taken.length > 0) this.#writer.write(taken);
    return taken.length;
  }

  async close(): Promise<void> {
    await this.#writer.close();
  }
}
