// What a reset can make of a machine: everything but the engine itself.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { tinyGuestRom } from '../../../src/engines/embedded/guest/tiny-guest.ts';
import { EmbeddedEngine } from '../../../src/engines/embedded/index.ts';
import type { EmbeddedInstance } from '../../../src/engines/embedded/instance.ts';
import { type JsonObject, jsonObject } from '../../../src/json/value.ts';
import { RecordingHost } from './recording-host.ts';

const mebibyte = 1 << 20;
const greeting = 'READY\r\n';

let folder: string;
let firmware: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'qmpd-reset-'));
  firmware = path.join(folder, 'tiny.rom');
  await writeFile(firmware, tinyGuestRom());
  for (const name of ['one', 'two']) {
    await writeFile(path.join(folder, name), `disk ${name}\n`.padEnd(65_536, '\0'));
  }
});
const machines: EmbeddedInstance[] = [];
after(async () => {
  await Promise.all(machines.map((machine) => machine.end()));
  await rm(folder, { recursive: true });
});

async function start(host: RecordingHost, options: JsonObject): Promise<EmbeddedInstance> {
  const machine = await new EmbeddedEngine().create({ options, declarations: [] }, host);
  machines.push(machine);
  await machine.cont();
  return machine;
}

test('memory, disks and serial ports are others after a reset, and only then', async () => {
  const host = new RecordingHost();
  const [first, second] = [host.terminal('first'), host.terminal('second')];
  const options = (size: number, disk: string, serial: string[]): JsonObject =>
    jsonObject({
      firmware,
      memory: jsonObject({ size }),
      hda: jsonObject({ file: path.join(folder, disk) }),
      serial,
    });
  const machine = await start(host, options(mebibyte, 'one', ['first']));
  await first.waitFor(greeting);
  let applied = 0;
  const next = options(2 * mebibyte, 'two', ['second', 'first']);
  await machine.reconfigure({ options: next, declarations: [] }, () => applied++);
  first.type('L');
  await first.waitFor('Ldisk one\n');
  assert.equal(machine.memoryBytes, mebibyte);
  assert.equal(second.attached, false);

  const from = first.text.length;
  await machine.reset();
  assert.equal(applied, 1);
  assert.equal(machine.memoryBytes, 2 * mebibyte);
  await second.waitFor(greeting);
  await first.waitFor(greeting, from);
  second.type('L');
  await second.waitFor('Ldisk two\n');
  assert.deepEqual(host.story, ['RESUME', '=running', 'RESET']);
  await machine.reset();
  assert.equal(applied, 1);
  await machine.end();
});

test("a guest's own reset brings the change, too", async () => {
  const host = new RecordingHost();
  const [first, second] = [host.terminal('first'), host.terminal('second')];
  const machine = await start(host, jsonObject({ serial: ['first'] }));
  await first.waitFor(greeting);
  await machine.reconfigure({ options: jsonObject({ serial: ['second'] }), declarations: [] }, () => {});
  first.type('R');
  await second.waitFor(greeting);
  assert.equal(first.attached, false);
  await machine.end();
});

test('what cannot be is refused at once, and what was kept stays', async () => {
  const host = new RecordingHost();
  const terminal = host.terminal('s0');
  const options = (size: number): JsonObject => jsonObject({ serial: ['s0'], memory: jsonObject({ size }) });
  const machine = await start(host, options(mebibyte));
  await terminal.waitFor(greeting);
  await machine.reconfigure({ options: options(4 * mebibyte), declarations: [] }, () => {});
  await assert.rejects(
    machine.reconfigure({ options: options(1), declarations: [] }, () => {}),
    /Option 'memory.size'/,
  );
  await machine.reset();
  assert.equal(machine.memoryBytes, 4 * mebibyte);
  await machine.end();
});

test('a disk that has vanished until the reset: system_reset says so, and the machine stays as it is', async () => {
  const host = new RecordingHost();
  const terminal = host.terminal('s0');
  const vanishing = path.join(folder, 'vanishing');
  await writeFile(vanishing, 'soon gone\n'.padEnd(65_536, '\0'));
  const disk = (file: string): JsonObject =>
    jsonObject({ firmware, serial: ['s0'], hda: jsonObject({ file }) });
  const machine = await start(host, disk(path.join(folder, 'one')));
  await terminal.waitFor(greeting);
  await machine.reconfigure({ options: disk(vanishing), declarations: [] }, () => {});
  await rm(vanishing);
  await assert.rejects(machine.reset(), /hda.*no such file/i);
  terminal.type('L');
  await terminal.waitFor('Ldisk one\n');
  await machine.end();
});
