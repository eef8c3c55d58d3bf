// A real QEMU, started with given words and stopped at once (-S), with its monitor on its standard input and output.
// For tests that ask what a command line has done; not the engine, which does far more.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { askedForVersion, type InstalledQemu, installedQemus, programPath } from './installed.ts';

export type QemuBinary = InstalledQemu;

export const qemuBinaries: readonly QemuBinary[] = installedQemus;

/** A QEMU for another kind of machine, from Debian's package of that name. */
export function qemuFor(target: string): QemuBinary | undefined {
  const folder = process.env.QMPD_QEMU_TARGETS;
  const name = `qemu-system-${target}`;
  const binary = folder === undefined ? programPath(name) : join(folder, name);
  return binary === undefined ? undefined : askedForVersion(binary);
}

/** A test that takes too long is ended by SIGTERM; what it started has to end with it. */
const running = new Set<number>();
process.once('SIGTERM', () => {
  for (const pid of running) process.kill(-pid, 'SIGKILL');
  process.exit(143);
});

type Reply = { return?: unknown; error?: { class: string; desc: string }; id?: number };

export class QemuUnderTest implements AsyncDisposable {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  readonly #exited: Promise<void>;
  #stderr = '';
  #next = 1;

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#process = child;
    const { pid } = child;
    if (pid !== undefined) running.add(pid);
    this.#exited = new Promise((resolve) => {
      child.once('exit', () => running.delete(this.pid));
      child.once('close', () => {
        for (const answer of this.#waiting.values()) {
          answer({ error: { class: 'Exit', desc: `QEMU ended: ${this.#stderr.trim()}` } });
        }
        this.#waiting.clear();
        resolve();
      });
    });
    child.stderr.on('data', (data) => {
      this.#stderr += String(data);
    });
    child.stdin.on('error', () => {});
    createInterface(child.stdout).on('line', (line) => this.#line(line));
  }

  /** `words` come last. Rejects with QEMU's own words when it does not start. */
  static async start(
    binary: QemuBinary,
    words: readonly string[],
    tracer: readonly string[] = [],
  ): Promise<QemuUnderTest> {
    const own = [
      '-S',
      '-chardev',
      'stdio,id=monitor-under-test',
      '-mon',
      'chardev=monitor-under-test,mode=control',
    ];
    const [program = '', ...rest] = [...tracer, binary.path, ...own, ...words];
    // A process group of its own, since a tracer that is killed leaves what it traces alive.
    const qemu = new QemuUnderTest(spawn(program, rest, { detached: true }));
    await qemu.execute('qmp_capabilities');
    return qemu;
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** A file of /proc/PID, NULs as blanks. */
  proc(name: string): string {
    return readFileSync(`/proc/${this.pid}/${name}`, 'latin1').replaceAll('\0', ' ');
  }

  async execute<T = unknown>(command: string, args?: object): Promise<T> {
    const id = this.#next++;
    const reply = await new Promise<Reply>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#process.stdin.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    });
    if (reply.error !== undefined) throw new Error(`${command}: ${reply.error.desc}`);
    return reply.return as T;
  }

  hmp(line: string): Promise<string> {
    return this.execute<string>('human-monitor-command', { 'command-line': line });
  }

  qom<T = unknown>(path: string, property: string): Promise<T> {
    return this.execute<T>('qom-get', { path, property });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null)
      process.kill(-this.pid, 'SIGKILL');
    await this.#exited;
  }

  #line(line: string): void {
    const reply = JSON.parse(line) as Reply;
    if (reply.id === undefined) return;
    this.#waiting.get(reply.id)?.(reply);
    this.#waiting.delete(reply.id);
  }
}
