// Consoles that a QEMU gets while its machine is there, and chardevs that qmpd has for itself beside it. A qtest object
// stands in for a guest where devices cannot be plugged in: it answers what it reads. The echo guest hears breaks.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Introspection } from '../../src/client/index.ts';
import { qemuBinaries } from '../kit/chardevs/sides.ts';
import { dial, type Peer } from '../kit/clients/peer.ts';
import { RawClient } from '../kit/clients/raw-client.ts';
import { echoRom } from '../kit/guests/echo-guest.ts';
import { Dialogue, executablePath } from '../kit/server/executable.ts';
import { startTestServer, type TestServer } from '../kit/server/test-server.ts';

interface Scene extends AsyncDisposable {
  readonly server: TestServer;
  readonly client: RawClient;
}

/** A machine with the echo guest, whose first serial port is on the chardev `serial0`. */
async function startMachine(binary: string, backend: object): Promise<Scene> {
  const server = await startTestServer({ qemuBinary: binary });
  const client = await RawClient.negotiated(server.path);
  const firmware = path.join(server.directory, 'echo.rom');
  await writeFile(firmware, echoRom());
  const machine = { type: 'isapc' };
  await client.ask('machine-set', { engine: 'qemu', machine, firmware, defaults: false });
  await client.ask('chardev-add', { id: 'serial0', backend });
  await client.ask('device_add', { driver: 'isa-serial', chardev: 'serial0' });
  await client.ask('x-exit-preconfig');
  await client.ask('cont');
  return { server, client, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const nothing = { type: 'null', data: {} };

function consoleOn(place: string, more: object = {}): object {
  return { type: 'console', data: { addr: { type: 'unix', data: { path: place } }, ...more } };
}

async function echoes(viewer: Peer, text: string): Promise<void> {
  assert.equal(await viewer.send(text).receive(text.length), text);
}

async function labels(client: RawClient): Promise<string[]> {
  return (await client.ask('query-chardev')).map(({ label }: { label: string }) => label);
}

for (const binary of qemuBinaries) {
  describe(`beside a machine of ${binary}`, () => {
    test('a console can be added, and is in use when something was made on it', async () => {
      await using scene = await startMachine(binary, nothing);
      const { client, server } = scene;
      const place = path.join(server.directory, 'console');
      await client.ask('chardev-add', { id: 'con', backend: consoleOn(place) });
      await client.ask('object-add', { 'qom-type': 'qtest', id: 'q', chardev: 'con' });
      const viewer = await dial(place);
      viewer.send('endianness\n');
      assert.equal(await viewer.receiveUntil('little\n'), 'OK little\n');
      assert.equal((await client.ask('query-consoles')).length, 1);
      assert.equal(await client.refusal('chardev-remove', { id: 'con' }), "Chardev 'con' is busy");
    });

    test('a console can be added and removed again and again', async () => {
      await using scene = await startMachine(binary, nothing);
      const { client, server } = scene;
      const place = path.join(server.directory, 'console');
      for (let round = 0; round < 10; round += 1) {
        await client.ask('chardev-add', { id: 'con', backend: consoleOn(place) });
        const viewer = await dial(place);
        await client.ask('chardev-remove', { id: 'con' });
        await viewer.receiveToEnd();
        assert.equal(existsSync(place), false);
        assert.equal((await labels(client)).includes('con'), false);
      }
    });

    test('a console can be put under a guest that runs, changed, and taken away again', async () => {
      await using scene = await startMachine(binary, nothing);
      const { client, server } = scene;
      const [first = '', second = '', third = ''] = ['a', 'b', 'c'].map((name) =>
        path.join(server.directory, name),
      );
      await client.ask('chardev-change', { id: 'serial0', backend: consoleOn(first) });
      const viewer = await dial(first);
      await echoes(viewer, 'on a console');
      await client.ask('chardev-change', { id: 'serial0', backend: consoleOn(second, { scrollback: 0 }) });
      await viewer.receiveToEnd();
      assert.equal(existsSync(first), false);
      await echoes(await dial(second), 'on another');
      const addr = { type: 'unix', data: { path: third } };
      const socket = { type: 'socket', data: { addr, server: true, wait: false } };
      await client.ask('chardev-change', { id: 'serial0', backend: socket });
      assert.deepEqual(await client.ask('query-consoles'), []);
      await echoes(await dial(third), "on QEMU's own");
      await client.ask('chardev-change', { id: 'serial0', backend: consoleOn(first) });
      await echoes(await dial(first), 'and back');
      await client.ask('machine-destroy');
      await client.ask('x-exit-preconfig');
      await client.ask('cont');
      const again = await dial(first);
      await again.receiveUntil('and back');
      await echoes(again, 'with the next machine');
    });

    test('what QEMU refuses leaves nothing behind', async () => {
      await using scene = await startMachine(binary, nothing);
      const { client, server } = scene;
      const place = path.join(server.directory, 'console');
      const taken = await client.refusal('chardev-add', { id: 'serial0', backend: consoleOn(place) });
      assert.equal(taken, "Chardev with id 'serial0' already exists");
      await client.ask('chardev-add', { id: 'theirs', backend: nothing });
      assert.equal(
        await client.refusal('chardev-add', { id: 'theirs', backend: consoleOn(place) }),
        "Chardev with id 'theirs' already exists",
      );
      assert.equal(
        await client.refusal('chardev-change', { id: 'nobody', backend: consoleOn(place) }),
        "Chardev 'nobody' does not exist",
      );
      assert.match(
        await client.refusal('chardev-add', { id: 'con', backend: consoleOn('/nonexistent/x') }),
        /^Failed to add chardev 'con': Failed to bind socket to \/nonexistent\/x: No such file or directory$/,
      );
      assert.equal(existsSync(place), false);
      assert.deepEqual(await client.ask('query-consoles'), []);
      await client.ask('chardev-add', { id: 'con', backend: consoleOn(place) });
      await client.ask('chardev-add', { id: 'nobody', backend: nothing });
    });

    test('a break reaches the guest: by QMP, from a viewer, and from qmpd console', async () => {
      await using scene = await startMachine(binary, nothing);
      const { client, server } = scene;
      const place = path.join(server.directory, 'console');
      await client.ask('chardev-change', { id: 'serial0', backend: consoleOn(place, { telnet: true }) });
      const viewer = await dial(place);
      await viewer.receive(15);
      await echoes(viewer, 'a');
      await client.ask('chardev-send-break', { id: 'serial0' });
      assert.equal(await viewer.receive(1), '#');
      viewer.send('\xff\xf3');
      assert.equal(await viewer.receive(1), '#');
      await using terminal = new Dialogue(process.execPath, [
        ...[executablePath, 'console', '--qmp', server.path, 'serial0'],
      ]);
      terminal.type('\x1db');
      assert.equal(await viewer.receive(1), '#');
      await echoes(viewer, 'b');
    });

    test('the schema shows the console among the backends, with what it takes', async () => {
      await using scene = await startMachine(binary, nothing);
      const schema = new Introspection(await scene.client.ask('query-qmp-schema'));
      for (const command of ['chardev-add', 'chardev-change']) {
        const { words } = schema.place(command, ['backend', 'type'], () => undefined);
        for (const backend of ['console', 'socket', 'msmouse']) assert.ok(words.includes(backend), backend);
        const written = (keys: readonly string[]): string | undefined =>
          keys.join('.') === 'backend.type' ? 'console' : undefined;
        const { members } = schema.place(command, ['backend', 'data'], written);
        const names = members.map(({ name }) => name);
        for (const name of ['addr', 'writers', 'scrollback', 'logfile'])
          assert.ok(names.includes(name), name);
      }
    });

    test('QEMU has no command for the size of a terminal, so that it cannot be passed on', async () => {
      await using scene = await startMachine(binary, nothing);
      const { commands } = new Introspection(await scene.client.ask('query-qmp-schema'));
      assert.deepEqual(
        commands.filter((name) => /^chardev-.*size/.test(name)),
        [],
      );
    });

    test('chardevs that qmpd uses itself stay in its hands', async () => {
      await using server = await startTestServer({ qemuBinary: binary });
      const client = await RawClient.negotiated(server.path);
      const [here = '', there = ''] = ['here', 'there'].map((name) => path.join(server.directory, name));
      const socketAt = (file: string): object => {
        const addr = { type: 'unix', data: { path: file } };
        return { type: 'socket', data: { addr, server: true, wait: false } };
      };
      await client.ask('machine-set', { engine: 'qemu', machine: { type: 'none' }, defaults: false });
      await client.ask('object-add', { 'qom-type': 'monitor-qmp', id: 'm', chardev: 'own' });
      await client.ask('chardev-add', { id: 'own', backend: socketAt(here) });
      await client.ask('chardev-add', { id: 'theirs', backend: nothing });
      await client.ask('x-exit-preconfig');
      assert.deepEqual((await labels(client)).sort(), ['own', 'qmpd', 'theirs']);
      assert.equal(
        await client.refusal('chardev-add', { id: 'own', backend: nothing }),
        "Chardev with id 'own' already exists",
      );
      assert.equal(await client.refusal('chardev-remove', { id: 'own' }), "Chardev 'own' is busy");
      await client.ask('object-del', { id: 'm' });
      await client.ask('chardev-change', { id: 'own', backend: socketAt(there) });
      await client.ask('object-add', { 'qom-type': 'monitor-qmp', id: 'n', chardev: 'own' });
      (await RawClient.negotiated(there)).close();
      await client.ask('chardev-send-break', { id: 'own' });
      await client.ask('object-del', { id: 'n' });
      await client.ask('chardev-remove', { id: 'own' });
      assert.equal(existsSync(there), false);
      assert.deepEqual((await labels(client)).sort(), ['qmpd', 'theirs']);
    });
  });
}
