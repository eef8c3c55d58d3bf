// The `pty` backend: a pseudo-terminal whose slave anybody may open and close at any time (QEMU: chardev/char-pty.c).
// The kernel does not tell when a slave is opened, so that is looked for; while nobody has it open, output is lost.

import { closeSync } from 'node:fs';
import { symlink, unlink } from 'node:fs/promises';
import { QmpError } from '../../qmp/error.ts';
import type { ChardevPty } from '../../schema/index.ts';
import { native } from '../../transports/unix/native.ts';
import { strerror } from '../../util/strerror.ts';
import type { Backend, BackendHost } from '../backend.ts';
import type { ChardevKind } from '../kind.ts';
import { PtyStream } from '../ports/pty-stream.ts';
import { StreamPort } from '../ports/stream-port.ts';
import { terminal } from '../ports/terminal.ts';
import { textWord } from '../words.ts';

/** How often to look whether somebody has opened the slave; one system call each. */
const lookMs = 100;

class PtyBackend implements Backend {
  readonly filename: string;
  readonly pty: string;
  readonly #host: BackendHost;
  readonly #master: number;
  readonly #link: string | undefined;
  readonly #timer: NodeJS.Timeout;
  #port: StreamPort | undefined;

  constructor(host: BackendHost, master: number, slaveName: string, link: string | undefined) {
    this.#host = host;
    this.#master = master;
    this.#link = link;
    this.pty = slaveName;
    this.filename = `pty:${slaveName}`;
    this.#timer = setInterval(() => this.#look(), lookMs).unref();
  }

  #look(): void {
    if (this.#port || !terminal || !native || terminal.hungUp(this.#master)) return;
    // The stream closes its descriptor when the slave is closed; the master itself stays open for the next.
    const stream = new PtyStream(native, terminal.dup(this.#master), terminal.dup(this.#master));
    const port = new StreamPort(stream, this.#host, () => {
      this.#port = undefined;
      port.abandon();
      this.#host.event('CLOSED');
      this.#host.writable();
    });
    this.#port = port;
    this.#host.event('OPENED');
  }

  write(bytes: Uint8Array): number {
    this.#look();
    return this.#port ? this.#port.write(bytes) : bytes.length;
  }

  resumeInput(): void {
    this.#port?.resume();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#link !== undefined) await unlink(this.#link).catch(() => {});
    await this.#port?.close();
    closeSync(this.#master);
  }
}

async function openPty(host: BackendHost, options: ChardevPty): Promise<Backend> {
  if (!terminal) throw new QmpError("'pty' needs the native part of qmpd, which was not built");
  const { master, slaveName } = terminal.openPty();
  try {
    if (options.path !== undefined) await symlink(slaveName, options.path);
  } catch (error) {
    closeSync(master);
    throw new QmpError(`Failed to create PTY symlink: ${strerror(error)}`);
  }
  return new PtyBackend(host, master, slaveName, options.path);
}

export const ptyKind: ChardevKind<'pty'> = {
  type: 'pty',
  livesIn: 'both',
  words: { path: textWord('path') },
  example: 'path=terminal',
  notes: '`path` is a link to the terminal; needs the native part',
  open: openPty,
};
