// Whether the kernel can run a file, told by its first bytes. What it cannot run would be read by a shell, as
// execvp(3) does it, and a shell says other things of it than what is wrong. (Linux: fs/binfmt_elf.c, binfmt_script.c.)

import { closeSync, openSync, readdirSync, readSync } from 'node:fs';

/** Up to and with e_machine. */
const headerBytes = 20;
const elfMagic = '\x7fELF';
/** e_ident's class and data encoding, and e_machine. */
const kindOfProcessor = [
  [4, 6],
  [18, 20],
] as const;

/** Says why this host cannot run the file; undefined when it can, or when the file cannot be read. */
export function programFault(path: string): string | undefined {
  const header = headerOf(path);
  if (header === undefined || header.startsWith('#!')) return undefined;
  if (runsForeignPrograms()) return undefined;
  if (!header.startsWith(elfMagic)) return 'it is not a program (neither ELF nor a script)';
  const own = headerOf('/proc/self/exe');
  const same = kindOfProcessor.every(([from, to]) => own?.slice(from, to) === header.slice(from, to));
  return same ? undefined : 'it is a program for another kind of processor';
}

function headerOf(path: string): string | undefined {
  try {
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(headerBytes);
      return bytes.toString('latin1', 0, readSync(file, bytes));
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

/** An interpreter may be registered for anything. */
function runsForeignPrograms(): boolean {
  try {
    return readdirSync('/proc/sys/fs/binfmt_misc').some((name) => name !== 'register' && name !== 'status');
  } catch {
    return false;
  }
}
