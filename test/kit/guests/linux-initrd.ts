// The initial RAM disk of the Linux test guest: busybox, the kernel modules for the emulated PC's drives, and an init
// that loads them and starts a shell on the first serial port.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { Cpio } from './cpio.ts';

/** In the order in which they depend on each other. */
const modules = [
  'scsi_common',
  'scsi_mod',
  'libata',
  'ata_piix',
  'crc64',
  'crc64-rocksoft',
  'crct10dif_common',
  'crc-t10dif',
  't10-pi',
  'sd_mod',
  'cdrom',
  'sr_mod',
  'floppy',
  'evdev',
  'psmouse',
  'button',
  '8390',
  'ne2k-pci',
  'virtio',
  'virtio_ring',
  'virtio_pci_modern_dev',
  'virtio_pci_legacy_dev',
  'virtio_pci',
  'failover',
  'net_failover',
  'virtio_net',
];

export const linuxPrompt = 'qmpd-guest# ';

const init = `#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in ${modules.join(' ')}; do insmod /modules/$module.ko || echo "no module $module"; done
/bin/busybox --install -s /bin
export PATH=/bin HOME=/ TERM=dumb PS1='${linuxPrompt}'
dmesg -n 1
stty -F /dev/ttyS0 cols 500 rows 50
exec setsid cttyhack sh
`;

/** Programs that init uses before busybox has installed itself. */
const earlyPrograms = ['sh', 'mount', 'insmod', 'echo'];

/** `root` holds the unpacked packages: busybox, and the kernel's modules. */
export function linuxInitrd(root: string): Buffer {
  const archive = new Cpio();
  for (const name of ['bin', 'dev', 'proc', 'sys', 'tmp', 'mnt', 'modules']) archive.directory(name);
  archive.characterDevice('dev/console', 5, 1);
  archive.characterDevice('dev/null', 1, 3);
  archive.program('bin/busybox', readFileSync(path.join(root, 'bin', 'busybox')));
  for (const name of earlyPrograms) archive.link(`bin/${name}`, 'busybox');
  archive.program('init', Buffer.from(init));
  const files = readdirSync(path.join(root, 'lib', 'modules'), { recursive: true }).map(String);
  for (const name of modules) {
    const file = files.find((candidate) => path.basename(candidate) === `${name}.ko`);
    if (file === undefined) throw new Error(`the kernel package has no module ${name}`);
    archive.file(`modules/${name}.ko`, readFileSync(path.join(root, 'lib', 'modules', file)));
  }
  return gzipSync(archive.finish());
}
