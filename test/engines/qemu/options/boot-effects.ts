// Effects of what is booted and what firmware tells the guest. Tables are read as a guest reads them: from the firmware's
// configuration device.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { QemuUnderTest } from '../../../kit/qemu/qemu-under-test.ts';
import { kernelImage } from './basic-effects.ts';
import { FirmwareConfiguration } from './firmware-configuration.ts';
import type { OptionEffect } from './option-effect.ts';

const acpiTables = 0x8000;

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
  const firmware = new FirmwareConfiguration(path.join(directory, 'guest-memory'));
  const { before } = firmware;
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
      before,
      see: async (qemu) => {
        assert.equal(await qemu.qom('/machine', 'shim'), path.join(directory, 'shim.efi'));
        assert.equal((await firmware.file(qemu, 'etc/boot/shim')).length, 512);
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
      before,
      see: async (qemu) => {
        assert.match(await qemu.hmp('info roms'), /rom\.bin/);
        assert.match((await firmware.file(qemu, 'bootorder')).toString('latin1'), /rom@genroms\/rom\.bin/);
      },
    },
    {
      options: {
        acpitable: [
          { sig: 'TEST', rev: 7, 'oem-id': 'ACME', data: [file('acpi.bin', 'payload of a table')] },
        ],
      },
      before,
      see: async (qemu) => {
        const tables = (await firmware.read(qemu, acpiTables, 80)).toString('latin1');
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
      before,
      see: async (qemu) => {
        const tables = (await firmware.file(qemu, 'etc/smbios/smbios-tables')).toString('latin1');
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
      before,
      see: async (qemu) => {
        assert.equal((await firmware.file(qemu, 'opt/org.example/one')).toString(), 'a,b=c');
        assert.equal((await firmware.file(qemu, 'opt/org.example/two')).length, 512);
      },
    },
  ];
}
