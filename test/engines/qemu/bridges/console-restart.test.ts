// A guest on QEMU whose serial port is a console of qmpd: kill -9 of qmpd, start it again, and the guest still talks.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connect, type QmpClient } from '../../../../src/client/index.ts';
import { echoRom } from '../../../kit/guests/echo-guest.ts';
import { binaries } from '../../../kit/qemu/rig.ts';

const cli = fileURLToPath(new URL('../../../../src/cli/main.js', import.meta.url));

async function start(directory: string, binary: string): Promise<{ qmpd: ChildProcess; client: QmpClient }> {
  const socket = path.join(directory, 'q');
  const options = ['--qmp', `unix:${socket}`, '--state', path.join(directory, 'state'), '--qemu', binary];
  const qmpd = spawn(process.execPath, [cli, ...options, '--quiet'], { stdio: ['ignore', 'pipe', 'ignore'] });
  // It says where it listens once it does.
  await Promise.race([once(qmpd.stdout ?? qmpd, 'data'), once(qmpd, 'exit')]);
  return { qmpd, client: await connect(socket) };
}

async function echoed(socket: string, word: string): Promise<void> {
  const viewer = net.connect(socket);
  let seen = '';
  viewer.on('data', (chunk) => {
    seen += String(chunk);
  });
  while (!seen.includes(word)) {
    viewer.write(word);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  viewer.destroy();
}

/** When the serial port gets the console: before the machine is made, or while the guest runs. */
const times = ['declared', 'running'] as const;

for (const { label, path: binary } of binaries) {
  for (const time of times) {
    test(`${label}: a console (${time}) outlives the qmpd that made it`, async () => {
      const directory = mkdtempSync(path.join(tmpdir(), 'qmpd-console-'));
      const socket = path.join(directory, 'console');
      const firmware = path.join(directory, 'echo.rom');
      writeFileSync(firmware, echoRom());
      let { qmpd, client } = await start(directory, binary);
      try {
        const machine = { type: 'isapc' };
        const memory = { size: 2_097_152 };
        await client.executeAny('machine-set', {
          machine,
          memory,
          firmware,
          accel: [{ type: 'tcg' }],
          serial: ['con'],
        });
        const data = { addr: { type: 'unix', data: { path: socket } } };
        const backend = { type: 'console', data };
        const first = time === 'declared' ? backend : { type: 'null', data: {} };
        await client.executeAny('chardev-add', { id: 'con', backend: first });
        await client.executeAny('x-exit-preconfig');
        await client.executeAny('cont');
        if (time === 'running') await client.executeAny('chardev-change', { id: 'con', backend });
        await echoed(socket, 'before');
        const killed = once(qmpd, 'exit');
        qmpd.kill('SIGKILL');
        await killed;
        ({ qmpd, client } = await start(directory, binary));
        await echoed(socket, 'after');
        const ended = once(qmpd, 'exit');
        await client.executeAny('quit');
        await ended;
        assert.equal(qmpd.exitCode, 0);
      } finally {
        qmpd.kill('SIGTERM');
        rmSync(directory, { recursive: true, force: true });
      }
    });
  }
}
