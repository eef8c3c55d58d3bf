// The addon in worker threads: each has its own, and all that it opened is closed when the thread ends.

import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { native } from '../../../src/transports/unix/native.ts';
import { connectedPair, temporaryDirectory, unixTransport } from '../../kit/transports/pairs.ts';
import { countFds, Recorder } from '../../kit/transports/recorder.ts';

const skip = native === undefined ? 'needs the native addon' : false;
const program = fileURLToPath(new URL('./fixtures/worker.js', import.meta.url));

async function runWorker(socket: string, exit: boolean): Promise<void> {
  const worker = new Worker(program, { workerData: { path: socket, exit } });
  const exited = new Promise((resolve) => worker.once('exit', resolve));
  await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  if (!exit) await worker.terminate();
  await exited;
}

describe('threads', { skip }, () => {
  test('a thread that is terminated or exits leaves no descriptor behind', async () => {
    using directory = temporaryDirectory();
    // The first thread opens what Node keeps for all of them.
    await runWorker(path.join(directory.path, 'first'), false);
    const before = countFds();
    for (let i = 0; i < 6; i += 1) await runWorker(path.join(directory.path, `s${i}`), i % 2 === 0);
    assert.equal(countFds(), before);
  });

  test('connections of the main thread go on while others end', async () => {
    using directory = temporaryDirectory();
    await using pair = await connectedPair(unixTransport);
    const server = Recorder.start(pair.server);
    await runWorker(path.join(directory.path, 's'), false);
    pair.client.write('still here');
    await server.untilBytes(10);
  });
});
