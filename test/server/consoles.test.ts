// Consoles on the serial port of a real QEMU's machine: the guest's bytes go through qmpd to every viewer.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { qemuBinaries } from '../kit/chardevs/sides.ts';
import { dial, type Peer } from '../kit/clients/peer.ts';
import { RawClient } from '../kit/clients/raw-client.ts';
import { echoRom } from '../kit/guests/echo-guest.ts';
import { startTestServer } from '../kit/server/test-server.ts';

async function run(client: RawClient, command: string, args: object = {}): Promise<void> {
  await client.ask(command, args);
}

/** A machine whose serial port, with the echo guest, is on a console; the console's address. */
async function declareMachine(client: RawClient, directory: string): Promise<string> {
  const rom = path.join(directory, 'echo.rom');
  await writeFile(rom, echoRom());
  const address = path.join(directory, 'console');
  const addr = { type: 'unix', data: { path: address } };
  await run(client, 'chardev-add', { id: 'serial0', backend: { type: 'console', data: { addr } } });
  await run(client, 'machine-set', {
    engine: 'qemu',
    machine: { type: 'isapc' },
    firmware: rom,
    defaults: false,
  });
  await run(client, 'device_add', { driver: 'isa-serial', chardev: 'serial0' });
  return address;
}

/** Starts the executable; resolves when it listens. */
async function startQmpd(
  directory: string,
  binary: string,
): Promise<{ process: ChildProcess; client: RawClient }> {
  const socket = path.join(directory, 'qmp.sock');
  const main = path.resolve(import.meta.dirname, '../../src/cli/main.js');
  const options = [
    '--qmp',
    `unix:${socket}`,
    '--state',
    path.join(directory, 'state'),
    '--qemu',
    binary,
    '--quiet',
  ];
  const child = spawn(process.execPath, [main, ...options], { stdio: 'ignore' });
  for (;;) {
    const client = await RawClient.negotiated(socket).catch(() => undefined);
    if (client) return { process: child, client };
    assert.equal(child.exitCode, null);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function dialPatiently(address: string): Promise<Peer> {
  for (;;) {
    const peer = await dial(address).catch(() => undefined);
    if (peer) return peer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

for (const binary of qemuBinaries) {
  describe(`a console on a machine of ${binary}`, () => {
    test('shows the guest to all viewers, and lives on from one machine to the next', async () => {
      await using fixture = await startTestServer({ qemuBinary: binary });
      const client = await RawClient.negotiated(fixture.path);
      const address = await declareMachine(client, fixture.directory);
      for (const text of ['first machine', 'next machine']) {
        await run(client, 'x-exit-preconfig');
        await run(client, 'cont');
        const first = await dial(address);
        if (text.startsWith('next')) assert.equal(await first.receive(13), 'first machine');
        assert.equal(await first.send(text).receive(text.length), text);
        const second = await dial(address);
        assert.match(await second.receiveUntil(text), new RegExp(`${text}$`));
        first.close();
        second.close();
        await run(client, 'machine-destroy');
      }
      await run(client, 'chardev-remove', { id: 'serial0' });
      assert.equal(existsSync(address), false);
      client.close();
    });
  });
}

/** What a test that failed half-way left running, the machine included: it outlives its qmpd on purpose. */
async function endAll(directory: string, started: readonly ChildProcess[]): Promise<void> {
  for (const child of started) child.kill('SIGKILL');
  const state = await readFile(path.join(directory, 'state', 'machine.json'), 'utf8').catch(() => undefined);
  if (state !== undefined) process.kill(JSON.parse(state).process.pid, 'SIGKILL');
  await rm(directory, { recursive: true });
}

const newest = qemuBinaries.at(-1) ?? '';

test('a console is there again when qmpd was killed and started anew, while the guest went on', {
  skip: newest === '' && 'no QEMU here',
}, async (context) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'qmpd-consoles-'));
  const started: ChildProcess[] = [];
  context.after(() => endAll(directory, started));
  const before = await startQmpd(directory, newest);
  started.push(before.process);
  const address = await declareMachine(before.client, directory);
  await run(before.client, 'x-exit-preconfig');
  await run(before.client, 'cont');
  const viewer = await dial(address);
  assert.equal(await viewer.send('before').receive(6), 'before');
  before.process.kill('SIGKILL');
  await once(before.process, 'exit');
  await viewer.receiveToEnd();

  const later = await startQmpd(directory, newest);
  started.push(later.process);
  // The machine is found again in the background, and its console with it.
  const again = await dialPatiently(address);
  assert.equal(await again.send('after').receive(5), 'after');
  again.close();
  await run(later.client, 'quit');
  await once(later.process, 'exit');
});
