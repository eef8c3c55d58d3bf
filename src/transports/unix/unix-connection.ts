// A unix stream connection through the addon, with descriptors in both directions. The life of one:
//
//   idle --start--> open --end, with output waiting--> ending --> closed      (destroy and the peer: closed from anywhere)
//
// Reading and writing end apart: a peer may stop sending and still wait for answers (`end`), or stop listening and
// still send (its answers are dropped). When it is gone for both directions, the connection closes.
// Limits: 64 KiB a chunk, 253 descriptors a chunk (the kernel's own limit).

import { constants } from 'node:os';
import {
  type CloseReason,
  type Connection,
  type ConnectionHandler,
  endTimeoutMs,
  type PeerIdentity,
  type TransportName,
} from '../../qmp/connection.ts';
import { assert } from '../../util/assert.ts';
import { LocalError } from '../../util/local-error.ts';
import type { OwnedFd } from '../../util/owned-fd.ts';
import { bytesFrom, OutputQueue } from '../output-queue.ts';
import {
  chunkBuffer,
  closeSocket,
  errnoName,
  eventKind,
  fdsPerMessageMax,
  interest,
  type NativeSockets,
  numbers,
  type SocketWatcher,
  socketRole,
  textBytesMax,
  watch,
} from './native.ts';
import { ownFd } from './owned-fd.ts';

const { EAGAIN, EBADF, ECONNRESET, ENOBUFS, ENOMEM, EPIPE } = constants.errno;
/** Missing from Node's list; Linux's number on all machines that Node runs on. */
const ETOOMANYREFS = 109;

/** How soon to try again when the kernel refuses descriptors for now: too many of them are on their way unread. */
const refusedFdsRetryMs = 20;

const noFds: readonly OwnedFd[] = [];

export class UnixConnection implements Connection, SocketWatcher {
  readonly transport: TransportName;
  readonly peer: PeerIdentity;
  readonly canPassFds: boolean = true;
  readonly #addon: NativeSockets;
  readonly #fd: number;
  #state: 'idle' | 'open' | 'ending' | 'closed' = 'idle';
  #handler: ConnectionHandler | undefined;
  #output: OutputQueue | undefined;
  #timer: NodeJS.Timeout | undefined;
  #paused = false;
  #inputEnded = false;
  #outputBroken = false;

  /** Owns the socket `fd` from now on; it must be non-blocking or is only ever used without blocking. */
  constructor(addon: NativeSockets, fd: number, transport: TransportName, address: string) {
    this.#addon = addon;
    this.#fd = fd;
    this.transport = transport;
    this.peer = peerOf(addon, fd, address);
  }

  get bufferedBytes(): number {
    return this.#output?.bytes ?? 0;
  }

