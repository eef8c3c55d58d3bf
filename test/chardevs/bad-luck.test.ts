// What goes wrong below a chardev, and must stay there: peers that vanish or talk nonsense, full disks, hot swap under
// load, many reconnects. Nothing may be lost that was taken, and nothing may leak.

import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ChardevRegistry } from '../../src/chardevs/index.ts';
import { type JsonObject, type JsonValue, jsonObject } from '../../src/json/value.ts';
import { FrameReader, WebsocketError } from '../../src/transports/layers/websocket-frames.ts';
import { RecordingFrontend } from '../kit/chardevs/recording-frontend.ts';
import { dial, PeerListener } from '../kit/clients/peer.ts';

let directory = '';
before(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'qmpd-chardevs-'));
});
after(async () => {
  await rm(directory, { recursive: true });
});

function makeRegistry(log: string[] = []): ChardevRegistry {
  return new ChardevRegistry({ objects: { object: () => undefined }, log: (line) => log.push(line) });
}

function backend(type: string, data: Record<string, JsonValue> = {}): JsonObject {
  return jsonObject({ type, data: jsonObject(data) });
}

function unixSocket(name: string, more: Record<string, JsonValue> = {}): JsonObject {
  const addr = jsonObject({ type: 'unix', data: jsonObject({ path: path.join(directory, name) }) });
  return backend('socket', { addr, ...more });
}

async function openFds(): Promise<number> {
  return (await readdir('/proc/self/fd')).length;
}

test('a full disk under a log is told once and stops nobody', async () => {
  const log: string[] = [];
  const registry = makeRegistry(log);
  await registry.add('c', backend('ringbuf', { logfile: '/dev/full', size: 16 }), 'created');
  const frontend = new RecordingFrontend().attach(await registry.open('c'));
  for (let i = 0; i < 10; i++) await frontend.send('x'.repeat(100_000));
  await frontend.send('the end');
  assert.equal(await registry.readRingbuf('c', 7 + 9), 'xxxxxxxxxthe end');
  await registry.closeAll();
  assert.deepEqual(log, ["cannot write to '/dev/full': No space left on device; output is lost"]);
});

test('three hundred peers that come and go leave no descriptor behind', async () => {
  const registry = makeRegistry();
  await registry.add('c', unixSocket('rush'), 'created');
  const frontend = new RecordingFrontend().attach(await registry.open('c'));
  const fdsBefore = await openFds();
  for (let round = 1; round <= 300; round++) {
    const peer = await dial(path.join(directory, 'rush'));
    peer.send('x');
    if (round % 3 === 0) peer.close();
    else peer.end();
    await peer.receiveToEnd();
    peer.close();
    await frontend.until((seen) => seen.split('<CLOSED>').length > round);
  }
  assert.equal(await openFds(), fdsBefore);
  await registry.closeAll();
});

test('a client whose server hangs up at once tries again and again, at its pace', async () => {
  const registry = makeRegistry();
  const listener = await PeerListener.listen(path.join(directory, 'flaky'));
  await registry.add('c', unixSocket('flaky', { server: false, 'reconnect-ms': 1 }), 'created');
  const frontend = new RecordingFrontend().attach(await registry.open('c'));
  for (let round = 1; round <= 100; round++) {
    (await listener.next()).close();
    await frontend.until(
      (seen) =>
        seen === '<OPENED><CLOSED>'.repeat(round) || seen.startsWith(`${'<OPENED><CLOSED>'.repeat(round)}<`),
    );
  }
  await registry.closeAll();
  listener.close();
});

