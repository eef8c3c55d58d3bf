// The backends that open a path for both directions: `pipe` (one FIFO, or two), `serial` and `parallel` (QEMU:
// chardev/char-pipe.c, char-serial.c, char-parallel.c).

import { closeSync, constants } from 'node:fs';
import type { SerialLine } from '../../machine/chardev.ts';
import { QmpError } from '../../qmp/error.ts';
import type { ChardevHostdev } from '../../schema/index.ts';
import { strerror, strerrorOf } from '../../util/strerror.ts';
import type { Backend, BackendHost } from '../backend.ts';
import type { ChardevKind } from '../kind.ts';
import { FdBackend, inputOf, isStream, outputTo, streamOfFd } from '../ports/fd-port.ts';
import { openFd } from '../ports/file-writer.ts';
import { StreamPort } from '../ports/stream-port.ts';
import { terminal } from '../ports/terminal.ts';
import { textWord } from '../words.ts';

const firstLine: SerialLine = { speed: 115_200, dataBits: 8, parity: 'none', stopBits: 1, breaking: false };

async function openBoth(path: string): Promise<number> {
  try {
    return await openFd(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    throw new QmpError(`Could not open '${path}': ${strerror(error)}`);
  }
}

/** A backend over one descriptor, which it takes over. */
async function bothWays(filename: string, path: string, fd: number, host: BackendHost): Promise<Backend> {
  host.event('OPENED');
  if (isStream(fd)) {
    const port = new StreamPort(streamOfFd(fd, 'both'), host, () => host.event('CLOSED'));
    return new FdBackend(filename, port, port);
  }
  // Each side closes a descriptor of its own.
  return new FdBackend(filename, inputOf(await openBoth(path), host), outputTo(fd, path, host));
}

/** Two FIFOs, PATH.in and PATH.out, if both are there; else PATH itself. */
async function openPipe(host: BackendHost, options: ChardevHostdev): Promise<Backend> {
  const path = options.device;
  const input = await openBoth(`${path}.in`).catch(() => undefined);
  const output = await openBoth(`${path}.out`).catch(() => undefined);
  if (input !== undefined && output !== undefined) {
    host.event('OPENED');
    return new FdBackend('pipe', inputOf(input, host), outputTo(output, path, host));
  }
  for (const fd of [input, output]) if (fd !== undefined) closeSync(fd);
  return await bothWays('pipe', path, await openBoth(path), host);
}

/** Set up at first as QEMU does; the guest's port may say otherwise. */
async function openSerial(host: BackendHost, options: ChardevHostdev): Promise<Backend> {
  const fd = await openBoth(options.device);
  terminal?.setLine(fd, firstLine);
  if (!isStream(fd)) return await bothWays('serial', options.device, fd, host);
  host.event('OPENED');
  const port = new StreamPort(streamOfFd(fd, 'both'), host, () => {
    backend.forgetLine();
    host.event('CLOSED');
  });
  const backend = new FdBackend('serial', port, port, (line) => terminal?.setLine(fd, line));
  return backend;
}

async function openParallel(host: BackendHost, options: ChardevHostdev): Promise<Backend> {
  const fd = await openBoth(options.device);
  const error = terminal ? terminal.claimParallel(fd) : 'ENOTTY';
  if (error === undefined) return await bothWays('parallel', options.device, fd, host);
  closeSync(fd);
  throw new QmpError(`not a parallel port: ${strerrorOf(error)}`);
}

export const pipeKind: ChardevKind<'pipe'> = {
  type: 'pipe',
  livesIn: 'both',
  words: { device: textWord('path', 'pipe: no device path given') },
  example: 'path=fifo',
  notes: 'two FIFOs, `.in` and `.out`, or one',
  open: openPipe,
};

export const serialKind: ChardevKind<'serial'> = {
  type: 'serial',
  livesIn: 'both',
  words: { device: textWord('path', 'serial/tty: no device path given') },
  formerNames: ['tty'],
  example: 'path=/dev/ttyS0',
  notes:
    "the line begins with 115200 8N1; speed, data bits, parity, stop bits and breaks are then those of the guest's port (embedded engine)",
  open: openSerial,
};

export const parallelKind: ChardevKind<'parallel'> = {
  type: 'parallel',
  livesIn: 'both',
  words: { device: textWord('path', 'parallel: no device path given') },
  formerNames: ['parport'],
  example: 'path=/dev/parport0',
  notes: 'bytes only: the control lines are left alone',
  open: openParallel,
};
