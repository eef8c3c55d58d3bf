// Files that a user named, to read (a certificate, a secret, a kernel) or to write (a picture). Opening never waits (a FIFO without a writer would
// keep the whole process), a file that is not a regular one is refused, and so is one that is larger than its use allows
// (/dev/zero never ends). Output may go to a device, which then has to take it without waiting. Not for files of our own.

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

const flags: number = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/** Why a file that can be opened is not read. */
export class UnfitFileError extends Error {
  override readonly name: string = 'UnfitFileError';
}

/** The whole file. Throws a system error, or an UnfitFileError. */
export function readNamedFileSync(path: string, bytesMax: number): Buffer {
  const fd = openSync(path, flags);
  try {
    const stats = fstatSync(fd);
    check(stats, bytesMax);
    const bytes = Buffer.alloc(stats.size);
    let length = 0;
    while (length < bytes.length) {
      const count = readSync(fd, bytes, length, bytes.length - length, null);
      if (count === 0) break;
      length += count;
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(fd);
  }
}

/** As `readNamedFileSync`, in the background. */
export async function readNamedFile(path: string, bytesMax: number): Promise<Buffer> {
  const file = await open(path, flags);
  try {
    const stats = await file.stat();
    check(stats, bytesMax);
    const bytes = Buffer.alloc(stats.size);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, null);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await file.close();
  }
}

const outputFlags: number =
  constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NONBLOCK | constants.O_NOCTTY;

/** Makes the file, or empties it. Rejects with a system error: also for a FIFO that nobody reads. The caller closes it. */
export async function openNamedOutput(path: string): Promise<FileHandle> {
  return await open(path, outputFlags, 0o666);
}

/** The file's whole new content. */
export async function writeNamedFile(path: string, bytes: Uint8Array): Promise<void> {
  const file = await openNamedOutput(path);
  try {
    await file.writeFile(bytes);
  } finally {
    await file.close();
  }
}

/** What a system says of a file: fs.Stats has it. */
interface FileFacts {
  readonly size: number;
  isFile(): boolean;
  isDirectory(): boolean;
}

function check(stats: FileFacts, bytesMax: number): void {
  if (stats.isDirectory()) throw new UnfitFileError('Is a directory');
  if (!stats.isFile()) throw new UnfitFileError('it is not a regular file');
  if (stats.size > bytesMax) throw new UnfitFileError(`it is larger than ${bytesMax} bytes`);
}
