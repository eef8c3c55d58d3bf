// `connect`: from an address to a negotiated client, or an error that says how far it came.

import { randomBytes } from 'node:crypto';
import type { Connection } from '../qmp/connection.ts';
import { type Address, formatAddress, parseAddress } from '../transports/address.ts';
import { connect as openConnection } from '../transports/open.ts';
import { assert } from '../util/assert.ts';
import { LocalError, messageOf } from '../util/local-error.ts';
import { QmpClient } from './client.ts';
import { abortedError } from './errors.ts';

/** Time for connecting, greeting and negotiation together. */
export const connectTimeoutMs = 10_000;

export interface ConnectOptions {
  /** "unix:PATH", a path, "tcp:HOST:PORT" or "fd:N" (a connected socket, which the client takes over). */
  readonly address?: string;
  /** The same as address "fd:N". */
  readonly fd?: number;
  /** Enable out-of-band commands when the server offers them (default true). At most 7 commands are on the wire then. */
  readonly oob?: boolean;
  /** Default: `connectTimeoutMs`. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Connects and negotiates. The caller closes the client (`close`, or `await using`). */
export async function connect(target: string | ConnectOptions): Promise<QmpClient> {
  const options = typeof target === 'string' ? { address: target } : target;
  const address = addressOf(options);
  const name = formatAddress(address);
  const timeoutMs = options.timeoutMs ?? connectTimeoutMs;
  const limit = new AbortController();
  const expired = (): void => limit.abort(slowServer(name, timeoutMs));
  const timer = setTimeout(expired, timeoutMs);
  const aborted = (): void => {
    if (options.signal !== undefined) limit.abort(abortedError(`connecting to ${name}`, options.signal));
  };
  try {
    if (options.signal?.aborted === true) aborted();
    options.signal?.addEventListener('abort', aborted, { once: true });
    limit.signal.throwIfAborted();
    const connection = await openConnection(address, { signal: limit.signal });
    return await negotiate(connection, options.oob ?? true, limit.signal);
  } catch (thrown) {
    if (thrown instanceof LocalError) throw thrown;
    throw new LocalError('ERR_QMPD_CONNECT', `${name}: ${messageOf(thrown)}`, { cause: thrown });
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', aborted);
  }
}

function addressOf(options: ConnectOptions): Address {
  if (options.fd !== undefined) return { kind: 'fd', fd: options.fd };
  if (options.address !== undefined) return parsePathOrAddress(options.address);
  throw new LocalError('ERR_QMPD_ADDRESS', 'connect() needs an address or an fd');
}

/** A path with a "/" in it and without a scheme is a unix socket, too. */
function parsePathOrAddress(text: string): Address {
  const isPath = text.includes('/') && !/^[a-z]+:/.test(text);
  return isPath ? { kind: 'unix', path: text, suboptions: {} } : parseAddress(text);
}

async function negotiate(connection: Connection, oob: boolean, limit: AbortSignal): Promise<QmpClient> {
  const idPrefix = `${randomBytes(4).toString('hex')}-`;
  let client: QmpClient | undefined;
  const negotiation = new Promise<void>((ready, failed) => {
    limit.addEventListener('abort', () => failed(limit.reason), { once: true });
    client = new QmpClient(connection, { idPrefix, oob }, { ready, failed });
  });
  assert(client !== undefined, 'a promise runs its executor at once');
  try {
    await negotiation;
    return client;
  } catch (thrown) {
    await client.close();
    throw thrown;
  }
}

function slowServer(name: string, timeoutMs: number): LocalError {
  return new LocalError(
    'ERR_QMPD_NO_GREETING',
    `${name}: no QMP greeting in ${timeoutMs} ms (QEMU serves one client at a time and lets others wait unheard)`,
  );
}
