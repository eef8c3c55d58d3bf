// The sockets behind a network card, one end against the other.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { NetworkBackendPlan } from '../../../src/engines/embedded/network.ts';
import { openNetworkBackend } from '../../../src/engines/embedded/network-backends.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'qmpd-network-'));
});
after(() => rm(folder, { recursive: true }));

/** Frames as they come; `next` waits for one. */
class Inbox {
  readonly #frames: string[] = [];
  #wake: () => void = () => {};

  readonly receive = (frame: Uint8Array): void => {
    this.#frames.push(Buffer.from(frame).toString('latin1'));
    this.#wake();
  };

  async next(): Promise<string> {
    while (this.#frames.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#frames.shift() ?? '';
  }
}

const frame = (text: string): Uint8Array => Buffer.from(text, 'latin1');

test('stream netdevs carry frames both ways, whole and in order', async () => {
  const address = { type: 'unix', path: path.join(folder, 'stream.sock') } as const;
  const [server, client] = [new Inbox(), new Inbox()];
  const plan = (serving: boolean): NetworkBackendPlan => ({
    kind: 'stream',
    id: 'n',
    address,
    server: serving,
  });
  const one = await openNetworkBackend(plan(true), server.receive);
  const two = await openNetworkBackend(plan(false), client.receive);
  const long = 'x'.repeat(9000);
  for (const text of ['first', long, 'third']) two.send(frame(text));
  assert.equal(await server.next(), 'first');
  assert.equal(await server.next(), long);
  assert.equal(await server.next(), 'third');
  one.send(frame('answer'));
  assert.equal(await client.next(), 'answer');
  two.close();
  one.close();
});

test('a stream peer that sends no frames is cut off, and the next one is served', async () => {
  const address = { type: 'unix', path: path.join(folder, 'strange.sock') } as const;
  const inbox = new Inbox();
  const server = await openNetworkBackend({ kind: 'stream', id: 'n', address, server: true }, inbox.receive);
  const strange = connect(address.path);
  strange.on('error', () => {});
  strange.write('GET / HTTP/1.1\r\n\r\n');
  await new Promise((resolve) => strange.on('close', resolve));
  const peer = await openNetworkBackend({ kind: 'stream', id: 'p', address, server: false }, () => {});
  peer.send(frame('hello'));
  assert.equal(await inbox.next(), 'hello');
  peer.close();
  server.close();
});

test('dgram netdevs carry a frame each way', async () => {
  const [one, two] = [new Inbox(), new Inbox()];
  const end = (port: number): { type: 'inet'; host: string; port: number } => ({
    type: 'inet',
    host: '127.0.0.1',
    port,
  });
  const [here, there] = [40_000 + (process.pid % 10_000), 50_000 + (process.pid % 10_000)];
  const left = await openNetworkBackend(
    { kind: 'dgram', id: 'l', local: end(here), remote: end(there) },
    one.receive,
  );
  const right = await openNetworkBackend(
    { kind: 'dgram', id: 'r', local: end(there), remote: end(here) },
    two.receive,
  );
  left.send(frame('to the right'));
  assert.equal(await two.next(), 'to the right');
  right.send(frame('to the left'));
  assert.equal(await one.next(), 'to the left');
  left.close();
  right.close();
});

test('a port that is taken is an error that names the netdev', async () => {
  const address = { type: 'unix', path: path.join(folder, 'taken.sock') } as const;
  const plan: NetworkBackendPlan = { kind: 'stream', id: 'mine', address, server: true };
  const first = await openNetworkBackend(plan, () => {});
  await assert.rejects(
    openNetworkBackend(plan, () => {}),
    /^QmpError: netdev 'mine': Address already in use/,
  );
  first.close();
});
