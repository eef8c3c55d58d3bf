// Consoles: many viewers of one serial port.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ChardevRegistry } from '../../../../src/chardevs/index.ts';
import { type JsonObject, type JsonValue, jsonObject } from '../../../../src/json/value.ts';
import { RecordingFrontend } from '../../../kit/chardevs/recording-frontend.ts';
import { dial, type Peer } from '../../../kit/clients/peer.ts';

let directory = '';
before(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'qmpd-console-'));
});
after(async () => {
  await rm(directory, { recursive: true });
});

interface Console {
  readonly registry: ChardevRegistry;
  readonly frontend: RecordingFrontend;
  view(): Promise<Peer>;
  viewers(): JsonObject[];
}

async function openConsole(name: string, options: Record<string, JsonValue> = {}): Promise<Console> {
  const registry = new ChardevRegistry({ objects: { object: () => undefined }, log: () => {} });
  const file = path.join(directory, name);
  const addr = jsonObject({ type: 'unix', data: jsonObject({ path: file }) });
  await registry.add('c', jsonObject({ type: 'console', data: jsonObject({ addr, ...options }) }), 'created');
  const frontend = new RecordingFrontend().attach(await registry.open('c'));
  return {
    registry,
    frontend,
    view: () => dial(file),
    viewers: () => registry.consoles()[0]?.viewers as JsonObject[],
  };
}

test('all viewers see the output, and a late one what was there before', async () => {
  const { registry, frontend, view } = await openConsole('many');
  await frontend.send('boot\n');
  const first = await view();
  assert.equal(await first.receive(5), 'boot\n');
  await frontend.send('login: ');
  const second = await view();
  assert.equal(await first.receive(7), 'login: ');
  assert.equal(await second.receive(12), 'boot\nlogin: ');
  first.send('root');
  await frontend.until((seen) => seen === '<OPENED>root');
  second.send('!');
  await frontend.until((seen) => seen === '<OPENED>root!');
  await registry.closeAll();
  assert.equal(await first.receiveToEnd(), '');
});

test('the scrollback keeps the newest lines', async () => {
  const { registry, frontend, view } = await openConsole('scrollback', { scrollback: 20 });
  await frontend.send('one\ntwo\nthree\nfour\nfive\n');
  await frontend.send('six\n');
  const viewer = await view();
  assert.equal(await viewer.receive(14), 'four\nfive\nsix\n');
  viewer.close();
  await registry.closeAll();
});

test('with one writer, the next one takes over when the first leaves', async () => {
  const { registry, frontend, view, viewers } = await openConsole('writer', { writers: 'one' });
  await frontend.send('>');
  const first = await view();
  await first.receive(1);
  const second = await view();
  await second.receive(1);
  assert.deepEqual(
    viewers().map(({ writer }) => writer),
    [true, false],
  );
  // What a mere watcher types is gone by the time that it is heard: its end comes after it.
  second.send('nothing').end();
  await second.receiveToEnd();
  first.send('something');
  await frontend.until((seen) => seen.endsWith('something'));
  const third = await view();
  await third.receive(1);
  first.end();
  await first.receiveToEnd();
  third.send('!');
  assert.equal(await frontend.until((seen) => seen.endsWith('!')), '<OPENED>something!');
  third.close();
  await registry.closeAll();
});

