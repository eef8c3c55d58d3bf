// Effects of options about devices of the board, drives and screens.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import type { QemuUnderTest } from '../../../kit/qemu/qemu-under-test.ts';
import { drive, frontends } from './basic-effects.ts';
import type { OptionEffect } from './option-effect.ts';

const tree = (qemu: QemuUnderTest): Promise<string> => qemu.hmp('info qtree');

export function deviceEffects(directory: string): readonly OptionEffect[] {
  const file = (name: string): string => path.join(directory, name);
  const mux = ['-chardev', `socket,id=muxed,path=${file('mux')},server=on,wait=off,mux=on`];
  return [
    {
      options: { defaults: false },
      see: async (qemu) => assert.doesNotMatch(await tree(qemu), /dev: (VGA|isa-serial|floppy|ide-cd|e1000)/),
    },
    {
      options: { defaults: true },
      see: async (qemu) => {
        for (const name of ['VGA', 'isa-serial', 'floppy', 'ide-cd', 'e1000']) {
          assert.match(await tree(qemu), new RegExp(`dev: ${name}`));
        }
      },
    },
    {
      options: { global: [{ driver: 'e1000', property: 'rombar', value: 0 }] },
      before: ['-nic', 'none', '-device', 'e1000,id=nic0'],
      see: async (qemu) => assert.equal(await qemu.qom('nic0', 'rombar'), 0),
    },
    {
      options: { parallel: ['c0'] },
      before: ['-chardev', 'ringbuf,id=c0'],
      see: async (qemu) => assert.match(await tree(qemu), /dev: isa-parallel[\s\S]*?chardev = "c0"/),
    },
    {
      options: { parallel: [], defaults: true },
      see: async (qemu) => assert.doesNotMatch(await tree(qemu), /dev: isa-parallel/),
    },
    {
      options: { debugcon: 'c0' },
      before: ['-chardev', 'ringbuf,id=c0'],
      see: async (qemu) => {
        await qemu.hmp('o /b 0xe9 0x51');
        assert.equal(await qemu.execute('ringbuf-read', { device: 'c0', size: 10 }), 'Q');
      },
    },
    {
      options: { 'human-monitor': ['c0'] },
      before: ['-chardev', 'ringbuf,id=c0'],
      see: async (qemu) =>
        assert.match(
          await qemu.execute<string>('ringbuf-read', { device: 'c0', size: 1000 }),
          /QEMU.*monitor/,
        ),
    },
    {
      options: { 'mux-escape': 2, serial: ['muxed'] },
      before: mux,
      see: async () => {
        const socket = connect(file('mux'));
        socket.write('\x02h');
        let seen = '';
        while (!seen.includes('print this help')) seen += String((await once(socket, 'data'))[0]);
        socket.destroy();
        assert.match(seen, /C-b h/);
      },
    },
    {
      options: { hdc: { file: file('disk.img') } },
      see: async (qemu) => assert.equal((await drive(qemu, 'ide1-hd0')).inserted?.file, file('disk.img')),
    },
    {
      options: { hdd: { file: file('disk.img') } },
      see: async (qemu) => assert.equal((await drive(qemu, 'ide1-hd1')).inserted?.file, file('disk.img')),
    },
    {
      options: {
        drive: [
          {
            id: 'd0',
            if: 'virtio',
            file: file('a,b.img'),
            format: 'raw',
            'read-only': true,
            cache: 'unsafe',
            throttling: { bps: 1_000_000, 'iops-wr': 10, 'iops-wr-max': 100 },
          },
        ],
      },
      see: async (qemu) => {
        const { inserted } = await drive(qemu, 'd0');
        assert.deepEqual(
          [inserted?.file, inserted?.ro, inserted?.bps, inserted?.iops_wr_max],
          [file('a,b.img'), true, 1_000_000, 100],
        );
      },
    },
    {
      options: { snapshot: true, hda: { file: file('disk.img') } },
      see: async (qemu) => {
        const { inserted } = await drive(qemu, 'ide0-hd0');
        assert.deepEqual([inserted?.drv, inserted?.backing_file], ['qcow2', file('disk.img')]);
      },
    },
    {
      options: {
        fsdev: [
          {
            id: 'fs0',
            driver: 'local',
            path: directory,
            'security-model': 'mapped-file',
            readonly: true,
            writeout: true,
            fmode: 0o640,
            throttling: { 'bps-rd': 1000 },
          },
        ],
      },
      before: ['-device', 'virtio-9p-pci,fsdev=fs0,mount_tag=shared'],
      see: async (qemu) => assert.match(await tree(qemu), /mount_tag = "shared"\s+fsdev = "fs0"/),
    },
    {
      options: { usb: true },
      see: async (qemu) => {
        assert.equal(await qemu.qom('/machine', 'usb'), true);
        assert.match(await tree(qemu), /dev: piix3-usb-uhci/);
      },
    },
    {
      options: { usb: false, defaults: true },
      see: async (qemu) => assert.equal(await qemu.qom('/machine', 'usb'), false),
    },
    {
      options: { audio: { driver: 'none', model: 'ac97' } },
      see: async (qemu) => assert.match(await tree(qemu), /dev: AC97[\s\S]*?audiodev = "audiodev0"/),
    },
    {
      options: { audiodev: [{ id: 'a0', driver: 'none', properties: { out: { frequency: 8000 } } }] },
      before: ['-device', 'AC97,audiodev=a0'],
      see: async (qemu, { major }) => {
        assert.match(await tree(qemu), /audiodev = "a0"/);
        if (major < 8) return;
        const [a0] = await qemu.execute<{ id: string; out: { frequency: number } }[]>('query-audiodevs');
        assert.deepEqual([a0?.id, a0?.out.frequency], ['a0', 8000]);
      },
    },
    { options: { vga: 'cirrus' }, see: async (qemu) => assert.match(await tree(qemu), /dev: cirrus-vga/) },
    {
      options: { vga: 'none', defaults: true },
      see: async (qemu) => assert.doesNotMatch(await tree(qemu), /dev: VGA/),
    },
    {
      options: { display: { type: 'none', 'full-screen': true, 'window-close': false } },
      see: async (qemu) =>
        assert.deepEqual(await qemu.execute('query-display-options'), {
          type: 'none',
          'full-screen': true,
          'window-close': false,
        }),
    },
    {
      options: {
        vnc: {
          addr: { type: 'inet', host: '127.0.0.1', port: '5921', to: 5999 },
          share: 'ignore',
          password: true,
        },
      },
      see: async (qemu) => {
        const [server] =
          await qemu.execute<{ auth: string; server: { host: string; service: string }[] }[]>(
            'query-vnc-servers',
          );
        assert.equal(server?.auth, 'vnc');
        assert.equal(server?.server[0]?.host, '127.0.0.1');
        assert(Number(server?.server[0]?.service) >= 5921);
      },
    },
    {
      options: { vnc: { addr: { type: 'unix', path: file('vnc,1') } } },
      see: async (qemu) => assert.match(JSON.stringify(await qemu.execute('query-vnc-servers')), /vnc,1/),
    },
    {
      options: { vnc: {} },
      see: async (qemu) =>
        assert.match(JSON.stringify(await qemu.execute('query-vnc')), /"enabled": ?(false|true)/),
    },
    {
      options: { spice: { unix: file('spice'), 'disable-ticketing': true, 'image-compression': 'auto-glz' } },
      see: async (qemu) => {
        const spice = await qemu.execute<{ enabled: boolean; auth: string }>('query-spice');
        assert.deepEqual([spice.enabled, spice.auth], [true, 'none']);
      },
    },
    { options: { 'keyboard-layout': 'no-such-layout', vnc: {} }, refused: /no-such-layout/ },
    {
      options: { numa: numaNodes, smp: { cpus: 2 }, memory: { size: 134_217_728 } },
      before: [
        '-object',
        'memory-backend-ram,id=m0,size=64M',
        '-object',
        'memory-backend-ram,id=m1,size=64M',
      ],
      see: async (qemu) => {
        const numa = await qemu.hmp('info numa');
        assert.match(numa, /2 nodes[\s\S]*node 0 cpus: 0\s[\s\S]*node 0 size: 64 MB[\s\S]*node 1 cpus: 1\s/);
      },
    },
    {
      options: { serial: ['c0'], parallel: [], defaults: true },
      before: ['-chardev', 'ringbuf,id=c0'],
      see: async (qemu) => assert.deepEqual(await frontends(qemu), ['c0']),
    },
  ];
}

const numaNodes = [
  { type: 'node', nodeid: 0, cpus: [0], memdev: 'm0' },
  { type: 'node', nodeid: 1, memdev: 'm1' },
  { type: 'cpu', 'node-id': 1, 'core-id': 1 },
  { type: 'dist', src: 0, dst: 1, val: 20 },
];
