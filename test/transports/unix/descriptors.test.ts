// Descriptors in and out of a unix connection: which chunk they come with, their limits, and that none is left over
// however a connection ends.

import assert from 'node:assert/strict';
import { closeSync, openSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { createServer, Socket } from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { native } from '../../../src/transports/unix/native.ts';
import { describeFd, duplicateFd, ownFd } from '../../../src/transports/unix/owned-fd.ts';
import { connectUnix, listenUnix } from '../../../src/transports/unix/unix.ts';
import { connectedPair, temporaryDirectory, unixTransport } from '../../kit/transports/pairs.ts';
import { countFds, inodeOf, Recorder } from '../../kit/transports/recorder.ts';

const skip = native === undefined ? 'needs the native addon' : false;

describe('descriptors over a unix connection', { skip }, () => {
  const directory = temporaryDirectory();
  /** Different open files, to tell apart by inode. */
  const files: number[] = [];
  let fdsBefore = 0;

  before(() => {
    for (let i = 0; i < 16; i += 1) {
      const file = path.join(directory.path, `file${i}`);
      writeFileSync(file, `content ${i}`);
      files.push(openSync(file, 'r'));
    }
    fdsBefore = countFds();
  });

  after(() => {
    for (const fd of files) closeSync(fd);
    directory[Symbol.dispose]();
  });

  async function recordedPair() {
    const pair = await connectedPair(unixTransport);
    return { pair, server: Recorder.start(pair.server), client: Recorder.start(pair.client) };
  }

  for (const where of [0, 2, 4]) {
    test(`come with their own part of a message in five parts, on part ${where}`, async () => {
      const { pair, server } = await recordedPair();
      await using _ = pair;
      const counts: number[] = [];
      server.onData = (_chunk, fds) => counts.push(fds.length);
      for (let part = 0; part < 5; part += 1) {
        pair.client.write('p'.repeat(100), part === where ? [files[1] as number] : undefined);
        await server.untilBytes(100 * (part + 1));
      }
      assert.deepEqual(
        counts,
        [0, 1, 2, 3, 4].map((part) => (part === where ? 1 : 0)),
      );
      assert.equal(inodeOf(server.fds[0]!.fd), inodeOf(files[1]!));
      server.closeFds();
    });
  }

  test('come with the first byte of a message that is sent byte by byte', async () => {
    const { pair, server } = await recordedPair();
    await using _ = pair;
    for (let i = 0; i < 300; i += 1) pair.client.write('b', i === 0 ? [files[2]!] : undefined);
    await server.untilBytes(300);
    assert.equal(inodeOf(server.fds[0]!.fd), inodeOf(files[2]!));
    server.closeFds();
  });

  test('keep their order and their chunk over 40 coalesced messages with 0 to 4 each', async () => {
    const { pair, server } = await recordedPair();
    await using _ = pair;
    const chunks: { start: number; end: number; inodes: number[] }[] = [];
    server.onData = (chunk, fds) => {
      const start = server.byteCount - chunk.length;
      chunks.push({ start, end: server.byteCount, inodes: fds.map((fd) => inodeOf(fd.fd)) });
    };
    const sent: { at: number; inodes: number[] }[] = [];
    let bytes = 0;
    for (let i = 0; i < 40; i += 1) {
      const fds = files.slice(i % 11, (i % 11) + (i % 5));
      const text = 'm'.repeat(1 + ((i * 31) % 90));
      sent.push({ at: bytes, inodes: fds.map(inodeOf) });
      bytes += text.length;
      pair.client.write(text, fds);
    }
    await server.untilBytes(bytes);
    for (const { at, inodes } of sent.filter((message) => message.inodes.length > 0)) {
      const chunk = chunks.find(({ start, end }) => start <= at && at < end);
      assert.deepEqual(chunk?.inodes, inodes);
    }
    server.closeFds();
  });

  test('253 travel with one message, 254 are refused', async () => {
    const { pair, server } = await recordedPair();
    await using _ = pair;
    pair.client.write('many', Array<number>(253).fill(files[3]!));
    await server.untilBytes(4);
    assert.equal(server.fds.length, 253);
    assert.ok(server.fds.every((fd) => inodeOf(fd.fd) === inodeOf(files[3]!)));
    server.closeFds();
    assert.throws(() => pair.client.write('too many', Array<number>(254).fill(files[3]!)), {
      code: 'ERR_QMPD_FD',
      message: /at most 253/,
    });
    assert.throws(() => pair.client.write('x', [99_999]), { code: 'ERR_QMPD_FD' });
    pair.client.write('still works');
    await server.untilBytes(4 + 11);
  });

  test('leave with the first byte of a long message, once', async () => {
    const { pair, server } = await recordedPair();
    await using _ = pair;
    let atFirstFd = -1;
    server.onData = (chunk) => {
      if (atFirstFd < 0 && server.fds.length > 0) atFirstFd = server.byteCount - chunk.length;
    };
    pair.client.write(Buffer.alloc(2_000_000, 'z'), [files[4]!]);
    await server.untilBytes(2_000_000);
    assert.equal(atFirstFd, 0);
    assert.deepEqual(
      server.fds.map((fd) => inodeOf(fd.fd)),
      [inodeOf(files[4]!)],
    );
    server.closeFds();
  });

  test('are duplicated when they have to wait, so that the caller may close his own', async () => {
    const { pair, server } = await recordedPair();
    await using _ = pair;
    pair.server.pause();
    const inodes: number[] = [];
    for (let i = 0; i < 60; i += 1) {
      const own = openSync(path.join(directory.path, `file${i % 16}`), 'r');
      inodes.push(inodeOf(own));
      pair.client.write('w'.repeat(20_000), [own]);
      closeSync(own);
    }
    assert.ok(pair.client.bufferedBytes > 0);
    pair.server.resume();
    await server.untilBytes(60 * 20_000);
    assert.deepEqual(
      server.fds.map((fd) => inodeOf(fd.fd)),
      inodes,
    );
    server.closeFds();
  });

  test('can be sent back', async () => {
    const { pair, server, client } = await recordedPair();
    await using _ = pair;
    server.onData = (_chunk, fds) => {
      pair.server.write(
        'back',
        fds.map((fd) => fd.fd),
      );
    };
    pair.client.write('there', files.slice(0, 10));
    await client.untilBytes(4);
    assert.deepEqual(
      client.fds.map((fd) => inodeOf(fd.fd)),
      files.slice(0, 10).map(inodeOf),
    );
    server.closeFds();
    client.closeFds();
  });

  test('a received listening socket accepts, a received connection talks, a received file is read', async () => {
    const { pair, server } = await recordedPair();
    await using _ = pair;
    using other = temporaryDirectory();
    const address = path.join(other.path, 'passed');
    const listening = native!.bind(address);
    native!.listen(listening, 1);
    pair.client.write('sockets', [listening, files[5]!]);
    native!.close(listening);
    await server.untilBytes(7);
    const [socket, file] = server.fds;
    assert.equal(describeFd(socket!.fd).kind, 'socket');

    const buffer = Buffer.alloc(20);
    assert.equal(buffer.toString('latin1', 0, readSync(file!.fd, buffer, 0, 20, 0)), 'content 5');
    file!.close();

    const greeter = createServer((accepted) => accepted.end('from a received listener'));
    await new Promise<void>((resolve) => greeter.listen({ fd: socket!.release() }, resolve));
    const visitor = Recorder.start(await connectUnix(address));
    await visitor.until(() => visitor.ended);
    assert.equal(visitor.text, 'from a received listener');
    visitor.connection.destroy();
    await new Promise((resolve) => greeter.close(resolve));
  });

  test('a received end of a connection becomes a net.Socket', async () => {
    const { pair, server } = await recordedPair();
    await using _ = pair;
    using other = temporaryDirectory();
    const accepted: Recorder[] = [];
    const listener = await listenUnix({ path: path.join(other.path, 's') }, (connection) => {
      accepted.push(Recorder.start(connection));
    });
    const end = ownFd(native!.connect(path.join(other.path, 's')));
    pair.client.write('one end', [end.fd]);
    end.close();
    await server.untilBytes(7);
    const socket = new Socket({ fd: server.fds.pop()!.release() });
    await new Promise<void>((resolve) => socket.end('through the passed end', resolve));
    await accepted[0]!.until(() => accepted[0]!.ended);
    assert.equal(accepted[0]!.text, 'through the passed end');
    accepted[0]!.connection.destroy();
    socket.destroy();
    await listener.close();
  });

  test('none is left when all is over', async () => {
    const { pair, server } = await recordedPair();
    pair.client.write('held by nobody', files);
    await server.untilBytes(14);
    server.closeFds();
    await pair[Symbol.asyncDispose]();
    await server.untilClosed();
    assert.equal(countFds(), fdsBefore);
  });

  test('those that were never read go with the connection', async () => {
    const { pair, server } = await recordedPair();
    pair.server.pause();
    for (let i = 0; i < 5; i += 1) pair.client.write('unread', files);
    pair.client.destroy();
    assert.deepEqual(await server.untilClosed(), { kind: 'peer-closed' });
    await pair[Symbol.asyncDispose]();
    assert.equal(countFds(), fdsBefore);
  });

  test('those that were never sent go with the connection', async () => {
    const { pair, client } = await recordedPair();
    pair.server.pause();
    for (let i = 0; i < 100; i += 1) pair.client.write('u'.repeat(10_000), [files[i % 16]!]);
    assert.ok(countFds() > fdsBefore + 10);
    pair.client.destroy();
    await client.untilClosed();
    await pair[Symbol.asyncDispose]();
    assert.equal(countFds(), fdsBefore);
  });
});

describe('what a descriptor is', () => {
  test('kind, access mode and target are told', () => {
    using directory = temporaryDirectory();
    const file = path.join(directory.path, 'f');
    const opened = [
      openSync(file, 'w'),
      openSync(file, 'r'),
      openSync(file, 'r+'),
      openSync(directory.path, 'r'),
    ];
    opened.push(openSync('/dev/null', 'r+'));
    const told = opened.map((fd) => describeFd(fd));
    for (const fd of opened) closeSync(fd);
    assert.deepEqual(
      told.map(({ kind, access }) => `${kind} ${access}`),
      ['file write', 'file read', 'file read-write', 'directory read', 'chr read-write'],
    );
    assert.equal(told[0]?.target, file);
  });

  test('a number that is not open is an error', () => {
    assert.throws(() => describeFd(99_999), { code: 'ERR_QMPD_FD' });
  });

  test('close and release act once', { skip }, () => {
    const first = ownFd(openSync('/dev/null', 'r'));
    const number = first.fd;
    const second = duplicateFd(first.fd);
    first.close();
    // The number is free again: closing twice must not close its next owner.
    const next = openSync('/dev/null', 'w');
    assert.equal(next, number);
    first.close();
    assert.equal(writeSync(next, 'x'), 1);
    closeSync(next);
    const released = second.release();
    second.close();
    assert.equal(describeFd(released).kind, 'chr');
    closeSync(released);
  });
});
