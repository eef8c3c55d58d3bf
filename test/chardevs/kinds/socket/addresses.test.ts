// Members of socket addresses that change where a socket is, or which names are taken, as QEMU has them.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { ChardevRegistry } from '../../../../src/chardevs/index.ts';
import { type JsonObject, type JsonValue, jsonObject } from '../../../../src/json/value.ts';
import { messageOf } from '../../../../src/util/local-error.ts';
import { RecordingFrontend } from '../../../kit/chardevs/recording-frontend.ts';

const run = promisify(execFile);

function makeRegistry(): ChardevRegistry {
  return new ChardevRegistry({ objects: { object: () => undefined }, log: () => {} });
}

function socketAt(
  type: string,
  address: Record<string, JsonValue>,
  more: Record<string, JsonValue> = {},
): JsonObject {
  const addr = jsonObject({ type, data: jsonObject(address) });
  return jsonObject({ type: 'socket', data: jsonObject({ addr, ...more }) });
}

for (const tight of [true, false]) {
  test(`an abstract name that is ${tight ? '' : 'not '}tight is found by socat under just that name`, async () => {
    const registry = makeRegistry();
    const name = `qmpd-${process.pid}-${tight}`;
    await registry.add('c', socketAt('unix', { path: name, abstract: true, tight }), 'created');
    const frontend = new RecordingFrontend().attach(await registry.open('c'));
    const found = (length: 0 | 1): Promise<unknown> =>
      run('socat', ['-u', 'EXEC:echo hello', `ABSTRACT-CONNECT:${name},unix-tightsocklen=${length}`]);
    await assert.rejects(found(tight ? 0 : 1), /Connection refused/);
    await found(tight ? 1 : 0);
    await frontend.until((seen) => seen.includes('hello\n'));
    await registry.closeAll();
  });
}

test('two chardevs find each other at an abstract name that is not tight', async () => {
  const registry = makeRegistry();
  const address = { path: `qmpd-${process.pid}-both`, abstract: true, tight: false };
  await registry.add('server', socketAt('unix', address), 'created');
  await registry.add('client', socketAt('unix', address, { server: false }), 'created');
  const listening = new RecordingFrontend().attach(await registry.open('server'));
  const dialling = new RecordingFrontend().attach(await registry.open('client'));
  await dialling.send('hello');
  await listening.until((seen) => seen.endsWith('hello'));
  await registry.closeAll();
});

for (const [address, why] of [
  [{ host: 'localhost', port: '0', numeric: true }, 'localhost:0: Name or service not known'],
  [{ host: '127.0.0.1', port: 'http', numeric: true }, '127.0.0.1:http: Name or service not known'],
] as const) {
  test(`numeric: ${address.host}:${address.port} is refused`, async () => {
    const registry = makeRegistry();
    await assert.rejects(registry.add('c', socketAt('inet', address), 'created'), {
      message: `Failed to add chardev 'c': address resolution failed for ${why}`,
    });
  });
}

test('multipath TCP is refused, not left out', async () => {
  const registry = makeRegistry();
  await assert.rejects(
    registry.add('c', socketAt('inet', { host: '127.0.0.1', port: '0', mptcp: true }), 'created'),
    /multipath TCP is not supported/,
  );
});

/** Local to this system, where the kernel has vsock_loopback. */
const loopback = '1';
const port = String(1_000_000 + process.pid);

function vsockAt(cid: string, where: string, more: Record<string, JsonValue> = {}): JsonObject {
  return socketAt('vsock', { cid, port: where }, more);
}

for (const [cid, where, why] of [
  ['abc', '1', "Failed to parse cid 'abc'"],
  ['4294967296', '1', "Failed to parse cid '4294967296'"],
  ['-1', '1', "Failed to parse cid '-1'"],
  ['0x1', '1', "Failed to parse cid '0x1'"],
  ['1', 'abc', "Failed to parse port 'abc'"],
] as const) {
  for (const server of [true, false]) {
    test(`vsock ${cid}:${where} is refused to a ${server ? 'server' : 'client'} as by QEMU`, async () => {
      const registry = makeRegistry();
      await assert.rejects(registry.add('c', vsockAt(cid, where, { server }), 'created'), {
        message: `Failed to add chardev 'c': ${why}`,
      });
    });
  }
}

test('two chardevs talk over vsock, and each notices when the other goes', async (context) => {
  const registry = makeRegistry();
  const opened = await registry.add('server', vsockAt(loopback, port), 'created').catch(messageOf);
  if (typeof opened === 'string') {
    assert.match(opened, /^Failed to add chardev 'server': (Failed to bind socket: |socket family)/);
    context.skip(`this kernel has no vsock within itself: ${opened}`);
    return;
  }
  const listening = new RecordingFrontend().attach(await registry.open('server'));
  for (const round of ['first', 'second']) {
    await registry.add('client', vsockAt(loopback, port, { server: false }), 'created');
    const dialling = new RecordingFrontend().attach(await registry.open('client'));
    await dialling.send(round);
    await listening.until((seen) => seen.endsWith(round));
    await listening.send('answer');
    await dialling.until((seen) => seen.endsWith('answer'));
    (await registry.open('client')).detach(dialling);
    await registry.remove('client');
    await listening.until((seen) => seen.endsWith('<CLOSED>'));
  }
  await registry.closeAll();
});

test('a vsock where nobody listens is told in the words of the kernel, and can be given up', async () => {
  const registry = makeRegistry();
  await assert.rejects(
    registry.add('c', vsockAt(loopback, port, { server: false }), 'created'),
    /^QmpError: Failed to add chardev 'c': Failed to connect to '1:\d+': [A-Z][a-z ]+$/,
  );
  await registry.add('again', vsockAt(loopback, port, { server: false, 'reconnect-ms': 10 }), 'created');
  await registry.closeAll();
});
