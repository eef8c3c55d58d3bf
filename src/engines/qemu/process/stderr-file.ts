// QEMU's standard error, kept in a file because QEMU outlives us: read when QEMU fails, cut when it grows.

import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';

/** When the file is larger it is cut to its last part; QEMU appends, so it goes on at the new end. */
const stderrBytesMax = 256 * 1024;
const keptBytes = 64 * 1024;
const lastWordsBytes = 8 * 1024;

/** Opens it for appending, in a new file. The caller closes the descriptor once QEMU has it. */
export function createStderrFile(path: string): number {
  return openSync(path, 'ax', 0o600);
}

export function trimStderr(path: string): void {
  withFile(path, 'r+', (fd) => {
    const { size } = fstatSync(fd);
    if (size <= stderrBytesMax) return;
    const kept = readEnd(fd, size, keptBytes);
    ftruncateSync(fd, 0);
    writeSync(fd, kept, 0, kept.length, 0);
  });
}

/** The last lines, without the program's name in front and without what QEMU only remarks on. */
export function lastWords(path: string, linesMax = 8): string {
  const text =
    withFile(path, 'r', (fd) => readEnd(fd, fstatSync(fd).size, lastWordsBytes).toString('utf8')) ?? '';
  const lines = text
    .split('\n')
    .map((line) => line.replace(/^qemu-system-[^:\s]+: /, '').trimEnd())
    .filter((line) => line !== '');
  // A warning about an option has that option in front.
  const errors = lines.filter((line) => !/(^|: )warning: /.test(line));
  return (errors.length > 0 ? errors : lines).slice(-linesMax).join('\n');
}

function readEnd(fd: number, size: number, bytesMax: number): Buffer {
  const bytes = Buffer.alloc(Math.min(size, bytesMax));
  const count = readSync(fd, bytes, 0, bytes.length, size - bytes.length);
  return bytes.subarray(0, count);
}

function withFile<T>(path: string, flags: string, use: (fd: number) => T): T | undefined {
  let fd: number;
  try {
    fd = openSync(path, flags);
  } catch {
    return undefined;
  }
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}
