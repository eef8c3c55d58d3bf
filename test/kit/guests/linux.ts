// The Linux test guest: Debian's own i386 kernel with busybox, prepared by scripts/test-guest.mjs. Nothing is
// downloaded here; without it tests are skipped with the reason.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** From dist/test/kit/guests. */
const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../..', 'test-guests');

export interface LinuxGuest {
  readonly kernel: string;
  readonly initrd: string;
  readonly append: string;
}

export const linuxGuest: LinuxGuest = {
  kernel: path.join(folder, 'vmlinuz'),
  initrd: path.join(folder, 'initrd.gz'),
  append: 'console=ttyS0 tsc=reliable mitigations=off random.trust_cpu=on',
};

/** Why tests with this guest cannot run; false when they can. */
export const linuxGuestMissing: string | false =
  existsSync(linuxGuest.kernel) && existsSync(linuxGuest.initrd)
    ? false
    : 'no Linux test guest: run scripts/test-guest.mjs';
