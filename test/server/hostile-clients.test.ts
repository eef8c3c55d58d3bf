// Clients that send what no client should, never read, never speak, or come all at once. Whatever they do, the others
// are answered, in order.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { requestText } from '../kit/clients/line-client.ts';
import { RawClient } from '../kit/clients/raw-client.ts';
import { frontDoors } from '../kit/server/front-doors.ts';
import { startTestServer } from '../kit/server/test-server.ts';
import { SessionRig } from '../kit/session-rig.ts';

/** Bytes that are nearly QMP: pieces of requests, brackets, quotes, control bytes and plain noise. */
const hostileBytes: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 20 }),
      fc.constantFrom(
        '{"execute":"query-version"}',
        '{"execute":"query-yank","id":[1,{}]}',
        '{"exec-oob":"query-yank"}',
        '{"execute":"getfd","arguments":{"fdname":"x"}}',
        '{"execute":"qmp_capabilities"}',
        '{"execute":',
        '"id":',
        '{',
        '}',
        '[',
        ']',
        '"',
        "'",
        '\\',
        '\u0000',
        '\n',
        '1e400',
        '-9223372036854775809',
        '\\ud800',
      ),
    ),
    { maxLength: 30 },
  )
  .map((pieces) => Buffer.concat(pieces.map((piece) => Buffer.from(piece))));

const options = process.env.QMPD_SEED === undefined ? {} : { seed: Number(process.env.QMPD_SEED) };

function assertReplies(lines: readonly string[]): void {
  for (const line of lines) {
    const message = JSON.parse(line);
    assert.ok('return' in message || 'error' in message || 'event' in message || 'QMP' in message, line);
  }
}

/** Answered, and in order, whatever happens around it. */
async function assertUndisturbed(client: RawClient): Promise<void> {
  const first = client.execute('query-status');
  const second = client.execute('query-name');
  const third = client.execute('query-status');
  const places = async (reply: Promise<unknown>): Promise<number> => {
    await reply;
    return client.lines.length;
  };
  const order = await Promise.all([places(first), places(second), places(third)]);
  assert.ok(order.every((place) => place > 0));
  assert.equal((await third)?.error, undefined);
}

describe('noise', () => {
  it('never makes a session throw, and all that it says is JSON', () => {
    fc.assert(
      fc.property(hostileBytes, fc.boolean(), fc.nat(), (bytes, negotiated, cut) => {
        const rig = negotiated ? SessionRig.negotiated(['oob']) : new SessionRig();
        const at = bytes.length === 0 ? 0 : cut % bytes.length;
        rig.session.receive(bytes.subarray(0, at), []);
        rig.session.receive(bytes.subarray(at), []);
        rig.session.receiveEnd();
        assertReplies(rig.take());
        assert.equal(rig.endReason(), 'peer-closed');
      }),
      { numRuns: 2000, ...options },
    );
  });

  it('disturbs no other session of the server', async () => {
    await using server = await startTestServer();
    const watcher = await RawClient.negotiated(server.path);
    await fc.assert(
      fc.asyncProperty(hostileBytes, async (bytes) => {
        const client = await RawClient.connect(server.path);
        client.send(bytes);
        client.socket.end();
        assertReplies(await client.untilClosed());
        await watcher.ask('query-status');
      }),
      { numRuns: 60, ...options },
    );
    const [own, ...others] = await watcher.ask('query-sessions');
    assert.deepEqual([own.id, others], ['1', []]);
  });

  it('is over after one 0xFF: the next command is answered', async () => {
    await using server = await startTestServer();
    await fc.assert(
      fc.asyncProperty(hostileBytes, async (bytes) => {
        const client = await RawClient.negotiated(server.path);
        client.send(
          Buffer.concat([bytes, Buffer.from([0xff]), Buffer.from(requestText('query-name', {}, 'end'))]),
        );
        assert.deepEqual(await client.reply('end', 'query-name'), { return: {} });
        client.close();
      }),
      { numRuns: 60, ...options },
    );
  });
});