test('hot swap under load: every byte that was taken reaches the old peer or the new one, in order', async () => {
  const registry = makeRegistry();
  await registry.add('c', unixSocket('swap0'), 'created');
  const frontend = new RecordingFrontend({ swappable: true }).attach(await registry.open('c'));
  const text = Array.from({ length: 500_000 }, (_, index) => `${index},`).join('');
  const received: string[] = [];
  let peer = await dial(path.join(directory, 'swap0'));
  await frontend.until((seen) => seen === '<OPENED>');
  const sent = frontend.send(text);
  for (let swap = 1; swap <= 10; swap++) {
    const left = text.length - received.join('').length;
    received.push(await peer.receive(Math.min(50_000, left)));
    // The new peer is there before the swap: a backend without one takes everything, and it is lost.
    const name = `swap${swap}`;
    const listener = await PeerListener.listen(path.join(directory, name));
    await registry.change('c', unixSocket(name, { server: false }));
    received.push(await peer.receiveToEnd());
    peer = await listener.next();
    listener.close();
  }
  const rest = text.length - received.join('').length;
  received.push(await peer.receive(rest));
  await sent;
  assert.ok(received.join('') === text);
  peer.close();
  await registry.closeAll();
});

test('a peer that does not finish its handshake makes way when it goes', async () => {
  const log: string[] = [];
  const registry = makeRegistry(log);
  await registry.add('c', unixSocket('handshake', { websocket: true }), 'created');
  const frontend = new RecordingFrontend().attach(await registry.open('c'));
  const mute = await dial(path.join(directory, 'handshake'));
  mute.send('GET / HT');
  const next = await dial(path.join(directory, 'handshake'));
  next.send('nonsense\r\n\r\n');
  mute.close();
  assert.match(await next.receiveToEnd(), /^HTTP\/1\.1 400 /);
  next.close();
  assert.equal(frontend.seen, '');
  await registry.closeAll();
  assert.match(
    log.join('\n'),
    /^chardev 'c': handshake with unix:.* failed: the peer went away\n.*only GET of HTTP\/1\.1/,
  );
});

test('frames out of order, too large or unmasked end a websocket', () => {
  const wrong: readonly (readonly [string, readonly number[], RegExp])[] = [
    ['a continuation of nothing', [0x80, 0x80, 0, 0, 0, 0], /only binary/],
    ['a new message inside another', [0x02, 0x80, 0, 0, 0, 0, 0x82, 0x80, 0, 0, 0, 0], /out of order/],
    ['a length of 2^63', [0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], /too large/],
    ['a ping of 126 bytes', [0x89, 0xfe, 0, 126, 0, 0, 0, 0], /short and whole/],
    ['a ping in pieces', [0x09, 0x80, 0, 0, 0, 0], /short and whole/],
    ['no mask', [0x82, 1, 65], /masked/],
    ['reserved bits', [0xc2, 0x80, 0, 0, 0, 0], /reserved/],
  ];
  for (const [what, bytes, message] of wrong) {
    // Any split of the bytes gives the same.
    for (const step of [1, 3, bytes.length]) {
      const reader = new FrameReader();
      assert.throws(
        () => {
          for (let at = 0; at < bytes.length; at += step) {
            for (const _ of reader.read(Uint8Array.from(bytes.slice(at, at + step))));
          }
        },
        (error) => error instanceof WebsocketError && message.test(error.message),
        what,
      );
    }
  }
});

test('a descriptor that a socket address names is taken when it is declared, and closed with it', async () => {
  const registry = makeRegistry();
  const addr = jsonObject({ type: 'fd', data: jsonObject({ str: 'name' }) });
  let closed = 0;
  const fd = { fd: 99, close: () => closed++, release: () => 99 };
  const taken: string[] = [];
  const take = (name: string): typeof fd => {
    taken.push(name);
    return fd;
  };
  await registry.add('c', backend('socket', { addr }), 'blank', { take });
  assert.deepEqual(taken, ['name']);
  await registry.remove('c');
  assert.equal(closed, 1);
  await assert.rejects(registry.add('c', backend('socket', { addr }), 'blank'), {
    message: "Failed to add chardev 'c': File descriptor named 'name' has not been found",
  });
});
