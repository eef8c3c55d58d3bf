// Finds the native parts (native/): the one that was built here, or the one that the package has for this kind of
// machine. What a part does is not known here.

import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../native/', import.meta.url));

/** An ELF file names the program that loads it (PT_INTERP) within its first page. */
const elfStartBytes = 4_096;

/** Which C library the running Node is linked with. Taken for glibc where /proc does not show it. */
function libc(): 'glibc' | 'musl' {
  try {
    const file = openSync('/proc/self/exe', 'r');
    try {
      const start = Buffer.alloc(elfStartBytes);
      readSync(file, start, 0, elfStartBytes, 0);
      return start.includes('/ld-musl-') ? 'musl' : 'glibc';
    } finally {
      closeSync(file);
    }
  } catch {
    return 'glibc';
  }
}

/** "linux-x64-glibc": the folder that a part for this kind of machine is in. */
export const machineKind: string = `${process.platform}-${process.arch}-${libc()}`;

/** Loads a part. Throws in words that say what is missing, and how to get it. */
export function loadNative(name: string): unknown {
  const candidates = [path.join(folder, `${name}.node`), path.join(folder, machineKind, `${name}.node`)];
  const file = candidates.find((candidate) => existsSync(candidate));
  if (file === undefined) {
    const build = path.join(folder, '..', '..', 'native', 'build.mjs');
    throw new Error(`the native part ${name} is not there for ${machineKind} ('node ${build}' builds it)`);
  }
  return createRequire(import.meta.url)(file);
}
