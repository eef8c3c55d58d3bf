// Claiming, guarding and leaving the file of a unix socket, with and without the addon.

import assert from 'node:assert/strict';
import { existsSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { Listener } from '../../../src/qmp/connection.ts';
import { native } from '../../../src/transports/unix/native.ts';
import { connectUnix, listenUnix, type UnixListenOptions } from '../../../src/transports/unix/unix.ts';
import { listenUnixNet } from '../../../src/transports/unix/unix-net.ts';
import { temporaryDirectory } from '../../kit/transports/pairs.ts';

/** Leaves a socket file that nobody listens on, as a killed server does. */
async function leaveStaleSocket(socket: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${socket}.tmp`, resolve));
  renameSync(`${socket}.tmp`, socket);
  await new Promise((resolve) => server.close(resolve));
}

const ways: { name: string; listen: (options: UnixListenOptions) => Promise<Listener> }[] = [
  { name: 'the default way', listen: (options) => listenUnix(options, () => {}) },
  { name: 'net.Socket', listen: (options) => listenUnixNet(options, 511, () => {}) },
];

for (const { name, listen } of ways) {
  describe(`socket paths, ${name}`, () => {
    test('a stale file is replaced, and the own file is removed at the end', async () => {
      using directory = temporaryDirectory();
      const socket = path.join(directory.path, 's');
      await leaveStaleSocket(socket);
      const listener = await listen({ path: socket });
      (await connectUnix(socket)).destroy();
      await listener.close();
      assert.ok(!existsSync(socket));
    });

    test('a living server keeps its path', async () => {
      using directory = temporaryDirectory();
      const socket = path.join(directory.path, 's');
      const listener = await listen({ path: socket });
      await assert.rejects(listen({ path: socket }), {
        code: 'ERR_QMPD_ADDRESS_IN_USE',
        message: `unix:${socket}: the address is in use: another server listens there`,
      });
      (await connectUnix(socket)).destroy();
      await listener.close();
    });

    test('a file that is not a socket is left alone', async () => {
      using directory = temporaryDirectory();
      const file = path.join(directory.path, 'notes');
      writeFileSync(file, 'precious');
      await assert.rejects(listen({ path: file }), {
        code: 'ERR_QMPD_ADDRESS_IN_USE',
        message: /not a socket/,
      });
      assert.ok(statSync(file).isFile());
    });

    test('mode and group are set', async () => {
      using directory = temporaryDirectory();
      const socket = path.join(directory.path, 's');
      const group = String(process.getgid?.() ?? 0);
      const listener = await listen({ path: socket, mode: 0o620, group });
      assert.equal(statSync(socket).mode & 0o777, 0o620);
      assert.equal(statSync(socket).gid, Number(group));
      await listener.close();
    });

    test('a group that does not exist is an error, and nothing stays behind', async () => {
      using directory = temporaryDirectory();
      const socket = path.join(directory.path, 's');
      await assert.rejects(listen({ path: socket, group: 'no-such-group' }), {
        code: 'ERR_QMPD_ADDRESS',
        message: /no-such-group/,
      });
      assert.ok(!existsSync(socket));
    });

    test('a path that is too long, empty, or in no directory says so', async () => {
      using directory = temporaryDirectory();
      const long = path.join(directory.path, 'x'.repeat(120));
      await assert.rejects(listen({ path: long }), {
        code: 'ERR_QMPD_PATH_TOO_LONG',
        message: /at most 107/,
      });
      await assert.rejects(listen({ path: '' }), { code: 'ERR_QMPD_ADDRESS' });
      const missing = path.join(directory.path, 'none', 's');
      await assert.rejects(listen({ path: missing }), {
        code: 'ERR_QMPD_NO_DIRECTORY',
        message: `unix:${missing}: no such directory: ${path.dirname(missing)}`,
      });
      writeFileSync(path.join(directory.path, 'file'), '');
      const below = path.join(directory.path, 'file', 's');
      await assert.rejects(listen({ path: below }), {
        code: 'ERR_QMPD_NO_DIRECTORY',
        message: /not a directory/,
      });
    });

    test('a directory that is not writable says so', async () => {
      // Not even root makes a socket there.
      await assert.rejects(listen({ path: '/sys/s' }), {
        code: 'ERR_QMPD_ACCESS',
        message: /^unix:\/sys\/s: cannot write to \/sys/,
      });
    });
  });
}

describe('socket paths', () => {
  test('a file that took our place is not removed', async () => {
    using directory = temporaryDirectory();
    const socket = path.join(directory.path, 's');
    const first = await listenUnix({ path: socket }, () => {});
    renameSync(socket, `${socket}.moved`);
    const second = await listenUnix({ path: socket }, () => {});
    await first.close();
    (await connectUnix(socket)).destroy();
    await second.close();
    assert.ok(!existsSync(socket));
  });

  test('connecting names the path and the reason', async () => {
    using directory = temporaryDirectory();
    const socket = path.join(directory.path, 's');
    await assert.rejects(connectUnix(socket), { code: 'ERR_QMPD_CONNECT', message: /no such socket/ });
    await leaveStaleSocket(socket);
    await assert.rejects(connectUnix(socket), { code: 'ERR_QMPD_CONNECT', message: /nobody listens there/ });
  });

  const skip = native === undefined ? 'needs the native addon' : false;
  test('connecting to a server that does not accept waits until the signal', { skip }, async () => {
    using directory = temporaryDirectory();
    const socket = path.join(directory.path, 's');
    assert.ok(native);
    const listening = native.bind(socket);
    assert.equal(native.listen(listening, 0), 0);
    const first = await connectUnix(socket);
    const reason = new Error('no longer wanted');
    const abort = new AbortController();
    const second = connectUnix(socket, { signal: abort.signal });
    abort.abort(reason);
    await assert.rejects(second, reason);
    first.destroy();
    native.close(listening);
    await assert.rejects(connectUnix(socket, { signal: abort.signal }), reason);
  });
});
