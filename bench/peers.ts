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

/** A process that has just started is still busy with itself. */
const settleDefaultMs = 100;

const cli = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));

export function startQmpd(...options: readonly string[]): Promise<Peer> {
  return start('qmpd', process.execPath, (socket) => [
    ...[cli, '--qmp', `unix:${socket}`, '--state', 'none', '--quiet'],
    ...options,
  ]);
}

/** A qmpd that shares a QEMU which runs already. */
export function startAttached({ socket: upstream }: Peer): Promise<Peer> {
  return start('qmpd attach', process.execPath, (socket) => [
    ...[cli, 'attach', `unix:${upstream}`, '--qmp', `unix:${socket}`, '--quiet'],
  ]);
}

export function startQemu(
  binary: string = process.env.QMPD_QEMU ?? 'qemu-system-x86_64',
  options: readonly string[] = ['-M', 'none'],
  settleMs: number = settleDefaultMs,
): Promise<Peer> {
  const args = (socket: string): string[] => [
    ...['-nodefaults', '-display', 'none', ...options],
    ...['-qmp', `unix:${socket},server=on,wait=off`],
  ];
  return start('QEMU', binary, args, settleMs);
}

async function start(
  name: string,
  command: string,
  args: (socket: string) => string[],
  settleMs: number = settleDefaultMs,
): Promise<Peer> {
  const directory = mkdtempSync(path.join(tmpdir(), 'qmpd-bench-'));
  const socket = path.join(directory, 'qmp.sock');
  const child = spawn(command, args(socket), { stdio: ['ignore', 'ignore', 'inherit'] });
  while (!existsSync(socket)) {
    if (child.exitCode !== null) throw new Error(`${name} ended with status ${child.exitCode}`);
    await delay(settleMs === 0 ? 1 : 20);
  }
  await delay(settleMs);
  return {
    name,
    socket,
    residentBytes: () => residentBytes(child),
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit');
      // Asked, so that a qmpd takes its machine with it.
      child.kill('SIGTERM');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function residentBytes({ pid }: ChildProcess): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
}
