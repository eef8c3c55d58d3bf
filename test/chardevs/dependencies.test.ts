// Chardevs that need others by name (mux, hub): any order, missing names, circles; and what several frontends and
// several backends of one chardev get.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ChardevRegistry } from '../../src/chardevs/index.ts';
import { type JsonObject, type JsonValue, jsonObject } from '../../src/json/value.ts';
import { RecordingFrontend } from '../kit/chardevs/recording-frontend.ts';
import { dial } from '../kit/clients/peer.ts';

let directory = '';
before(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'qmpd-chardevs-'));
});
after(async () => {
  await rm(directory, { recursive: true });
});

function makeRegistry(exit: (status: number) => void = () => {}): ChardevRegistry {
  return new ChardevRegistry({ objects: { object: () => undefined }, exit, log: () => {} });
}

function backend(type: string, data: Record<string, JsonValue> = {}): JsonObject {
  return jsonObject({ type, data: jsonObject(data) });
}

function unixServer(name: string): JsonObject {
  const addr = jsonObject({ type: 'unix', data: jsonObject({ path: path.join(directory, name) }) });
  return backend('socket', { addr });
}

test('a mux may be declared before its base, and opens it', async () => {
  const registry = makeRegistry();
  await registry.add('m', backend('mux', { chardev: 'b' }), 'blank');
  await assert.rejects(registry.open('m'), {
    message: "Failed to add chardev 'm': mux: base chardev b not found",
  });
  await registry.add('b', unixServer('late'), 'blank');
  const frontend = new RecordingFrontend().attach(await registry.open('m'));
  const peer = await dial(path.join(directory, 'late'));
  await frontend.until((seen) => seen.endsWith('<OPENED>'));
  await assert.rejects(registry.remove('b'), { message: "Chardev 'b' is busy" });
  peer.close();
  await registry.closeAll();
});

test('a circle is named with everybody in it', async () => {
  const registry = makeRegistry();
  await registry.add('a', backend('mux', { chardev: 'b' }), 'blank');
  await registry.add('b', backend('hub', { chardevs: ['c'] }), 'blank');
  await registry.add('c', backend('mux', { chardev: 'a' }), 'blank');
  await assert.rejects(registry.open('b'), /chardevs need each other in a circle: b -> c -> a -> b/);
  await registry.closeAll();
});

test('credentials may come after the socket that names them; without them the name is in the error', async () => {
  const registry = makeRegistry();
  const addr = jsonObject({ type: 'inet', data: jsonObject({ host: '127.0.0.1', port: '0' }) });
  await registry.add('s', backend('socket', { addr, 'tls-creds': 'later' }), 'blank');
  await assert.rejects(registry.open('s'), {
    message: "Failed to add chardev 's': No TLS credentials with id 'later'",
  });
  await registry.closeAll();
});

test('two frontends that open the same chardev at once open it once', async () => {
  const registry = makeRegistry();
  await registry.add('s', unixServer('once'), 'blank');
  const [first, second] = await Promise.all([registry.open('s'), registry.open('s')]);
  assert.equal(first, second);
  new RecordingFrontend().attach(first);
  assert.throws(() => second.attach(new RecordingFrontend()), { message: "chardev 's' is already in use" });
  await registry.closeAll();
});

test('the frontends of a mux share its output; the one in focus gets the input, and C-a c moves the focus', async () => {
  let status: number | undefined;
  const registry = makeRegistry((wanted) => {
    status = wanted;
  });
  await registry.add('b', unixServer('mux'), 'created');
  await registry.add('m', backend('mux', { chardev: 'b' }), 'created');
  const mux = await registry.open('m');
  const [first, second, third, fourth] = [1, 2, 3, 4].map(() => new RecordingFrontend().attach(mux));
  assert.ok(first && second && third && fourth);
  assert.throws(() => mux.attach(new RecordingFrontend()), {
    message: "too many uses of multiplexed chardev 'm' (maximum is 4)",
  });
  mux.detach(third);
  mux.detach(fourth);
  const peer = await dial(path.join(directory, 'mux'));
  peer.send('one\x01ctwo\x01\x01\x01b');
  await second.until((seen) => seen.endsWith('<MUX_IN>two\x01<BREAK>'));
  assert.ok(first.seen.endsWith('<MUX_IN><OPENED>one<MUX_OUT>'), first.seen);
  await first.send('from the first, ');
  await second.send('from the second');
  assert.equal(await peer.receive(31), 'from the first, from the second');
  assert.match(await peer.send('\x01h').receiveUntil('sends C-a\n\r'), /^\n\rC-a h {4}print this help\n\r/);
  assert.equal(await peer.send('\x01x').receiveUntil('\n\r'), 'QEMU: Terminated\n\r');
  assert.equal(status, 0);
  peer.close();
  await registry.closeAll();
});

