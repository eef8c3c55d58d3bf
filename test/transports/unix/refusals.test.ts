// What the kernel refuses for a while, what a handler throws, and a thousand connections at once.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { native } from '../../../src/transports/unix/native.ts';
import { connectUnix, listenUnix } from '../../../src/transports/unix/unix.ts';
import { temporaryDirectory } from '../../kit/transports/pairs.ts';
import { countFds, Recorder } from '../../kit/transports/recorder.ts';

const skip = native === undefined ? 'needs the native addon' : false;
const run = promisify(execFile);
const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}.js`, import.meta.url));

describe('unix connections', { skip }, () => {
  test('descriptors that the kernel refuses for now arrive later', async () => {
    const command = 'ulimit -n 64 && exec "$0" "$@"';
    // Node gives up being root only without io_uring.
    const env = { ...process.env, UV_USE_IO_URING: '0' };
    const { stdout } = await run('sh', ['-c', command, process.execPath, fixture('in-flight')], { env });
    const { refused, sent, arrived } = JSON.parse(stdout) as Record<string, number>;
    assert.equal(refused, 1, 'the limit on descriptors in flight was never met');
    assert.equal(arrived, sent);
  });

  test('an exception in a handler is reported and keeps nobody else from being served', async () => {
    using directory = temporaryDirectory();
    const socket = path.join(directory.path, 's');
    const { stdout } = await run(process.execPath, [fixture('throwing'), socket]);
    assert.equal(stdout, 'served: well\nuncaught: from a handler\n');
  });

  test('a thousand connections at once are all served, and gone afterwards', async () => {
    using directory = temporaryDirectory();
    const socket = path.join(directory.path, 's');
    const before = countFds();
    const servers: Recorder[] = [];
    const listener = await listenUnix({ path: socket }, (connection) => {
      const server = Recorder.start(connection);
      servers.push(server);
      server.onData = (chunk, fds) => {
        connection.write(
          Buffer.from(chunk),
          fds.map((fd) => fd.fd),
        );
        server.closeFds();
      };
    });
    const file = openSync('/dev/null', 'r');
    const clients = await Promise.all(
      Array.from({ length: 1000 }, async () => Recorder.start(await connectUnix(socket))),
    );
    clients.forEach((client, index) => {
      client.connection.write(`number ${index}`, [file]);
    });
    await Promise.all(
      clients.map(async (client, index) => {
        await client.untilBytes(`number ${index}`.length);
        assert.equal(client.text, `number ${index}`);
        assert.equal(client.fds.length, 1);
        client.closeFds();
        client.connection.destroy();
      }),
    );
    await Promise.all(servers.map((server) => server.untilClosed()));
    await listener.close();
    closeSync(file);
    assert.equal(countFds(), before);
  });
});