describe('a message', () => {
  it('of 10,000 lists in each other is one error for every 1025 of them, and one for each end', async () => {
    await using server = await startTestServer();
    const client = await RawClient.negotiated(server.path);
    const watcher = await RawClient.negotiated(server.path);
    client.send('['.repeat(10_000));
    client.send(requestText('query-name', {}, 'inside'));
    client.send(Buffer.from([0xff]));
    client.send(requestText('query-name', {}, 'after'));
    await assertUndisturbed(watcher);
    assert.ok((await client.reply('after', 'query-name')) !== undefined);
    const replies = client.lines.filter((line) => !line.startsWith('{"timestamp"'));
    const nesting = '{"error": {"class": "GenericError", "desc": "JSON nesting depth limit exceeded"}}';
    assert.equal(replies.filter((line) => line === nesting).length, 9);
    assertReplies(replies);
  });

  it('with a string of 64 MiB is one error, and the session goes on', async () => {
    await using server = await startTestServer();
    const client = await RawClient.negotiated(server.path);
    const watcher = await RawClient.negotiated(server.path);
    client.send(`{"execute": "query-name", "id": "`);
    const piece = 'x'.repeat(1 << 20);
    for (let n = 0; n <= 64; n += 1) {
      client.send(piece);
      if (n % 16 === 0) await assertUndisturbed(watcher);
    }
    await client.until((lines) => lines.some((line) => line.includes('JSON token size limit exceeded')));
    client.send(Buffer.from([0xff]));
    client.send(requestText('query-name', {}, 'after'));
    assert.deepEqual(await client.reply('after', 'query-name'), { return: {} });
  });

  it('that never ends is forgotten with its session', async () => {
    await using server = await startTestServer();
    const watcher = await RawClient.negotiated(server.path);
    for (let n = 0; n < 10; n += 1) {
      const client = await RawClient.negotiated(server.path);
      client.send('{"execute": "query-name", "arguments": {"a": [1, 2, "');
      client.close();
    }
    await assertUndisturbed(watcher);
    while ((await watcher.ask('query-sessions')).length > 1);
  });
});

interface Progress {
  readonly commands: number;
  readonly 'bytes-queued': number;
}

/** Resolves when the second session gets no further; another one is answered all the while. */
async function standstill(watcher: RawClient): Promise<Progress> {
  let before: Progress | undefined;
  for (;;) {
    await assertUndisturbed(watcher);
    const [, now]: Progress[] = await watcher.ask('query-sessions');
    if (now === undefined) throw new Error('the session is gone');
    if (now.commands === before?.commands && now['bytes-queued'] > 0) return now;
    before = now;
  }
}

for (const door of frontDoors) {
  describe(`a client that never reads, on ${door.name}`, () => {
    it('is not answered further than a limit, and takes no memory and nobody else’s turn', async () => {
      await using opened = await door.open();
      const { administrator: watcher } = opened;
      const deaf = await RawClient.negotiated(opened.where, ['oob']);
      deaf.socket.pause();
      const asked = 12_000; // more than the kernel keeps for a connection
      deaf.send(requestText('query-commands').repeat(asked / 2));
      deaf.send('{"exec-oob":"query-yank"}'.repeat(asked / 2));
      const info = await standstill(watcher);
      assert.ok(info.commands < asked / 2, `${info.commands} were answered`);
      assert.ok(info['bytes-queued'] < 2 << 20, `${info['bytes-queued']} bytes wait`);
      // It reads after all: everything is there.
      deaf.socket.resume();
      await deaf.until((lines) => lines.length >= asked);
      const inBand = deaf.lines.filter((line) => line.startsWith('{"return": [{"name"'));
      const outOfBand = deaf.lines.filter((line) => line === '{"return": []}');
      assert.deepEqual([inBand.length, outOfBand.length], [asked / 2, asked / 2]);
    });

    it('is cut off when too many events wait for it, and that is said', async () => {
      await using opened = await door.open();
      const { administrator: watcher } = opened;
      const deaf = await RawClient.negotiated(opened.where);
      deaf.socket.pause();
      const append = 'x'.repeat(1 << 20);
      let rounds = 0;
      while (!watcher.events.some(({ event }) => event === 'SESSION_CLOSED')) {
        assert.ok(rounds < 40, 'it is still there');
        await watcher.ask('machine-set', { append });
        rounds += 1;
      }
      assert.ok(rounds > 16, `after ${rounds} MiB`);
      const { data } = await watcher.event('SESSION_CLOSED');
      assert.deepEqual([data?.id, data?.reason], ['2', 'output-limit']);
      deaf.socket.resume();
      await deaf.untilClosed();
      const next = await RawClient.negotiated(opened.where);
      await next.ask('query-status');
      next.close();
    });
  });
}

