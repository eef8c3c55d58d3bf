// Starts the client of the benchmarks, load.c, and reads what it found.

import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface LoadResult {
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

export interface Load {
  /** Each connection's commands, in turns and joined by commas. */
  readonly connections: readonly string[];
  /** Requests in flight on each connection. */
  readonly window: number;
  readonly seconds: number;
}

const source = fileURLToPath(new URL('../../bench/load.c', import.meta.url));
const directory: string = mkdtempSync(path.join(tmpdir(), 'qmpd-load-'));
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
const executable: string = path.join(directory, 'load');
execFileSync(process.env.CC ?? 'cc', ['-O2', '-o', executable, source], { stdio: 'inherit' });

/** Keeps requests in flight for so long. */
export async function load(socket: string, { connections, window, seconds }: Load): Promise<LoadResult> {
  return await run<LoadResult>([socket, 'ask', String(seconds), String(window), ...connections]);
}

/** Connections made, greeted and closed, one after another. */
export async function connectionsPerSecond(socket: string, seconds: number): Promise<number> {
  return (await run<{ perSecond: number }>([socket, 'connect', String(seconds)])).perSecond;
}

async function run<Result>(args: readonly string[]): Promise<Result> {
  const { stdout } = await promisify(execFile)(executable, args);
  return JSON.parse(stdout) as Result;
}

/** Connects and negotiates from here; resolves when the peer answers commands. */
export async function negotiate(socket: string): Promise<Socket> {
  const connection = await connected(socket);
  connection.write('{"execute": "qmp_capabilities", "id": "negotiated"}\r\n');
  await lineWith(connection, '"id": "negotiated"');
  return connection;
}

/** A server that has just been started has made its socket some time before it listens there. */
async function connected(socket: string): Promise<Socket> {
  for (let attempt = 0; ; attempt += 1) {
    const connection = createConnection(socket);
    try {
      await once(connection, 'connect');
      return connection;
    } catch (thrown) {
      if (attempt === 1_000) throw thrown;
      await delay(1);
    }
  }
}

/** Sends one command and waits for its answer. */
export async function call(connection: Socket, command: string, args?: object): Promise<void> {
  const request = { execute: command, ...(args && { arguments: args }), id: 'called' };
  connection.write(`${JSON.stringify(request)}\r\n`);
  const answer = await lineWith(connection, '"id": "called"');
  if (answer.includes('"error"')) throw new Error(`${command}: ${answer}`);
}

/** All that comes until a line with this text. */
async function lineWith(connection: Socket, text: string): Promise<string> {
  let received = '';
  while (received.indexOf('\n', received.indexOf(text)) < 0 || !received.includes(text)) {
    received += String((await once(connection, 'data'))[0]);
  }
  return received;
}
