// A process that has no descriptor left: what it is sent, and whom it accepts.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Connection } from '../../../src/qmp/connection.ts';
import { native } from '../../../src/transports/unix/native.ts';
import { connectUnix } from '../../../src/transports/unix/unix.ts';
import { temporaryDirectory } from '../../kit/transports/pairs.ts';
import { Recorder } from '../../kit/transports/recorder.ts';

const skip = native === undefined ? 'needs the native addon' : false;
const limit = 64;
const program = fileURLToPath(new URL('./fixtures/limited-server.js', import.meta.url));

interface Server extends AsyncDisposable {
  readonly socket: string;
  /** The next line that it prints. */
  line(): Promise<string>;
}

async function limitedServer(directory: string): Promise<Server> {
  const socket = path.join(directory, 's');
  const command = `ulimit -n ${limit} && exec "$0" "$@"`;
  const child = spawn('sh', ['-c', command, process.execPath, program, socket, String(limit)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => (await lines.next()).value ?? '';
  const exited = new Promise((resolve) => child.once('exit', resolve));
  assert.equal(await line(), 'ready');
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  return { socket, line, [Symbol.asyncDispose]: stop };
}

class Client {
  readonly connection: Connection;
  readonly recorder: Recorder;

  constructor(connection: Connection) {
    this.connection = connection;
    this.recorder = Recorder.start(connection);
  }

  async ask(command: string, fds?: readonly number[]): Promise<number> {
    const before = this.recorder.byteCount;
    this.connection.write(command, fds);
    await this.recorder.until(() => this.recorder.text.slice(before).includes('\n'));
    return Number.parseInt(this.recorder.text.slice(before), 10);
  }
}

describe('a process without a free descriptor', { skip }, () => {
  test('ends a connection whose descriptors were lost, and keeps the others', async () => {
    using directory = temporaryDirectory();
    await using server = await limitedServer(directory.path);
    const file = openSync('/dev/null', 'r');
    const bystander = new Client(await connectUnix(server.socket));
    const free = limit - (await bystander.ask('f'));
    await bystander.ask('h', Array<number>(free - 6).fill(file));
    const unlucky = new Client(await connectUnix(server.socket));
    await unlucky.ask('f');
    unlucky.connection.write('h', Array<number>(20).fill(file));
    assert.equal(await server.line(), 'fds-truncated');
    assert.equal((await unlucky.recorder.untilClosed()).kind, 'peer-closed');
    assert.equal(await bystander.ask('f'), limit - 6, 'those that came in part are closed');
    assert.equal(await bystander.ask('d'), 0);
    closeSync(file);
    bystander.connection.destroy();
  });

  test('drops connections that it cannot accept, at once, and accepts again later', async () => {
    using directory = temporaryDirectory();
    await using server = await limitedServer(directory.path);
    const file = openSync('/dev/null', 'r');
    const first = new Client(await connectUnix(server.socket));
    const free = limit - (await first.ask('f'));
    await first.ask('h', Array<number>(free).fill(file));
    const refused = await Promise.all(Array.from({ length: 10 }, () => connectUnix(server.socket)));
    for (const connection of refused) {
      const recorder = Recorder.start(connection);
      await recorder.until(() => recorder.ended).catch(() => {});
      connection.destroy();
    }
    // An empty backlog is what keeps the event loop from spinning.
    assert.equal(await first.ask('r'), 10);
    assert.equal(await first.ask('d'), 0);
    const later = new Client(await connectUnix(server.socket));
    assert.equal(await later.ask('f'), limit - free + 1);
    closeSync(file);
    first.connection.destroy();
    later.connection.destroy();
  });
});