  start(handler: ConnectionHandler): void {
    assert(this.#handler === undefined, 'a connection is started once');
    this.#handler = handler;
    if (this.#state === 'closed') {
      this.#reportClose({ kind: 'local' });
      return;
    }
    this.#state = 'open';
    const error = watch(this.#addon, this.#fd, socketRole.stream, this, this.#interest());
    if (error < 0) this.#close({ kind: 'error', message: `cannot watch the socket: ${errnoName(error)}` });
  }

  write(text: string | Uint8Array, fds?: readonly number[]): void {
    if (this.#state === 'ending' || this.#state === 'closed' || this.#outputBroken) return;
    const fdCount = fds?.length ?? 0;
    assert(fdCount === 0 || text.length > 0, 'descriptors travel with at least one byte');
    if (fdCount > fdsPerMessageMax) {
      throw cannotSend(`${fdCount} of them; a message carries at most ${fdsPerMessageMax}`);
    }
    if (text.length === 0) return;
    const data = typeof text === 'string' && text.length > textBytesMax ? Buffer.from(text, 'latin1') : text;
    const passed = fdCount > 0 ? fds : undefined;
    if (this.#output !== undefined) {
      this.#output.push(data, this.#duplicate(passed));
      return;
    }
    const count = this.#addon.send(this.#fd, data, passed);
    if (count === data.length) return;
    if (count > 0) this.#keep(bytesFrom(data, count), undefined, EAGAIN);
    else if (isForNow(-count)) this.#keep(data, this.#duplicate(passed), -count);
    else this.#sendFailed(-count, fdCount);
  }

  pause(): void {
    this.#paused = true;
    this.#updateInterest();
  }

  resume(): void {
    this.#paused = false;
    this.#updateInterest();
  }

  end(): void {
    if (this.#state === 'ending' || this.#state === 'closed') return;
    if (this.#output === undefined) {
      this.#close({ kind: 'local' });
      return;
    }
    this.#state = 'ending';
    this.#updateInterest();
    setTimeout(() => this.destroy(), endTimeoutMs).unref();
  }

  destroy(): void {
    this.#close({ kind: 'local' });
  }

  onEvent(kind: number, value: number, fdCount: number): void {
    switch (kind) {
      case eventKind.data:
        this.#handler?.data(chunkBuffer.subarray(0, value), fdCount === 0 ? noFds : receivedFds(fdCount));
        break;
      case eventKind.end:
        this.#inputEnded = true;
        this.#updateInterest();
        this.#handler?.end();
        break;
      case eventKind.writable:
        this.#flush();
        break;
      case eventKind.truncated:
        this.#close({ kind: 'fds-truncated' });
        break;
      case eventKind.hangup:
        this.#close({ kind: 'peer-closed' });
        break;
      case eventKind.error:
        this.#close(reasonOf(value));
        break;
    }
  }

  #interest(): number {
    const read = this.#state === 'open' && !this.#paused && !this.#inputEnded;
    const write = this.#output !== undefined && this.#timer === undefined;
    return (read ? interest.read : 0) | (write ? interest.write : 0);
  }

  #updateInterest(): void {
    if (this.#state !== 'open' && this.#state !== 'ending') return;
    this.#addon.watch(this.#fd, socketRole.stream, this.#interest());
  }

  /** Keeps what `write` could not send; `errno` says what it has to wait for. */
  #keep(data: string | Uint8Array, fds: readonly number[] | undefined, errno: number): void {
    this.#output = new OutputQueue(this.#addon);
    this.#output.push(data, fds);
    this.#wait(errno);
  }

  /** A full socket reports when it is writable; for anything else only time helps. */
  #wait(errno: number): void {
    if (errno !== EAGAIN) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#flush();
      }, refusedFdsRetryMs);
    }
    this.#updateInterest();
  }

  #flush(): void {
    if (this.#output === undefined || this.#state === 'closed') return;
    const errno = -this.#output.sendTo(this.#fd);
    if (isForNow(errno)) {
      this.#wait(errno);
    } else if (errno !== 0) {
      this.#sendFailed(errno, 0);
    } else {
      this.#output = undefined;
      if (this.#state === 'ending') this.#close({ kind: 'local' });
      this.#updateInterest();
      if (this.#state === 'open') this.#handler?.drain();
    }
  }

  /** Our own copies of `fds`, for the time until they can leave. */
  #duplicate(fds: readonly number[] | undefined): number[] | undefined {
    if (fds === undefined) return undefined;
    const copies: number[] = [];
    for (const fd of fds) {
      const copy = this.#addon.dup(fd);
      if (copy < 0) {
        for (const made of copies) this.#addon.close(made);
        throw cannotSend(`descriptor ${fd}: ${errnoName(copy)}`);
      }
      copies.push(copy);
    }
    return copies;
  }

  #sendFailed(errno: number, fdCount: number): void {
    if (errno === EBADF && fdCount > 0) throw cannotSend('one of them is not open');
    if (errno !== EPIPE && errno !== ECONNRESET) {
      this.#close(reasonOf(errno));
      return;
    }
    this.#outputBroken = true;
    this.#dropOutput();
    // What the peer sent before it went is still read, unless that is over too.
    if (this.#inputEnded || this.#state === 'ending') this.#close({ kind: 'peer-closed' });
    else this.#updateInterest();
  }

  #dropOutput(): void {
    this.#output?.clear();
    this.#output = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #close(reason: CloseReason): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#dropOutput();
    closeSocket(this.#addon, this.#fd);
    if (this.#handler !== undefined) this.#reportClose(reason);
  }

  #reportClose(reason: CloseReason): void {
    queueMicrotask(() => this.#handler?.close(reason));
  }
}

function peerOf(addon: NativeSockets, fd: number, address: string): PeerIdentity {
  if (addon.peer(fd) < 0) return { address };
  const [pid = 0, uid = 0, gid = 0] = numbers;
  // A process outside our namespace has no number here; the ids are unsigned.
  return { address, uid: uid >>> 0, gid: gid >>> 0, ...(pid > 0 ? { pid } : {}) };
}

function receivedFds(count: number): readonly OwnedFd[] {
  return Array.from(numbers.subarray(0, count), ownFd);
}

function isForNow(errno: number): boolean {
  return errno === EAGAIN || errno === ETOOMANYREFS || errno === ENOBUFS || errno === ENOMEM;
}

/** A peer that is killed with answers unread resets the connection; that is an ordinary end. */
function reasonOf(errno: number): CloseReason {
  if (errno === ECONNRESET || errno === EPIPE) return { kind: 'peer-closed' };
  return { kind: 'error', message: errnoName(-errno) };
}

function cannotSend(what: string): LocalError {
  return new LocalError('ERR_QMPD_FD', `cannot send descriptors: ${what}`);
}
