// The `file` backend: output goes to a file, input comes from another (QEMU: chardev/char-file.c, char-fd.c). Regular
// files are written in the background; a FIFO or a terminal is waited for like any stream.

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { QmpError } from '../qmp/error.ts';
import { strerror } from '../util/strerror.ts';
import type { Backend, BackendHost, BackendKind } from './backend.ts';
import { FileReader } from './file-reader.ts';
import { FileWriter, openForOutput } from './file-writer.ts';
import type { FileOptions } from './options.ts';

class FileBackend implements Backend {
  readonly filename = 'file';
  readonly #output: FileWriter;
  readonly #input: FileReader | undefined;

  constructor(output: FileWriter, input: FileReader | undefined) {
    this.#output = output;
    this.#input = input;
  }

  write(bytes: Uint8Array): number {
    const taken = bytes.subarray(0, this.#output.roomFor(bytes.length));
    if (taken.length > 0) this.#output.write(taken);
    return taken.length;
  }

  resumeInput(): void {
    this.#input?.resume();
  }

  async close(): Promise<void> {
    await this.#input?.close();
    await this.#output.close();
  }
}

async function openInput(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    throw new QmpError(`Could not open '${path}': ${strerror(error)}`);
  }
}

async function openFile(host: BackendHost, options: FileOptions): Promise<Backend> {
  const output = await openForOutput(options.out, { append: options.append ?? false, verb: 'open' });
  let input: FileHandle | undefined;
  try {
    input = options.in === undefined ? undefined : await openInput(options.in);
  } catch (error) {
    await output.close();
    throw error;
  }
  const writer = new FileWriter(output, options.out, host.log);
  writer.onRoom = () => host.writable();
  host.event('OPENED');
  return new FileBackend(writer, input && new FileReader(input, host));
}

export const fileKind: BackendKind<FileOptions> = { open: openFile };
