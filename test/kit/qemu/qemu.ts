// A real QEMU without a machine, on a QMP socket in a directory of its own: a peer that is not of our making.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface RunningQemu extends AsyncDisposable {
  readonly path: string;
  readonly pid: number;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

export async function startQemu(binary = 'qemu-system-x86_64'): Promise<RunningQemu> {
  const directory = await mkdtemp(path.join(tmpdir(), 'qmpd-test-'));
  const socket = path.join(directory, 'qmp.sock');
  const options = [
    '-M',
    'none',
    '-nodefaults',
    '-display',
    'none',
    '-qmp',
    `unix:${socket},server=on,wait=off`,
  ];
  const child = spawn(binary, options, { stdio: ['ignore', 'ignore', 'inherit'] });
  const exited = once(child, 'exit');
  // There is no other sign of its being ready. Connecting too early may hang QEMU, so a little more is waited.
  while (!existsSync(socket)) {
    if (child.exitCode !== null) throw new Error(`QEMU ended with status ${child.exitCode}`);
    await delay(20);
  }
  await delay(150);
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  return {
    path: socket,
    pid: child.pid ?? -1,
    kill,
    [Symbol.asyncDispose]: async () => {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
