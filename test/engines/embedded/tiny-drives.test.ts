// Drives with the built-in guest as the machine's firmware: what takes Linux half a minute to be there for.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { tinyGuestRom } from '../../../src/engines/embedded/guest/tiny-guest.ts';
import { EmbeddedEngine } from '../../../src/engines/embedded/index.ts';
import type { EmbeddedInstance } from '../../../src/engines/embedded/instance.ts';
import { type JsonObject, jsonObject } from '../../../src/json/value.ts';
import type { Declaration } from '../../../src/machine/engine.ts';
import { RecordingHost } from './recording-host.ts';
import type { TerminalChardev } from './terminal-chardev.ts';

let folder: string;
let firmware: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'qmpd-drives-'));
  firmware = path.join(folder, 'tiny.rom');
  await writeFile(firmware, tinyGuestRom());
});
const machines: EmbeddedInstance[] = [];
after(async () => {
  await Promise.all(machines.map((machine) => machine.end()));
  await rm(folder, { recursive: true });
});

async function image(name: string, text: string, bytes = 64 * 1024): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, text.padEnd(bytes, '\0'));
  return file;
}

async function start(
  options: JsonObject,
  declarations: readonly Declaration[] = [],
): Promise<{ host: RecordingHost; terminal: TerminalChardev; machine: EmbeddedInstance }> {
  const host = new RecordingHost();
  const terminal = host.terminal('s0');
  const machine = await new EmbeddedEngine().create(
    {
      options: jsonObject({ firmware, serial: ['s0'], memory: jsonObject({ size: 1 << 20 }), ...options }),
      declarations,
    },
    host,
  );
  machines.push(machine);
  await machine.cont();
  await terminal.waitFor('READY\r\n');
  return { host, terminal, machine };
}

test('a disk is read from its file, and written to it before the guest is told so', async () => {
  const file = await image('disk.img', 'hello from the disk\n');
  const { terminal, machine } = await start({ hda: jsonObject({ file }) });
  terminal.type('L');
  await terminal.waitFor('Lhello from the disk\n');
  terminal.type('W');
  await terminal.waitFor('W.');
  const contents = await readFile(file);
  assert.equal(contents.toString('latin1', 512, 538), 'written by the tiny guest\n');
  assert.equal(contents.length, 64 * 1024);
  await machine.end();
});

test('a block node is followed down to its file', async () => {
  const file = await image('node.img', 'behind two nodes\n');
  const declare = (id: string, args: JsonObject): Declaration => ({ kind: 'blockdev', id, arguments: args });
  const { terminal, machine } = await start({ hda: 'top' }, [
    declare('top', jsonObject({ driver: 'raw', 'node-name': 'top', file: 'bottom' })),
    declare('bottom', jsonObject({ driver: 'file', 'node-name': 'bottom', filename: file })),
  ]);
  terminal.type('L');
  await terminal.waitFor('Lbehind two nodes\n');
  await machine.end();
});

test('a null device takes every write and gives zeros', async () => {
  const declaration: Declaration = {
    kind: 'blockdev',
    id: 'nothing',
    arguments: jsonObject({ driver: 'null-co', 'node-name': 'nothing', size: 1 << 20 }),
  };
  const { terminal, machine } = await start({ hda: 'nothing' }, [declaration]);
  terminal.type('W');
  await terminal.waitFor('W.');
  await machine.end();
});

test('a read-only disk refuses writes, the guest and the clients are told', async () => {
  const file = await image('read-only.img', 'only for reading\n');
  await chmod(file, 0o444);
  const { host, terminal, machine } = await start({ hda: jsonObject({ file, 'read-only': true }) });
  terminal.type('L');
  await terminal.waitFor('Lonly for reading\n');
  terminal.type('W');
  await terminal.waitFor('W[ERROR]');
  assert.deepEqual(host.events.find(({ name }) => name === 'BLOCK_IO_ERROR')?.data, {
    'qom-path': 'hda',
    device: 'ide0-hd0',
    operation: 'write',
    action: 'report',
    reason: 'the image is read-only',
  });
  await machine.end();
});

test("the guest's own opening of the CD tray is told, and the medium is gone for it", async () => {
  const file = await image('cd.iso', 'on the CD\n');
  const disk = await image('beside.img', 'a disk\n');
  const { host, terminal, machine } = await start({
    cdrom: jsonObject({ file }),
    hda: jsonObject({ file: disk }),
  });
  terminal.type('E');
  await host.until('DEVICE_TRAY_MOVED');
  assert.deepEqual(host.events.at(-1)?.data, { device: 'ide1-cd0', id: 'cdrom', 'tray-open': true });
  const { media } = machine;
  const [cd, hd] = ['cdrom', 'hda'].map((name) => media.drives.find(({ option }) => option === name));
  assert(cd !== undefined && hd !== undefined);
  assert.equal(cd.trayOpen, true);
  await media.replace('cdrom', { image: { kind: 'file', path: file, readOnly: true }, node: undefined });
  assert.equal(cd.trayOpen, false);
  await assert.rejects(media.change(hd, undefined), /Device 'hda' is not removable/);
  await machine.end();
});

test('a full host file system stops the machine, and it goes on where it was once there is space', async (t) => {
  const small = path.join(folder, 'small');
  await mkdir(small);
  const mounted = spawnSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=16k', 'none', small]);
  if (mounted.status !== 0) {
    t.skip('no small file system can be mounted here');
    return;
  }
  t.after(() => spawnSync('/bin/umount', ['-l', small]));
  const file = path.join(small, 'disk.img');
  await writeFile(file, '');
  await truncate(file, 64 * 1024);
  const filler = path.join(small, 'filler');
  await writeFile(filler, Buffer.alloc(64 * 1024)).catch(() => {});
  const { host, terminal, machine } = await start({ hda: jsonObject({ file }) });
  terminal.type('W');
  await host.until('STOP');
  assert.deepEqual(host.story, ['RESUME', '=running', 'BLOCK_IO_ERROR', '=io-error', 'STOP']);
  assert.deepEqual(host.events.find(({ name }) => name === 'BLOCK_IO_ERROR')?.data, {
    'qom-path': 'hda',
    device: 'ide0-hd0',
    operation: 'write',
    action: 'stop',
    nospace: true,
    reason: 'No space left on device',
  });
  await machine.stop();
  await rm(filler);
  await machine.cont();
  await terminal.waitFor('W.');
  assert.equal((await readFile(file)).toString('latin1', 512, 538), 'written by the tiny guest\n');
  await machine.end();
});
