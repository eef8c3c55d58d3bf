// The two sides of every comparison: a qmpd of this checkout and the QEMU that is installed, each a process of its own
// with a QMP socket in a temporary directory.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export interface Peer extends AsyncDisposable {
  readonly name: string;
  readonly socket: string;
  /** Resident memory of the process, in bytes. */
  residentBytes(): number;
}

const cli = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));

export function startQmpd(): Promise<Peer> {
  return start('qmpd', process.execPath, (socket) => [
    cli,
    '--qmp',
    `unix:${socket}`,
    '--state',
    'none',
    '--quiet',
  ]);
}

export function startQemu(binary: string = process.env.QMPD_QEMU ?? 'qemu-system-x86_64'): Promise<Peer> {
  return start('QEMU', binary, (socket) => [
    ...['-M', 'none', '-nodefaults', '-display', 'none'],
    ...['-qmp', `unix:${socket},server=on,wait=off`],
  ]);
}

async function start(name: string, command: string, args: (socket: string) => string[]): Promise<Peer> {
  const directory = mkdtempSync(path.join(tmpdir(), 'qmpd-bench-'));
  const socket = path.join(directory, 'qmp.sock');
  const child = spawn(command, args(socket), { stdio: ['ignore', 'ignore', 'inherit'] });
  while (!existsSync(socket)) {
    if (child.exitCode !== null) throw new Error(`${name} ended with status ${child.exitCode}`);
    await delay(20);
  }
  await delay(100);
  return {
    name,
    socket,
    residentBytes: () => residentBytes(child),
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function residentBytes({ pid }: ChildProcess): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
}
