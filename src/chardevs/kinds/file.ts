// The `file` backend: output goes to a file, input comes from another (QEMU: chardev/char-file.c, char-fd.c).

import { closeSync, constants } from 'node:fs';
import { QmpError } from '../../qmp/error.ts';
import type { ChardevFile } from '../../schema/index.ts';
import { strerror } from '../../util/strerror.ts';
import type { Backend, BackendHost } from '../backend.ts';
import type { ChardevKind } from '../kind.ts';
import { FdBackend, inputOf, outputTo } from '../ports/fd-port.ts';
import { openFd, openForOutput } from '../ports/file-writer.ts';
import { textWord, truthWord } from '../words.ts';

async function openInput(path: string): Promise<number> {
  try {
    return await openFd(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    throw new QmpError(`Could not open '${path}': ${strerror(error)}`);
  }
}

async function openFile(host: BackendHost, options: ChardevFile): Promise<Backend> {
  const output = await openForOutput(options.out, { append: options.append ?? false, verb: 'open' });
  let input: number | undefined;
  try {
    input = options.in === undefined ? undefined : await openInput(options.in);
  } catch (error) {
    closeSync(output);
    throw error;
  }
  host.event('OPENED');
  const port = input === undefined ? undefined : inputOf(input, host);
  return new FdBackend('file', port, outputTo(output, options.out, host));
}

export const fileKind: ChardevKind<'file'> = {
  type: 'file',
  livesIn: 'both',
  words: {
    out: textWord('path', 'file: no filename given'),
    in: textWord('input-path'),
    append: truthWord('append'),
  },
  example: 'path=out.log,append=on',
  notes: 'regular files are written in the background; a FIFO without a reader is an error, where QEMU waits',
  open: openFile,
};
