// Machines with SeaBIOS and something to boot.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { EmbeddedEngine } from '../../../src/engines/embedded/index.ts';
import { jsonObject } from '../../../src/json/value.ts';
import { bootableDisk, bootSectorDone } from '../../kit/guests/boot-sector.ts';
import { lineSetterFloppy } from '../../kit/guests/line-setter.ts';
import { RecordingHost } from './recording-host.ts';

const skip = existsSync('/usr/share/seabios/bios.bin') ? false : 'SeaBIOS is not installed';
const floppyBytes = 1_474_560;

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'qmpd-firmware-'));
});
after(() => rm(folder, { recursive: true }));

test('SeaBIOS boots in the order asked for, and from what is left after a floppy is taken out', {
  skip,
}, async (t) => {
  const floppy = path.join(folder, 'floppy.img');
  const disk = path.join(folder, 'disk.img');
  await writeFile(floppy, bootableDisk('floppy', 'the floppy has a second sector\r\n', floppyBytes));
  await writeFile(disk, bootableDisk('disk', 'the disk has a second sector\r\n', 1 << 20));
  const host = new RecordingHost();
  const terminal = host.terminal('s0');
  const options = jsonObject({
    serial: ['s0'],
    memory: jsonObject({ size: 16 << 20 }),
    fda: jsonObject({ file: floppy, 'read-only': true }),
    hda: jsonObject({ file: disk }),
    boot: jsonObject({ order: ['floppy', 'disk'] }),
  });
  const machine = await new EmbeddedEngine().create({ options, declarations: [] }, host);
  t.after(() => machine.end());
  await machine.cont();
  await terminal.waitFor(`BOOT floppy\r\nthe floppy has a second sector\r\n${bootSectorDone}\r\n`);
  await machine.stop();

  const { width, height, rgba } = await machine.screen();
  assert.deepEqual([width, height], [320, 200]);
  for (let at = 0; at < rgba.length; at += 4) {
    assert.deepEqual([...rgba.subarray(at, at + 4)], [168, 0, 0, 255], `pixel ${at / 4}`);
  }

  const from = terminal.text.length;
  await machine.media.replace('fda', undefined);
  await machine.reset();
  await machine.cont();
  await terminal.waitFor(`BOOT disk\r\nthe disk has a second sector\r\n${bootSectorDone}\r\n`, from);
});

test('the guest sets its line up, and what it sends goes out in between', { skip }, async (t) => {
  const floppy = path.join(folder, 'line.img');
  await writeFile(floppy, lineSetterFloppy());
  const host = new RecordingHost();
  const terminal = host.terminal('s0');
  const options = jsonObject({
    serial: ['s0'],
    memory: jsonObject({ size: 16 << 20 }),
    fda: jsonObject({ file: floppy, 'read-only': true }),
    boot: jsonObject({ order: ['floppy'] }),
  });
  const machine = await new EmbeddedEngine().create({ options, declarations: [] }, host);
  t.after(() => machine.end());
  await machine.cont();
  await terminal.waitFor('AB');
  const strange = { speed: 9600, dataBits: 7, parity: 'even', stopBits: 2, breaking: false };
  const before = terminal.text.length - 'AB'.length;
  assert.deepEqual(terminal.lines.slice(-4), [
    { line: strange, after: before },
    { line: { ...strange, breaking: true }, after: before + 1 },
    { line: strange, after: before + 1 },
    { line: { ...strange, dataBits: 8, parity: 'none', stopBits: 1 }, after: before + 1 },
  ]);
});