test('a viewer that does not read never holds up the guest or another viewer, and is told what it missed', async () => {
  const { registry, frontend, view, viewers } = await openConsole('slow', { scrollback: 0 });
  const slow = await view();
  const quick = await view();
  slow.stream.pause();
  const block = 'x'.repeat(32 * 1024);
  let read = 0;
  while (Number(viewers()[0]?.missed ?? 0) === 0 || read < 4 * 1024 * 1024) {
    await frontend.send(block);
    read += (await quick.receive(block.length)).length;
  }
  slow.stream.resume();
  const text = await slow.receiveUntil('not shown]\r\n');
  const missed = Number(/\[(\d+) bytes/.exec(text)?.[1]);
  assert.equal(text.indexOf('\r') + missed, read);
  await frontend.send('again');
  assert.equal(await slow.receive(5), 'again');
  slow.close();
  quick.close();
  await registry.closeAll();
});

test('the log is put aside when it is large, and the oldest is dropped', async () => {
  const logfile = path.join(directory, 'console.log');
  const { registry, frontend } = await openConsole('log', { logfile, 'log-size': 10, 'log-keep': 2 });
  for (const text of ['0123456789', 'abcdefghij', 'ABCDEFGHIJ', '9876543210', 'end']) {
    await frontend.send(text);
    // Rotation goes by what is in the file, so each piece must have arrived there.
    while (!(await logs()).includes(text)) await new Promise((resolve) => setImmediate(resolve));
  }
  await registry.closeAll();
  assert.deepEqual(await logs(), ['end', '9876543210', 'ABCDEFGHIJ']);

  async function logs(): Promise<string[]> {
    const names = (await readdir(directory)).filter((name) => name.startsWith('console.log')).sort();
    return Promise.all(names.map((name) => readFile(path.join(directory, name), 'utf8').catch(() => '')));
  }
});

test('options that make no sense are refused', async () => {
  const registry = new ChardevRegistry({ objects: { object: () => undefined }, log: () => {} });
  const add = (data: Record<string, JsonValue>): Promise<JsonObject> =>
    registry.add('c', jsonObject({ type: 'console', data: jsonObject(data) }), 'blank');
  await assert.rejects(add({ scrollback: 2 ** 40 }), {
    message: "Failed to add chardev 'c': Parameter 'scrollback' expects a number of bytes up to 67108864",
  });
  await assert.rejects(add({ 'log-keep': 2 }), {
    message: "Failed to add chardev 'c': 'log-keep' option requires 'log-size' option",
  });
});

test('connections that leave before their handshake leave no descriptor behind', async () => {
  const { registry } = await openConsole('leavers', { websocket: true });
  const count = async (): Promise<number> => (await readdir('/proc/self/fd')).length;
  const before = await count();
  for (let i = 0; i < 50; i++) (await dial(path.join(directory, 'leavers'))).end();
  for (let i = 0; i < 50; i++)
    (await dial(path.join(directory, 'leavers'))).send('GET / HTTP/1.1\r\n').close();
  // Each end of a connection that is left over counts: both sides are in this process.
  while ((await count()) > before + 5) await new Promise((resolve) => setTimeout(resolve, 10));
  await registry.closeAll();
});

test('viewers that left are seen to have left while the guest reads nothing, and what they typed is kept', async () => {
  const { registry, frontend, view, viewers } = await openConsole('hung');
  frontend.room = 0;
  const people = await Promise.all(Array.from({ length: 20 }, () => view()));
  while (viewers().length < 20) await new Promise((resolve) => setTimeout(resolve, 1));
  for (const viewer of people) viewer.send('x').end();
  while (viewers().length > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  frontend.makeRoom(100);
  await frontend.until((seen) => seen === `<OPENED>${'x'.repeat(20)}`);
  await registry.closeAll();
});

test('many viewers that come at once over TCP all get in', async () => {
  const registry = new ChardevRegistry({ objects: { object: () => undefined }, log: () => {} });
  const addr = jsonObject({ type: 'inet', data: jsonObject({ host: '127.0.0.1', port: '0' }) });
  await registry.add('c', jsonObject({ type: 'console', data: jsonObject({ addr }) }), 'created');
  await registry.open('c');
  const port = Number(String(registry.consoles()[0]?.address).split(':').at(-1));
  // From a process of its own: in this one the server would take each before the next comes.
  const script = `for (let i = 0; i < 60; i++) require('net').connect(${port}, '127.0.0.1').resume()`;
  const child = spawnSync('sh', [
    '-c',
    `"${process.execPath}" -e "${script}" > /dev/null 2>&1 & sleep 0.3; echo $!`,
  ]);
  const count = (): number => (registry.consoles()[0]?.viewers as JsonObject[] | undefined)?.length ?? 0;
  while (count() < 60) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  process.kill(Number(String(child.stdout)), 'SIGKILL');
  await registry.closeAll();
});

test('the socket of a character device is its owner’s alone, whatever the umask is', async () => {
  const before = process.umask(0);
  const { registry } = await openConsole('owned').finally(() => process.umask(before));
  assert.equal((await stat(path.join(directory, 'owned'))).mode & 0o777, 0o600);
  await registry.closeAll();
});
