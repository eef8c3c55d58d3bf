// The addon for descriptor passing (native/unix-fd.c), if it is there: its types, its loading, and the delivery of its
// events to the socket's user. Without it `native` is undefined, `whyNoFds` says why, and the unix transport
// works over net.Socket (unix-net.ts). QMPD_NO_NATIVE=1 leaves the addon out.

import { getSystemErrorName } from 'node:util';
import { loadNative } from '../../host/native-addon.ts';
import { messageOf } from '../../util/local-error.ts';

/** All numbers that may be negative are a negative errno then. */
export interface NativeSockets {
  start(onEvent: EventFunction, buffer: Uint8Array, numbers: Int32Array): number;
  /** Both give a descriptor. A path that begins with "@" is in the abstract namespace. */
  bind(path: string): number;
  connect(path: string): number;
  /** The same for sockets between a host and its guests; a connection is there, or not, when it is writable. */
  bindVsock(cid: number, port: number): number;
  connectVsock(cid: number, port: number): number;
  /** How a `connectVsock` went: 0 or a negative errno. */
  error(fd: number): number;
  listen(fd: number, backlog: number): number;
  watch(fd: number, role: number, interest: number): number;
  /** Bytes that the kernel took. A string must be ASCII and not longer than `textBytesMax`. */
  send(fd: number, data: string | Uint8Array, fds?: readonly number[]): number;
  /** Closes any descriptor, watched or not. */
  close(fd: number): number;
  /** Whether the addon closes the descriptor when this thread ends. */
  own(fd: number, owned: 0 | 1): number;
  dup(fd: number): number;
  /** Puts pid, uid and gid of the peer into `numbers`. */
  peer(fd: number): number;
  /** Puts address family, socket type and "is listening" into `numbers`. */
  describe(fd: number): number;
  /**
   * The event loop does not sleep for so many microseconds. Answers the longest time, in microseconds, for which
   * somebody else had the processor since the last call.
   */
  stayAwake(durationUs: number): number;
}

/** What the addon reports of one socket; `value` and `fdCount` are explained in native/unix-fd.c. */
type EventFunction = (kind: number, fd: number, value: number, fdCount: number) => void;

/** Whoever watches a socket gets its events. */
export interface SocketWatcher {
  onEvent(kind: number, value: number, fdCount: number): void;
}

/** As in native/unix-fd.c. */
export const eventKind = {
  data: 1,
  end: 2,
  error: 3,
  truncated: 4,
  writable: 5,
  hangup: 6,
  accepted: 7,
  refused: 8,
} as const;
export const socketRole = { stream: 1, listener: 2 } as const;
export const interest = { none: 0, read: 1, write: 2 } as const;

export const textBytesMax: number = 65_536;
export const fdsPerMessageMax: number = 253;

/** The chunk of the event that is being delivered; the next event overwrites it. */
export const chunkBuffer: Buffer = Buffer.from(new ArrayBuffer(textBytesMax));
/** Results of `peer` and `describe`, and the descriptors of the event that is being delivered. */
export const numbers: Int32Array = new Int32Array(fdsPerMessageMax);

const watchers: (SocketWatcher | undefined)[] = [];

function deliver(kind: number, fd: number, value: number, fdCount: number): void {
  watchers[fd]?.onEvent(kind, value, fdCount);
}

function load(): { addon: NativeSockets } | { why: string } {
  if (process.env.QMPD_NO_NATIVE === '1') return { why: 'switched off by QMPD_NO_NATIVE' };
  try {
    const addon = loadNative('unix-fd') as NativeSockets;
    const error = addon.start(deliver, chunkBuffer, numbers);
    return error === 0 ? { addon } : { why: `the native addon does not start: ${errnoName(error)}` };
  } catch (error) {
    return { why: messageOf(error) };
  }
}

const loaded = load();

export const native: NativeSockets | undefined = 'addon' in loaded ? loaded.addon : undefined;

/** Why this process cannot pass descriptors, in words that follow "descriptor passing is off: ". */
export const whyNoFds: string | undefined = 'why' in loaded ? loaded.why : undefined;

/** "EACCES" of -13. */
export function errnoName(negative: number): string {
  return getSystemErrorName(negative);
}

/** Begins to watch a socket; 0 or a negative errno. */
export function watch(
  addon: NativeSockets,
  fd: number,
  role: number,
  watcher: SocketWatcher,
  ready: number,
): number {
  const error = addon.watch(fd, role, ready);
  if (error === 0) watchers[fd] = watcher;
  return error;
}

/** True for a socket that a connection or a listener of this thread owns. */
export function isWatched(fd: number): boolean {
  return watchers[fd] !== undefined;
}

/** Closes a socket, watched or not. */
export function closeSocket(addon: NativeSockets, fd: number): void {
  watchers[fd] = undefined;
  addon.close(fd);
}
