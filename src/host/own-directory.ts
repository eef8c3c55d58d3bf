// A directory of qmpd's own, held by descriptor: what another user does to its path afterwards changes nothing. It is
// proved when it is opened, from the root down. Each parent belongs to us or to root, and others may not write to it,
// unless it is root's and sticky (/tmp): there nobody can rename what is not theirs. Symbolic links count only if root
// made them. The directory itself is ours alone. Not for the paths that users name for their sockets.

import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmdirSync,
  type Stats,
  unlinkSync,
} from 'node:fs';
import path from 'node:path';
import { getSystemErrorName } from 'node:util';
import { LocalError } from '../util/local-error.ts';
import { strerror, strerrorOf } from '../util/strerror.ts';
import { native } from './native.ts';

/** The kernel's own limit (path_resolution(7)). */
const linksMax = 40;
const writableByOthers = 0o022;
const sticky = 0o1000;
/** Not in Node's constants; Linux's number on all machines that Node runs on. */
const O_PATH = 0o10000000;
const walkFlags: number = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** Throws a LocalError ERR_QMPD_ACCESS that names the directory at fault. `make`: those that are missing, mode 0700. */
export function openOwnDirectory(where: string, { make }: { readonly make: boolean }): OwnDirectory {
  const walk = new Walk(where, make);
  try {
    walk.run();
    return walk.result();
  } catch (thrown) {
    walk.close();
    if (thrown instanceof LocalError) throw thrown;
    throw unsafe(where, strerror(thrown), thrown);
  }
}

export class OwnDirectory {
  /** Without symbolic links. */
  readonly path: string;
  readonly #fd: number;

  /** Owns the descriptor of a directory that has been proved. */
  constructor(realPath: string, fd: number) {
    this.path = realPath;
    this.#fd = fd;
  }

  /** Where a file of this name is, whatever has become of the path; as long as the directory is open. */
  at(name: string): string {
    return below(this.#fd, name);
  }

  names(): string[] {
    return readdirSync(`/proc/self/fd/${this.#fd}`);
  }

  /** Makes a directory in it, mode 0700. Throws a system error. */
  makeDirectory(name: string): void {
    mkdirSync(this.at(name), { mode: 0o700 });
  }

  /** A directory in it, proved like this one. Throws a LocalError. */
  open(name: string): OwnDirectory {
    const full = path.join(this.path, name);
    const fd = openBelow(this.#fd, name);
    const fault = faultOfOwn(fstatSync(fd));
    if (fault === undefined) return new OwnDirectory(full, fd);
    closeSync(fd);
    throw unsafe(full, fault);
  }

  /** Removes files by name, those that are there. Directories are left alone. */
  removeFiles(isKnown: (name: string) => boolean): void {
    for (const name of this.names()) if (isKnown(name)) ignoreErrors(() => unlinkSync(this.at(name)));
  }

  /** Removes an empty directory in it; one that is not empty stays. */
  removeDirectory(name: string): void {
    ignoreErrors(() => rmdirSync(this.at(name)));
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** From the root to one directory, a name at a time. */
class Walk {
  readonly #where: string;
  readonly #make: boolean;
  #fd: number = openSync('/', walkFlags);
  #done: string[] = [];
  #left: string[];
  #links = 0;

  constructor(where: string, make: boolean) {
    this.#where = where;
    this.#make = make;
    this.#left = namesOf(path.resolve(where));
  }

  run(): void {
    for (let name = this.#left.shift(); name !== undefined; name = this.#left.shift()) {
      const fault = faultOfParent(fstatSync(this.#fd));
      if (fault !== undefined) throw unsafe(this.#path, fault);
      this.#step(name);
    }
  }

  result(): OwnDirectory {
    const fault = faultOfOwn(fstatSync(this.#fd));
    if (fault !== undefined) throw unsafe(this.#path, fault);
    return new OwnDirectory(this.#path, this.#fd);
  }

  close(): void {
    closeSync(this.#fd);
  }

  get #path(): string {
    return `/${this.#done.join('/')}`;
  }

  #step(name: string): void {
    const there = lstatSync(below(this.#fd, name), { throwIfNoEntry: false });
    if (there === undefined && this.#make) this.#makeHere(name);
    if (there?.isSymbolicLink() === true) {
      this.#follow(name, there);
      return;
    }
    const next = openBelow(this.#fd, name);
    closeSync(this.#fd);
    this.#fd = next;
    this.#done.push(name);
  }

  #makeHere(name: string): void {
    try {
      mkdirSync(below(this.#fd, name), { mode: 0o700 });
    } catch (thrown) {
      // Another qmpd of this user may have been quicker. The owner is checked next.
      if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST')) throw thrown;
    }
  }

  #follow(name: string, link: Stats): void {
    const full = path.join(this.#path, name);
    if (link.uid !== 0) throw unsafe(full, `it is a symbolic link of user ${link.uid}, not of root`);
    this.#links += 1;
    if (this.#links > linksMax) throw unsafe(this.#where, strerrorOf('ELOOP'));
    const target = path.resolve(this.#path, readlinkSync(below(this.#fd, name)));
    // From the root again: what the link leads through is proved like everything else.
    this.#left = [...namesOf(target), ...this.#left];
    this.#done = [];
    closeSync(this.#fd);
    this.#fd = openSync('/', walkFlags);
  }
}

function namesOf(absolute: string): string[] {
  return absolute.split('/').filter((name) => name !== '');
}

function below(directory: number, name: string): string {
  return `/proc/self/fd/${directory}/${name}`;
}

function openBelow(directory: number, name: string): number {
  if (native === undefined) return openSync(below(directory, name), walkFlags);
  const fd = native.openBelow(directory, name, walkFlags);
  if (fd >= 0) return fd;
  const code = getSystemErrorName(fd);
  // A kernel before 5.6, or a sandbox that does not know the call.
  if (code === 'ENOSYS' || code === 'EPERM') return openSync(below(directory, name), walkFlags);
  throw Object.assign(new Error(strerrorOf(code)), { code });
}

function isOurs({ uid }: Stats): boolean {
  return uid === process.geteuid?.();
}

function faultOfParent(stats: Stats): string | undefined {
  if (!isOurs(stats) && stats.uid !== 0) return `it belongs to user ${stats.uid}`;
  if ((stats.mode & writableByOthers) === 0) return undefined;
  return stats.uid === 0 && (stats.mode & sticky) !== 0 ? undefined : 'others may write to it';
}

function faultOfOwn(stats: Stats): string | undefined {
  if (!isOurs(stats)) return `it belongs to user ${stats.uid}`;
  return (stats.mode & writableByOthers) === 0 ? undefined : 'others may write to it';
}

function unsafe(directory: string, why: string, cause?: unknown): LocalError {
  const message = `the directory '${directory}' cannot be used for files of qmpd's own: ${why}`;
  return new LocalError('ERR_QMPD_ACCESS', message, { cause });
}

function ignoreErrors(action: () => void): void {
  try {
    action();
  } catch {
    // Gone already, or not to be removed: nothing depends on it.
  }
}
