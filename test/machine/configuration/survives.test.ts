// kill -9 of qmpd: the next one goes on with the machine as it was by then, not as it was created: disks, plugged devices,
// options that wait.

import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connect, type QmpClient } from '../../../src/client/index.ts';
import { binaries } from '../../kit/qemu/rig.ts';

const cli = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));

interface Running {
  readonly qmpd: ChildProcess;
  readonly client: QmpClient;
}

async function start(directory: string, binary: string): Promise<Running> {
  const socket = path.join(directory, 'q');
  const options = ['--qmp', `unix:${socket}`, '--state', path.join(directory, 'state'), '--qemu', binary];
  const qmpd = spawn(process.execPath, [cli, ...options, '--quiet'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await Promise.race([once(qmpd.stdout ?? qmpd, 'data'), once(qmpd, 'exit')]);
  return { qmpd, client: await connect(socket) };
}

async function killed({ qmpd, client }: Running): Promise<void> {
  const gone = once(qmpd, 'exit');
  qmpd.kill('SIGKILL');
  await gone;
  await client.close();
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

for (const { label, path: binary } of binaries) {
  test(`${label}: what changed since the creation outlives the qmpd that made the machine`, async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'qmpd-living-'));
    const file = (name: string): string => path.join(directory, `${name}.qcow2`);
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', file('a'), '4M']);
    let running = await start(directory, binary);
    try {
      const { client } = running;
      await client.executeAny('machine-set', { accel: [{ type: 'tcg' }], memory: { size: 33_554_432 } });
      const node = { driver: 'qcow2', 'node-name': 'a', file: { driver: 'file', filename: file('a') } };
      await client.executeAny('blockdev-add', node);
      await client.executeAny('device_add', { driver: 'virtio-blk-pci', id: 'disk0', drive: 'a' });
      await client.executeAny('x-exit-preconfig');
      const overlay = { 'snapshot-file': file('a1'), 'snapshot-node-name': 'a1', format: 'qcow2' };
      await client.executeAny('blockdev-snapshot-sync', { 'node-name': 'a', ...overlay });
      await client.executeAny('netdev_add', { type: 'user', id: 'net0' });
      await client.executeAny('device_add', { driver: 'virtio-net-pci', id: 'card0', netdev: 'net0' });
      await client.executeAny('machine-set', { memory: { size: 67_108_864 }, name: 'later' });
      const before = plain(await client.executeAny('query-machine-config'));
      const waiting = plain(await client.executeAny('query-pending'));
      await killed(running);

      running = await start(directory, binary);
      assert.deepEqual(plain(await running.client.executeAny('query-machine-config')), before);
      assert.deepEqual(plain(await running.client.executeAny('query-pending')), waiting);
      await running.client.executeAny('machine-restart');
      const [disk] = plain(await running.client.executeAny('query-block')) as {
        inserted: { image: object };
      }[];
      assert.match(JSON.stringify(disk?.inserted.image), /a1\.qcow2.*a\.qcow2/);
      const tree = JSON.stringify(
        await running.client.executeAny('qom-list', { path: '/machine/peripheral' }),
      );
      assert.match(tree, /card0/);

      // A second life of the state: of the machine that was made anew.
      await running.client.executeAny('device_add', { driver: 'virtio-rng-pci', id: 'rng0' });
      await killed(running);
      running = await start(directory, binary);
      assert.match(JSON.stringify(await running.client.executeAny('query-machine-config')), /rng0/);
      await running.client.executeAny('machine-destroy');
      await killed(running);

      // Nothing is left of a machine that ended.
      running = await start(directory, binary);
      assert.deepEqual(plain(await running.client.executeAny('query-machine-config')), []);
      const ended = once(running.qmpd, 'exit');
      await running.client.executeAny('quit');
      await ended;
    } finally {
      running.qmpd.kill('SIGTERM');
      await running.client.close();
      rmSync(directory, { recursive: true, force: true });
    }
  });
}
