// The addon for files, locks and processes (native/host), if it is there. QMPD_NO_NATIVE=1 leaves it out. What each caller
// does without it is said beside the function: nothing is less safe against other users, only against races of our own.

import { loadNative } from './native-addon.ts';

/** All give a negative errno when they fail. */
interface NativeHost {
  /** flock(2). Without it: a file that names the process which holds the lock (lock.ts). */
  lock(fd: number): number;
  /** openat2(2), no symbolic links, not out of the directory. Without it: open(2) below /proc/self/fd, one name at a time. */
  openBelow(directory: number, name: string, flags: number): number;
  /**
   * pidfd_open(2) and pidfd_send_signal(2). Without them a signal goes to a process by number, just after it was looked
   * at: its number could pass to another process of the same user in between.
   */
  openProcess(pid: number): number;
  signalProcess(descriptor: number, signal: number): number;
}

function load(): NativeHost | undefined {
  if (process.env.QMPD_NO_NATIVE === '1') return undefined;
  try {
    return loadNative('host') as NativeHost;
  } catch {
    return undefined;
  }
}

export const native: NativeHost | undefined = load();