describe('clients', () => {
  it('that never speak hear nothing but the greeting, and the end', async () => {
    await using server = await startTestServer();
    const mute = await RawClient.connect(server.path);
    const other = await RawClient.negotiated(server.path);
    await other.ask('machine-set', { name: 'n' });
    await assertUndisturbed(other);
    await other.ask('quit');
    await mute.untilClosed();
    assert.equal(mute.lines.length, 1);
    assert.match(mute.lines[0] ?? '', /^\{"QMP": /);
  });

  it('may be 2,000 at once, and all are answered', async () => {
    await using server = await startTestServer();
    const watcher = await RawClient.negotiated(server.path);
    const began = performance.now();
    const clients = await Promise.all(Array.from({ length: 2000 }, () => RawClient.connect(server.path)));
    // All hear the same events, of which the watcher checks each.
    for (const client of clients) client.checked = false;
    await Promise.all(clients.map((client) => client.negotiate()));
    const replies = await Promise.all(clients.map((client) => client.execute('query-status')));
    assert.ok(replies.every((reply) => reply !== undefined && 'return' in reply));
    assert.equal((await watcher.ask('query-sessions')).length, 2001);
    // Openings beyond the first few of a second are counted, not told. The kernel has connected clients before the server
    // takes them, so the time counts until all were answered.
    const seconds = Math.ceil((performance.now() - began) / 1000);
    const opened = watcher.events.filter(({ event }) => event === 'SESSION_OPENED');
    const missed = opened.reduce((sum, { data }) => sum + Number(data?.missed ?? 0), 0);
    assert.ok(opened.length + missed <= 2000 && opened.length <= 32 * (seconds + 1), `${opened.length} told`);
    await watcher.ask('machine-set', { name: 'n' });
    await Promise.all(clients.map((client) => client.event('MACHINE_OPTION_CHANGED')));
    for (const client of clients) client.close();
    while ((await watcher.ask('query-sessions')).length > 1);
  });

  it('beyond the limit are told so instead of being greeted, until others leave', async () => {
    await using server = await startTestServer({ sessionsMax: 2, listeners: ['tcp:127.0.0.1:0'] });
    const port = Number(server.server.addresses[0]?.split(':').at(-1));
    const one = await RawClient.negotiated(port);
    const two = await RawClient.negotiated(port);
    const three = await RawClient.connect(port);
    assert.deepEqual(await three.untilClosed(), [
      '{"error": {"class": "GenericError", "desc": "There are 2 sessions already: this connection is closed"}}',
    ]);
    two.close();
    await one.event('SESSION_CLOSED');
    const four = await RawClient.negotiated(port);
    await four.ask('query-status');
    await one.ask('query-status');
  });

  it('leave places for our own user and root, who can end them', async () => {
    await using server = await startTestServer({ sessionsMax: 2 });
    const clients: RawClient[] = [];
    for (let i = 0; i < 6; i++) clients.push(await RawClient.negotiated(server.path));
    const seventh = await RawClient.connect(server.path);
    assert.match((await seventh.untilClosed())[0] ?? '', /There are 2 sessions already/);
    for (const client of clients) client.close();
  });
});
