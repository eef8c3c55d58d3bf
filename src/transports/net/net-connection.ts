// A connection over Node's own streams: TCP, unix sockets without the addon, and a pair of streams (stdio). Carries no
// descriptors. Like every connection it may end in one direction and live on in the other.

import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import {
  type CloseReason,
  type Connection,
  type ConnectionHandler,
  endTimeoutMs,
  type PeerIdentity,
  type TransportName,
} from '../../qmp/connection.ts';
import { assert } from '../../util/assert.ts';
import { LocalError, messageOf } from '../../util/local-error.ts';

/**
 * After the last byte a socket is not closed while the peer still sends: TCP would answer with a reset and take back
 * what the peer has not read yet. For this long.
 */
const lingerMs = 1_000;

export interface NetConnectionOptions {
  readonly transport: TransportName;
  readonly peer: PeerIdentity;
  readonly whyNoFds: string;
}

export class NetConnection implements Connection {
  readonly transport: TransportName;
  readonly peer: PeerIdentity;
  readonly canPassFds: boolean = false;
  readonly whyNoFds: string;
  readonly #input: Readable;
  readonly #output: Writable;
  #state: 'idle' | 'open' | 'ending' | 'closed' = 'idle';
  #handler: ConnectionHandler | undefined;
  #waiting = false;
  #closeReason: CloseReason = { kind: 'local' };

  /** Owns both streams (a socket is both; it must allow half-open connections). */
  constructor(input: Readable, output: Writable, options: NetConnectionOptions) {
    this.transport = options.transport;
    this.peer = options.peer;
    this.whyNoFds = options.whyNoFds;
    this.#input = input;
    this.#output = output;
    for (const stream of new Set([input, output])) {
      stream.on('error', (error) => this.#close(reasonOf(error)));
      stream.on('close', () => this.#streamClosed(stream));
    }
  }

  get bufferedBytes(): number {
    return this.#state === 'closed' ? 0 : this.#output.writableLength;
  }

  start(handler: ConnectionHandler): void {
    assert(this.#handler === undefined, 'a connection is started once');
    this.#handler = handler;
    if (this.#state === 'closed') {
      this.#reportClose();
      return;
    }
    this.#state = 'open';
    this.#input.on('data', (chunk: Buffer) => {
      if (this.#state === 'open') handler.data(chunk, []);
    });
    this.#input.once('end', () => {
      if (this.#state === 'open') handler.end();
    });
  }

  write(data: string | Uint8Array, fds?: readonly number[]): void {
    if (fds !== undefined && fds.length > 0) {
      throw new LocalError('ERR_QMPD_NO_FDS', `cannot send descriptors: ${this.whyNoFds}`);
    }
    if (this.#state === 'ending' || this.#state === 'closed') return;
    if (typeof data === 'string') this.#output.write(data, 'latin1', this.#written);
    else this.#output.write(data, this.#written);
    this.#waiting ||= this.#output.writableLength > 0;
  }

  pause(): void {
    this.#input.pause();
  }

  resume(): void {
    if (this.#handler !== undefined) this.#input.resume();
  }

  end(): void {
    if (this.#state === 'ending' || this.#state === 'closed') return;
    this.#state = 'ending';
    setTimeout(() => this.destroy(), endTimeoutMs).unref();
    this.#output.end(() => {
      if (this.#input.readableEnded || this.transport !== 'tcp') this.destroy();
      else setTimeout(() => this.destroy(), lingerMs).unref();
    });
    this.#input.resume();
  }

  destroy(): void {
    this.#close({ kind: 'local' });
  }

  readonly #written = (error?: Error | null): void => {
    if (error || !this.#waiting || this.#output.writableLength > 0) return;
    this.#waiting = false;
    if (this.#state === 'open') this.#handler?.drain();
  };

  #streamClosed(stream: Readable | Writable): void {
    // An input that merely came to its end leaves the output alone.
    if (stream !== this.#output && this.#input.readableEnded) return;
    this.#close({ kind: this.#state === 'ending' ? 'local' : 'peer-closed' });
  }

  #close(reason: CloseReason): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#closeReason = reason;
    this.#input.destroy();
    this.#output.destroy();
    if (this.#handler !== undefined) this.#reportClose();
  }

  #reportClose(): void {
    queueMicrotask(() => this.#handler?.close(this.#closeReason));
  }
}

/** A connection over a connected socket, made with `allowHalfOpen`. */
export function socketConnection(socket: Socket, options: NetConnectionOptions): NetConnection {
  return new NetConnection(socket, socket, options);
}

function reasonOf(error: unknown): CloseReason {
  const code = (error as { code?: unknown }).code;
  if (code === 'ECONNRESET' || code === 'EPIPE') return { kind: 'peer-closed' };
  return { kind: 'error', message: messageOf(error) };
}
