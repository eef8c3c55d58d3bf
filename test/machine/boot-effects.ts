// Effects of what is booted and what firmware tells the guest. Tables are read as a guest reads them: through the
// ports of the firmware's configuration device.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { kernelImage } from './basic-effects.ts';
import type { OptionEffect } from './option-effect.ts';
import type { QemuUnderTest } from './qemu-under-test.ts';

const fileDirectory = 0x19;
const acpiTables = 0x8000;

async function fwCfg(qemu: QemuUnderTest, selector: number, bytes: number): Promise<Buffer> {
  await qemu.hmp(`o /h 0x510 ${selector}`);
  const lines = await Promise.all(Array.from({ length: bytes }, () => qemu.hmp('i /b 0x511')));
  return Buffer.from(lines.map((line) => Number(line.split('=')[1])));
}

async function fwCfgFile(qemu: QemuUnderTest, name: string): Promise<Buffer> {
  const count = (await fwCfg(qemu, fileDirectory, 4)).readUInt32BE();
  const directory = (await fwCfg(qemu, fileDirectory, 4 + count * 64)).subarray(4);
  for (let at = 0; at < directory.length; at += 64) {
    const entry = directory.subarray(at, at + 64);
    if (entry.toString('latin1', 8).replace(/\0.*/s, '') !== name) continue;
    return await fwCfg(qemu, entry.readUInt16BE(4), entry.readUInt32BE(0));
  }
  throw new Error(`no file ${name}`);
}

async function cmos(qemu: QemuUnderTest, register: number): Promise<number> {
  await qemu.hmp(`o /b 0x70 ${register}`);
  return Number((await qemu.hmp('i /b 0x71')).split('=')[1]);
}

export function bootEffects(directory: string): readonly OptionEffect[] {
  const file = (name: string, content: string | Buffer): string => {
    writeFileSync(path.join(directory, name), content);
    return path.join(directory, name);
  };
  const rom = file('rom.bin', Buffer.concat([Buffer.from([0x55, 0xaa, 1]), Buffer.alloc(509)]));
  const flash = file('flash.bin', Buffer.alloc(65_536, 0xf4));
  const kernel = file('kernel.img', kernelImage());
  const seeFlash = async (qemu: QemuUnderTest): Promise<void> =>
    assert.match(await qemu.hmp('xp /4xb 0xfffffff0'), /0xf4 0xf4 0xf4 0xf4/);
  return [
    {
      options: { pflash: ['flash0'] },
      before: [
        '-blockdev',
        JSON.stringify({ driver: 'raw', 'node-name': 'flash0', file: { driver: 'file', filename: flash } }),
      ],
      see: async (qemu) => {
        assert.equal(await qemu.qom('/machine', 'pflash0'), 'flash0');
        await seeFlash(qemu);
      },
    },
    { options: { pflash: [{ file: flash, 'read-only': true }] }, see: seeFlash },
    {
      options: { 'data-directories': [directory], firmware: 'flash.bin' },
      see: seeFlash,
    },
    {
      options: { dtb: file('tree.dtb', Buffer.alloc(64)), kernel },
      see: async (qemu) => assert.equal(await qemu.qom('/machine', 'dtb'), path.join(directory, 'tree.dtb')),
    },
    {
      options: { shim: file('shim.efi', Buffer.alloc(512)), kernel },
      since: 10,
      see: async (qemu) => {
        assert.equal(await qemu.qom('/machine', 'shim'), path.join(directory, 'shim.efi'));
        assert.equal((await fwCfgFile(qemu, 'etc/boot/shim')).length, 512);
      },
    },
    {
      options: { boot: { 'floppy-check': false, order: ['disk', 'network'] } },
      see: async (qemu) => {
        assert.equal((await cmos(qemu, 0x38)) & 1, 1);
        assert.equal(await cmos(qemu, 0x3d), 0x42);
      },
    },
    {
      options: { 'option-rom': [{ file: rom, bootindex: 1 }] },
      see: async (qemu) => {
        assert.match(await qemu.hmp('info roms'), /rom\.bin/);
        assert.match((await fwCfgFile(qemu, 'bootorder')).toString('latin1'), /rom@genroms\/rom\.bin/);
      },
    },
    {
      options: {
        acpitable: [
          { sig: 'TEST', rev: 7, 'oem-id': 'ACME', data: [file('acpi.bin', 'payload of a table')] },
        ],
      },
      see: async (qemu) => {
        const tables = (await fwCfg(qemu, acpiTables, 80)).toString('latin1');
        const header = tables.slice(tables.indexOf('TEST'));
        assert.equal(header.charCodeAt(8), 7);
        assert.match(header, /^TEST[\s\S]*ACME[\s\S]*payload of a table/);
      },
    },
    {
      options: {
        smbios: [
          { type: 1, fields: { manufacturer: 'ACME, Inc.', serial: '4711' } },
          { type: 11, fields: { value: ['first', 'second'] } },
        ],
      },
      see: async (qemu) => {
        const tables = (await fwCfgFile(qemu, 'etc/smbios/smbios-tables')).toString('latin1');
        assert.match(tables, /ACME, Inc\.\0/);
        assert.match(tables, /4711\0/);
        assert.match(tables, /first\0second\0/);
      },
    },
    {
      options: {
        'fw-cfg': [
          { name: 'opt/org.example/one', string: 'a,b=c' },
          { name: 'opt/org.example/two', file: rom },
        ],
      },
      see: async (qemu) => {
        assert.equal((await fwCfgFile(qemu, 'opt/org.example/one')).toString(), 'a,b=c');
        assert.equal((await fwCfgFile(qemu, 'opt/org.example/two')).length, 512);
      },
    },
  ];
}
