// A machine with many options at once, which name what is declared beside them.

import { writeFileSync } from 'node:fs';
import path from 'node:path';

export interface ManyOptions {
  readonly options: Readonly<Record<string, unknown>>;
  /** The devices in the order in which they take their slots. */
  readonly declarations: readonly (readonly [command: string, args: object])[];
}

const memoryBytes = 67_108_864;

/** `directory` gets the files that it needs. */
export function manyOptions(directory: string): ManyOptions {
  const image = (name: string): string => {
    writeFileSync(path.join(directory, name), Buffer.alloc(1_474_560));
    return path.join(directory, name);
  };
  const filename = image('disk,1.img');
  return {
    options: {
      engine: 'qemu',
      name: 'many, options',
      uuid: '12345678-1234-5678-9abc-def012345678',
      machine: { type: 'q35', properties: { 'smbios-entry-point-type': '32' } },
      accel: [{ type: 'tcg' }],
      cpu: { model: 'qemu64', properties: { level: 13 } },
      smp: { cpus: 2, sockets: 1 },
      memory: { size: memoryBytes, slots: 2, 'max-size': 8 * memoryBytes },
      numa: [{ type: 'node', nodeid: 0, memdev: 'ram0' }],
      rtc: { base: '2006-06-17T16:01:21', clock: 'vm' },
      serial: ['s0', null],
      parallel: ['s1'],
      nic: [{ model: 'e1000e', netdev: 'n0', mac: '52:54:00:00:00:77' }],
      hda: 'disk',
      hdb: { file: image('second.img') },
      cdrom: null,
      fda: { file: image('floppy.img'), 'read-only': true },
      drive: [
        { id: 'd0', if: 'virtio', file: image('third.img'), format: 'raw', throttling: { bps: 1_000_000 } },
      ],
      'fw-cfg': [{ name: 'opt/one', string: 'a,b' }],
      smbios: [{ type: 1, fields: { serial: '4711' } }],
      vga: 'std',
      vnc: {},
      usb: true,
      audiodev: [{ id: 'a0', driver: 'none' }],
      global: [
        { driver: 'ide-hd', property: 'serial', value: 'GLOBAL' },
        { driver: 'hda-output', property: 'debug', value: 1 },
      ],
      log: { items: ['unimp'], file: '/dev/null' },
      trace: { enable: ['memory_region_ops_read'] },
      process: { name: 'many', 'debug-threads': true },
      messages: { timestamp: true },
      action: { panic: 'pause' },
      boot: { order: ['cdrom', 'disk'], strict: true },
      overcommit: { 'mem-lock': 'off' },
    },
    declarations: [
      ['device_add', { driver: 'intel-hda', id: 'hda0' }],
      ['device_add', { driver: 'hda-output', audiodev: 'a0', bus: 'hda0.0' }],
      ['object-add', { 'qom-type': 'memory-backend-ram', id: 'ram0', size: memoryBytes }],
      ['netdev_add', { type: 'user', id: 'n0' }],
      ['chardev-add', { id: 's0', backend: { type: 'ringbuf', data: {} } }],
      ['chardev-add', { id: 's1', backend: { type: 'null', data: {} } }],
      ['blockdev-add', { driver: 'raw', 'node-name': 'disk', file: { driver: 'file', filename } }],
    ],
  };
}
