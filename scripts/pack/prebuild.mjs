// Builds the native parts for each kind of machine that there is a compiler for, into dist/native/KIND/: what the package
// ships. Debian's packages: gcc-aarch64-linux-gnu and libc6-dev-arm64-cross for arm64, musl-tools for musl (which is for
// the own architecture only: there is no musl for arm64 here).
//
//   npm run native:all [-- --required]      (--required: fail when one of the compilers is not there)
import { rmSync } from 'node:fs';
import path from 'node:path';
import { buildPart, builtFolder, compilerWorks, parts } from '../../native/build.mjs';

/** musl-tools has no headers of the kernel: the machine's own come last. */
const kernelHeaders = ['-idirafter', '/usr/include', '-idirafter', '/usr/include/x86_64-linux-gnu'];

const compilers = {
  'linux-x64-glibc': ['x86_64-linux-gnu-gcc'],
  'linux-arm64-glibc': ['aarch64-linux-gnu-gcc'],
  'linux-x64-musl': ['x86_64-linux-musl-gcc', ...kernelHeaders],
};

const missing = [];
for (const [kind, [compiler, ...flags]] of Object.entries(compilers)) {
  const folder = path.join(builtFolder, kind);
  if (compilerWorks(compiler)) {
    for (const [name, sources] of parts) buildPart(name, sources, folder, compiler, flags);
  } else {
    // What an earlier version built is not shipped with this one.
    rmSync(folder, { recursive: true, force: true });
    missing.push(`${kind} (${compiler})`);
  }
}
if (missing.length > 0)
  console.error(`qmpd: native parts not built, because there is no compiler: ${missing.join(', ')}`);
process.exit(missing.length > 0 && process.argv.includes('--required') ? 1 : 0);
