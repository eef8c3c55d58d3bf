// Prepares the Linux test guest in dist/test-guests: Debian's i386 kernel as it is, and an initial RAM disk with
// busybox, from packages that apt downloads and nothing installs. Does nothing when it is there already. Debian 12 is the
// last release with a kernel for i386, which is what v86 runs: it is taken from this system's mirror, whatever its release.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { linuxInitrd } from '../dist/test/kit/guests/linux-initrd.js';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const folder = path.join(root, 'dist', 'test-guests');
const kernel = path.join(folder, 'vmlinuz');
const initrd = path.join(folder, 'initrd.gz');

const releaseWithKernel = 'bookworm';
const debian = path.join(root, 'scripts', 'debian-apt.sh');
const apt = (state, program, ...args) =>
  execFileSync(debian, [state, releaseWithKernel, 'i386', program, ...args], {
    cwd: folder,
    encoding: 'utf8',
  });

function kernelPackage(state) {
  const record = apt(state, 'apt-cache', 'show', 'linux-image-686');
  const name = /^Depends: (linux-image-[0-9][^ ,]*)/m.exec(record)?.[1];
  if (name === undefined) throw new Error('apt knows no i386 kernel');
  return name;
}

function prepare() {
  const unpacked = path.join(folder, 'unpacked');
  mkdirSync(unpacked, { recursive: true });
  const state = path.join(folder, 'apt');
  mkdirSync(state, { recursive: true });
  apt(state, 'apt-get', 'update');
  apt(state, 'apt-get', 'download', kernelPackage(state), 'busybox-static');
  const archives = readdirSync(folder).filter((name) => name.endsWith('.deb'));
  for (const name of archives) execFileSync('dpkg-deb', ['-x', path.join(folder, name), unpacked]);
  const image = readdirSync(path.join(unpacked, 'boot')).find((name) => name.startsWith('vmlinuz-'));
  writeFileSync(initrd, linuxInitrd(unpacked));
  copyFileSync(path.join(unpacked, 'boot', image), kernel);
  for (const name of archives) rmSync(path.join(folder, name));
  for (const used of [unpacked, state]) rmSync(used, { recursive: true });
}

if (!existsSync(kernel) || !existsSync(initrd)) {
  try {
    prepare();
  } catch (error) {
    console.error(`qmpd: no Linux test guest: ${error.message}`);
    process.exit(1);
  }
}
