// The registry and the simple backends, without QEMU beside them: what only qmpd has (declaring, opening on demand,
// hot swap that keeps what it had).

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ChardevRegistry } from '../../src/chardevs/index.ts';
import { type JsonObject, type JsonValue, jsonObject } from '../../src/json/value.ts';
import { RecordingFrontend } from '../kit/chardevs/recording-frontend.ts';

let directory = '';
before(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'qmpd-chardevs-'));
});
after(async () => {
  await rm(directory, { recursive: true });
});

function makeRegistry(log: string[] = []): ChardevRegistry {
  return new ChardevRegistry({
    objects: { object: () => undefined, authorize: () => false },
    log: (line) => log.push(line),
  });
}

function backend(type: string, data: Record<string, JsonValue> = {}): JsonObject {
  return jsonObject({ type, data: jsonObject(data) });
}

function unixServer(name: string, more: Record<string, JsonValue> = {}): JsonObject {
  const addr = jsonObject({ type: 'unix', data: jsonObject({ path: path.join(directory, name) }) });
  return backend('socket', { addr, wait: false, ...more });
}

function dial(name: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path: path.join(directory, name), allowHalfOpen: true });
    socket.once('error', reject);
    socket.once('connect', () => resolve(socket));
  });
}

async function readAll(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

test('a declared chardev is opened by its first user', async () => {
  const registry = makeRegistry();
  await registry.add('c0', unixServer('declared'), 'blank');
  await assert.rejects(dial('declared'), { code: 'ENOENT' });
  const frontend = new RecordingFrontend().attach(await registry.open('c0'));
  const peer = await dial('declared');
  await frontend.until((seen) => seen === '<OPENED>');
  peer.end('ab');
  await frontend.until((seen) => seen === '<OPENED>ab<CLOSED>');
  await registry.closeAll();
  await assert.rejects(dial('declared'), { code: 'ENOENT' });
});

test('peers of a socket are served one after another, and each gets its own bytes', async () => {
  const registry = makeRegistry();
  await registry.add('c0', unixServer('turns'), 'created');
  const frontend = new RecordingFrontend().attach(await registry.open('c0'));
  const first = await dial('turns');
  await frontend.until((seen) => seen.endsWith('<OPENED>'));
  const second = await dial('turns');
  second.end('second');
  await frontend.send('to the first');
  first.end();
  assert.equal(await readAll(first), 'to the first');
  await frontend.until((seen) => seen === '<OPENED><CLOSED><OPENED>second<CLOSED>');
  assert.equal(await readAll(second), '');
  await registry.closeAll();
});

test('input waits while the frontend has no room, and the end comes after it', async () => {
  const registry = makeRegistry();
  await registry.add('c0', unixServer('room'), 'created');
  const frontend = new RecordingFrontend();
  frontend.room = 3;
  frontend.attach(await registry.open('c0'));
  const peer = await dial('room');
  peer.end('abcdefgh');
  await frontend.until((seen) => seen.endsWith('abc'));
  frontend.makeRoom(4);
  await frontend.until((seen) => seen === '<OPENED>abcdefg');
  frontend.makeRoom(2);
  await frontend.until((seen) => seen === '<OPENED>abcdefgh<CLOSED>');
  await registry.closeAll();
  peer.destroy();
});

test('a peer that does not read stops the frontend, not the process, and gets everything later', async () => {
  const registry = makeRegistry();
  await registry.add('c0', unixServer('slow'), 'created');
  const chardev = await registry.open('c0');
  const frontend = new RecordingFrontend().attach(chardev);
  const peer = await dial('slow');
  await frontend.until((seen) => seen === '<OPENED>');
  const block = Buffer.alloc(64 * 1024, 'x');
  let taken = 0;
  for (let part = chardev.write(block); part > 0; part = chardev.write(block)) taken += part;
  assert.ok(taken < 4 * 1024 * 1024, `${taken} bytes taken`);
  const rest = frontend.send('end');
  const received = readAll(peer);
  await rest;
  await registry.closeAll();
  const text = await received;
  assert.equal(text.length, taken + 3);
  assert.ok(text.endsWith('xend'));
});

test('a client that may reconnect does so when its server comes and when it comes back', async () => {
  const log: string[] = [];
  const registry = makeRegistry(log);
  const addr = jsonObject({ type: 'unix', data: jsonObject({ path: path.join(directory, 'later') }) });
  await registry.add('c0', backend('socket', { addr, server: false, 'reconnect-ms': 5 }), 'created');
  const frontend = new RecordingFrontend().attach(await registry.open('c0'));
  for (const round of [1, 2]) {
    const server = createServer((peer) => peer.end('hello')).listen(path.join(directory, 'later'));
    await frontend.until((seen) => seen.startsWith('<OPENED>hello<CLOSED>'.repeat(round)));
    await new Promise((resolve) => server.close(resolve));
  }
  await registry.closeAll();
  assert.match(
    log[0] ?? '',
    /^Unable to connect character device c0: Failed to connect to .*: No such file or directory$/,
  );
});

test('hot swap delivers what the old peer sent, then serves the new one', async () => {
  const registry = makeRegistry();
  await registry.add('c0', unixServer('old'), 'created');
  const frontend = new RecordingFrontend({ swappable: true });
  frontend.room = 1;
  frontend.attach(await registry.open('c0'));
  const old = await dial('old');
  old.write('abc');
  await frontend.until((seen) => seen === '<OPENED>a');
  await frontend.send('to the old');
  await registry.change('c0', unixServer('new'));
  assert.equal(await readAll(old), 'to the old');
  old.destroy();
  frontend.makeRoom(100);
  const young = await dial('new');
  young.write('def');
  await frontend.until((seen) => seen === '<OPENED>abc<CLOSED><OPENED>def');
  young.destroy();
  await registry.closeAll();
});

test('a change that fails leaves the old backend as it was, with or without a frontend', async () => {
  const registry = makeRegistry();
  await registry.add('c0', backend('ringbuf', { size: 16 }), 'created');
  await registry.writeRingbuf('c0', 'kept');
  await assert.rejects(registry.change('c0', backend('file', { out: '/nonexistent/x' })), {
    message: "Failed to add chardev 'c0': Could not open '/nonexistent/x': No such file or directory",
  });
  assert.equal(await registry.readRingbuf('c0', 16), 'kept');
  await registry.closeAll();
});

test('a frontend that cannot be swapped refuses the change', async () => {
  const registry = makeRegistry();
  await registry.add('c0', backend('null'), 'created');
  new RecordingFrontend().attach(await registry.open('c0'));
  await assert.rejects(registry.change('c0', backend('null')), {
    message: 'Chardev user does not support chardev hotswap',
  });
  await assert.rejects(registry.remove('c0'), { message: "Chardev 'c0' is busy" });
});

test('a log file gets what the peer got', async () => {
  const registry = makeRegistry();
  const logfile = path.join(directory, 'log');
  await registry.add('c0', backend('file', { out: path.join(directory, 'out'), logfile }), 'created');
  const frontend = new RecordingFrontend().attach(await registry.open('c0'));
  await frontend.send('x'.repeat(1_000_000));
  await registry.closeAll();
  assert.equal((await readFile(logfile)).length, 1_000_000);
  assert.equal((await readFile(path.join(directory, 'out'))).length, 1_000_000);
});

test('a file backend reads its input as far as it is wanted, and is closed at its end', async () => {
  const registry = makeRegistry();
  const out = path.join(directory, 'unused');
  await registry.add('c0', backend('file', { out, in: path.join(directory, 'out') }), 'created');
  const frontend = new RecordingFrontend();
  frontend.room = 10;
  frontend.attach(await registry.open('c0'));
  await frontend.until((seen) => seen === `<OPENED>${'x'.repeat(10)}`);
  frontend.makeRoom(2_000_000);
  await frontend.until((seen) => seen.endsWith('<CLOSED>'));
  assert.equal(frontend.seen.length, 1_000_000 + '<OPENED><CLOSED>'.length);
  await registry.closeAll();
});