test('lines are stamped after C-a t', async () => {
  const registry = makeRegistry();
  await registry.add('b', unixServer('stamps'), 'created');
  await registry.add('m', backend('mux', { chardev: 'b' }), 'created');
  const frontend = new RecordingFrontend().attach(await registry.open('m'));
  const peer = await dial(path.join(directory, 'stamps'));
  peer.send('\x01t.');
  await frontend.until((seen) => seen.endsWith('.'));
  await frontend.send('first\nsecond\n');
  await frontend.send('third\n');
  assert.match(
    await peer.receiveUntil('third\n'),
    /^first\n\[00:00:00\.000\] second\n\[00:00:00\.\d{3}\] third\n$/,
  );
  peer.close();
  await registry.closeAll();
});

test('a hub gives output to all that are there and mixes their input', async () => {
  const registry = makeRegistry();
  for (const id of ['a', 'b', 'n'])
    await registry.add(id, id === 'n' ? backend('null') : unixServer(id), 'created');
  await registry.add('h', backend('hub', { chardevs: ['a', 'b', 'n'] }), 'created');
  const frontend = new RecordingFrontend().attach(await registry.open('h'));
  const a = await dial(path.join(directory, 'a'));
  await frontend.until((seen) => seen === '<OPENED>');
  await frontend.send('for a');
  assert.equal(await a.receive(5), 'for a');
  const b = await dial(path.join(directory, 'b'));
  b.send('b');
  await frontend.until((seen) => seen === '<OPENED>b');
  await frontend.send('both');
  assert.deepEqual([await a.receive(4), await b.receive(4)], ['both', 'both']);
  a.send('a').end();
  b.end();
  await frontend.until((seen) => seen === '<OPENED>ba<CLOSED>');
  await registry.closeAll();
});

test('a hub is as fast as its slowest chardev, and loses nothing', async () => {
  const registry = makeRegistry();
  for (const id of ['a', 'b']) await registry.add(id, unixServer(id), 'created');
  await registry.add('h', backend('hub', { chardevs: ['a', 'b'] }), 'created');
  const frontend = new RecordingFrontend().attach(await registry.open('h'));
  const [a, b] = [await dial(path.join(directory, 'a')), await dial(path.join(directory, 'b'))];
  await b.send('!');
  await a.send('!');
  await frontend.until((seen) => seen === '<OPENED>!!');
  b.stream.pause();
  const text = Array.from({ length: 200_000 }, (_, index) => `${index},`).join('');
  let sent = false;
  const sending = frontend.send(text).then(() => {
    sent = true;
  });
  await a.receive(100_000);
  assert.equal(sent, false);
  b.stream.resume();
  assert.equal(await b.receive(text.length), text);
  await sending;
  await registry.closeAll();
  assert.equal(await a.receiveToEnd(), text.slice(100_000));
});

test('a test device ends the process with an odd status', async () => {
  const statuses: number[] = [];
  const registry = makeRegistry((status) => statuses.push(status));
  await registry.add('t', backend('testdev'), 'created');
  const frontend = new RecordingFrontend().attach(await registry.open('t'));
  await frontend.send('xx 12');
  await frontend.send(' q3qq');
  assert.deepEqual(statuses, [25, 7, 1]);
  await registry.closeAll();
});

test('backends that only QEMU has can be declared for its machine, and not opened here', async () => {
  const registry = makeRegistry();
  await registry.add('v', backend('vc', { width: 640 }), 'blank');
  await assert.rejects(registry.open('v'), {
    message: "Failed to add chardev 'v': 'vc' exists only inside QEMU, for devices of its machine",
  });
});
