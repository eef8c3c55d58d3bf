// Effects of the options that most machines have.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { QemuUnderTest } from '../../../kit/qemu/qemu-under-test.ts';
import type { OptionEffect } from './option-effect.ts';

export interface Drive {
  readonly device: string;
  readonly qdev?: string;
  readonly removable: boolean;
  readonly inserted?: {
    readonly file: string;
    readonly ro: boolean;
    readonly drv: string;
    readonly bps: number;
    readonly iops_wr_max: number;
    readonly backing_file?: string;
  };
}

export async function drive(qemu: QemuUnderTest, name: string): Promise<Drive> {
  const drives = await qemu.execute<Drive[]>('query-block');
  const found = drives.find(({ device, qdev }) => device === name || qdev === name);
  assert(found, `${name} among ${JSON.stringify(drives)}`);
  return found;
}

/** Chardevs that a device of the machine uses. */
export async function frontends(qemu: QemuUnderTest): Promise<string[]> {
  const chardevs = await qemu.execute<{ label: string; 'frontend-open': boolean }[]>('query-chardev');
  return chardevs
    .filter((chardev) => chardev['frontend-open'] && !/monitor|parallel/.test(chardev.label))
    .map(({ label }) => label)
    .sort();
}

export function basicEffects(directory: string): readonly OptionEffect[] {
  const file = (name: string): string => path.join(directory, name);
  writeFileSync(file('bios.bin'), Buffer.alloc(65_536, 0xf4));
  const node = (name: string): string[] => [
    '-blockdev',
    JSON.stringify({
      driver: 'raw',
      'node-name': name,
      file: { driver: 'file', filename: file('disk.img') },
    }),
  ];
  return [
    {
      options: { machine: { type: 'q35', properties: { hpet: false, 'fd-bootchk': false } } },
      since: 10,
      see: async (qemu) => {
        assert.equal(await qemu.qom('/machine', 'hpet'), false);
        assert.equal(await qemu.qom('/machine', 'fd-bootchk'), false);
        assert.match(await qemu.qom('/machine', 'type'), /q35/);
      },
    },
    {
      options: { machine: { type: 'pc', properties: { 'smbios-entry-point-type': '32' } } },
      see: async (qemu) => assert.equal(await qemu.qom('/machine', 'smbios-entry-point-type'), '32'),
    },
    {
      options: { accel: [{ type: 'tcg', properties: { thread: 'single' } }] },
      see: async (qemu) => {
        const { enabled } = await qemu.execute<{ enabled: boolean }>('query-kvm');
        assert.equal(enabled, false);
        assert.match(await qemu.hmp('info jit'), /TCG|Translation/i);
      },
    },
    {
      options: { cpu: { model: 'qemu64', properties: { avx2: false, level: 13 } } },
      see: async (qemu) => {
        const [cpu] = await qemu.execute<{ 'qom-path': string }[]>('query-cpus-fast');
        assert.equal(await qemu.qom(cpu?.['qom-path'] ?? '', 'level'), 13);
      },
    },
    {
      options: { smp: { cpus: 2, maxcpus: 4, sockets: 2 } },
      see: async (qemu) => {
        assert.equal((await qemu.execute<unknown[]>('query-cpus-fast')).length, 2);
        assert.equal((await qemu.execute<unknown[]>('query-hotpluggable-cpus')).length, 4);
      },
    },
    {
      options: { memory: { size: 33_554_432, slots: 2, 'max-size': 268_435_456 } },
      see: async (qemu) => {
        const summary = await qemu.execute<object>('query-memory-size-summary');
        assert.deepEqual(summary, { 'base-memory': 33_554_432, 'plugged-memory': 0 });
        const memory = await qemu.qom<{ 'max-size': number; slots: number }>('/machine', 'memory');
        assert.deepEqual([memory['max-size'], memory.slots], [268_435_456, 2]);
      },
    },
    {
      options: { name: 'a,b=c' },
      see: async (qemu) => assert.deepEqual(await qemu.execute('query-name'), { name: 'a,b=c' }),
    },
    {
      options: { uuid: '12345678-1234-5678-9abc-def012345678' },
      see: async (qemu) =>
        assert.deepEqual(await qemu.execute('query-uuid'), { UUID: '12345678-1234-5678-9abc-def012345678' }),
    },
    {
      options: { firmware: file('bios.bin') },
      see: async (qemu) => {
        assert.equal(await qemu.qom('/machine', 'firmware'), file('bios.bin'));
        assert.match(await qemu.hmp('xp /4xb 0xfffffff0'), /0xf4 0xf4 0xf4 0xf4/);
      },
    },
    {
      options: { 'vga-firmware': '/usr/share/seabios/vgabios-cirrus.bin', vga: 'std' },
      see: async (qemu) => {
        assert.match(await qemu.hmp('info qtree'), /romfile = "\/usr\/share\/seabios\/vgabios-cirrus.bin"/);
      },
    },
    {
      options: { kernel: file('kernel,1'), append: 'console=ttyS0,115200', initrd: file('cd.iso') },
      see: seeKernel(file('kernel,1'), file('cd.iso')),
    },
    {
      options: { initrd: file('cd.iso'), append: 'console=ttyS0,115200', kernel: file('kernel,1') },
      see: seeKernel(file('kernel,1'), file('cd.iso')),
    },
    {
      options: { append: 'console=ttyS0,115200', initrd: file('cd.iso'), kernel: file('kernel,1') },
      see: seeKernel(file('kernel,1'), file('cd.iso')),
    },
    {
      options: {
        boot: { order: ['cdrom', 'disk'], once: ['network'], menu: true, 'splash-time': 5, strict: true },
      },
      see: async (qemu) => {
        const boot = await qemu.qom<object>('/machine', 'boot');
        assert.deepEqual(boot, { order: 'dc', once: 'n', menu: true, 'splash-time': 5, strict: true });
      },
    },
    {
      options: { rtc: { base: '2006-06-17T16:01:21', clock: 'vm', driftfix: 'slew' } },
      see: async (qemu) => {
        const date = await qemu.qom<{ tm_year: number; tm_mon: number; tm_mday: number }>(
          '/machine',
          'rtc-time',
        );
        assert.deepEqual([date.tm_year, date.tm_mon, date.tm_mday], [106, 5, 17]);
        assert.match(await qemu.hmp('info qtree'), /lost_tick_policy = "slew"/);
      },
    },
    {
      options: { serial: ['c0', null, 'c2'] },
      before: ['-chardev', 'ringbuf,id=c0', '-chardev', 'ringbuf,id=c2'],
      see: async (qemu) => {
        assert.equal((await qemu.hmp('info qtree')).match(/dev: isa-serial/g)?.length, 2);
        assert.deepEqual(await frontends(qemu), ['c0', 'c2']);
      },
    },
    {
      options: { serial: [], defaults: true },
      see: async (qemu) => assert.doesNotMatch(await qemu.hmp('info qtree'), /isa-serial/),
    },
    {
      options: { fda: { file: file('floppy.img'), 'read-only': true } },
      see: async (qemu) => {
        const { inserted } = await drive(qemu, 'floppy0');
        assert.deepEqual([inserted?.file, inserted?.ro], [file('floppy.img'), true]);
      },
    },
    {
      options: { fdb: null },
      see: async (qemu) => assert.equal((await drive(qemu, 'floppy1')).inserted, undefined),
    },
    {
      options: { fda: 'disk', machine: { type: 'q35' } },
      before: node('disk'),
      see: async (qemu) => {
        const { inserted } = await drive(qemu, 'fda');
        assert.equal(inserted?.drv, 'raw');
      },
    },
    {
      options: { hda: { file: file('a,b.img') } },
      see: async (qemu) => assert.equal((await drive(qemu, 'ide0-hd0')).inserted?.file, file('a,b.img')),
    },
    {
      options: { hdb: { file: file('disk.img'), 'read-only': false } },
      see: async (qemu) => assert.equal((await drive(qemu, 'ide0-hd1')).inserted?.ro, false),
    },
    {
      options: { hda: 'disk' },
      before: node('disk'),
      see: async (qemu) => {
        const { inserted, removable } = await drive(qemu, 'hda');
        assert.deepEqual([inserted?.file, removable], [file('disk.img'), false]);
        assert.match(await qemu.hmp('info qtree'), /dev: ide-hd, id "hda"/);
      },
    },
    {
      options: { hdb: 'disk', machine: { type: 'q35' } },
      before: node('disk'),
      see: async (qemu) => assert.equal((await drive(qemu, 'hdb')).inserted?.file, file('disk.img')),
    },
    {
      options: { cdrom: { file: file('cd.iso') } },
      see: async (qemu) => {
        const { inserted, removable } = await drive(qemu, 'ide1-cd0');
        assert.deepEqual([inserted?.file, inserted?.ro, removable], [file('cd.iso'), true, true]);
      },
    },
    {
      options: { cdrom: null, defaults: true },
      see: async (qemu) => assert.equal((await drive(qemu, 'ide1-cd0')).inserted, undefined),
    },
    {
      options: { nic: [{ model: 'e1000', mac: '52:54:00:00:00:77', netdev: 'n0' }, {}] },
      before: ['-netdev', JSON.stringify({ type: 'user', id: 'n0', restrict: true })],
      see: async (qemu) => {
        const tree = await qemu.hmp('info qtree');
        assert.match(tree, /mac = "52:54:00:00:00:77"\s+netdev = "n0"/);
        assert.equal(tree.match(/netdev = /g)?.length, 2);
      },
    },
    {
      options: { nic: [], defaults: true },
      see: async (qemu) => assert.doesNotMatch(await qemu.hmp('info qtree'), /netdev = /),
    },
  ];
}

/** A kernel image that is just good enough to be loaded: a setup header of protocol 2.09. */
export function kernelImage(): Buffer {
  const image = Buffer.alloc(4096);
  image[0x1f1] = 4;
  image.writeUInt16LE(0xaa55, 0x1fe);
  image.write('HdrS', 0x202);
  image.writeUInt16LE(0x0209, 0x206);
  image[0x211] = 1;
  image.writeUInt32LE(255, 0x238);
  image.writeUInt32LE(0x37ffffff, 0x22c);
  return image;
}

function seeKernel(kernel: string, initrd: string): (qemu: QemuUnderTest) => Promise<void> {
  writeFileSync(kernel, kernelImage());
  return async (qemu) => {
    const seen = await Promise.all(['kernel', 'initrd', 'append'].map((name) => qemu.qom('/machine', name)));
    assert.deepEqual(seen, [kernel, initrd, 'console=ttyS0,115200']);
  };
}
