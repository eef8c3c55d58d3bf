// Taking the path of a QMP socket, so that its clients need not be told another: the original is renamed, and put back
// when the server ends. After a crash the next take-over finds it under its second name.

import { lstat, rename, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { LocalError, messageOf } from '../util/local-error.ts';

/** Where the original is meanwhile, in the same directory, so that a rename is all it takes. */
const suffix = '.taken-over';

export interface TakenOver {
  /** The address at which the original answers now. */
  readonly upstream: string;
  /** Puts the original back in its place. Our own listener must have left it. */
  giveBack(): Promise<void>;
}

/** Rejects with a LocalError when the path has no socket, or nobody listens on it. */
export async function takeOver(path: string): Promise<TakenOver> {
  const aside = `${path}${suffix}`;
  if (!(await isListening(aside))) {
    if (!(await isListening(path))) {
      throw new LocalError(
        'ERR_QMPD_TAKE_OVER',
        `'${path}': nobody listens there, so there is nothing to take over`,
      );
    }
    await move(path, aside);
  }
  return { upstream: `unix:${aside}`, giveBack: () => giveBack(aside, path) };
}

async function giveBack(aside: string, path: string): Promise<void> {
  if (await isListening(aside)) await move(aside, path);
  // A QEMU that has ended removed the name that it knew; under this one nobody would ever answer.
  else await rm(aside, { force: true });
}

async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (cause) {
    const text = `'${from}' cannot be renamed to '${to}': ${messageOf(cause)}`;
    throw new LocalError('ERR_QMPD_TAKE_OVER', text, { cause });
  }
}

async function exists(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}

/** Asks the kernel, by connecting; a server with one client at a time is not disturbed by a connection that goes at once. */
async function isListening(path: string): Promise<boolean> {
  if (!(await exists(path))) return false;
  return await new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
