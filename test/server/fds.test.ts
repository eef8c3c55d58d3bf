// Descriptors that clients send: which command gets which, whose they are, and that none is left behind, however a
// session ends.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { native } from '../../src/transports/unix/native.ts';
import { FdClient } from '../kit/clients/fd-client.ts';
import { type Reply, requestText } from '../kit/clients/line-client.ts';
import { RawClient } from '../kit/clients/raw-client.ts';
import { frontDoors } from '../kit/server/front-doors.ts';
import { startTestServer } from '../kit/server/test-server.ts';
import { temporaryDirectory } from '../kit/transports/pairs.ts';
import { inodeOf } from '../kit/transports/recorder.ts';

const skip = native === undefined ? 'needs the native addon' : false;
const none = 'No file descriptor supplied via SCM_RIGHTS';

/** Different open files, which `query-fds` and their inodes tell apart. */
class Probes implements Disposable {
  readonly #directory = temporaryDirectory();
  readonly #open: number[] = [];

  make(name: string, flags: number = constants.O_RDWR): number {
    const file = path.join(this.#directory.path, name);
    writeFileSync(file, '');
    const fd = openSync(file, flags);
    this.#open.push(fd);
    return fd;
  }

  /** Descriptors of this process, in which the server runs, too, that are probes but not the test's own. */
  get left(): number {
    const links = readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/self/fd/${fd}`)];
      } catch {
        return []; // the descriptor of the directory that was just read
      }
    });
    return links.filter((link) => link.startsWith(this.#directory.path)).length - this.#open.length;
  }

  [Symbol.dispose](): void {
    for (const fd of this.#open) closeSync(fd);
    this.#directory[Symbol.dispose]();
  }
}

interface Listed {
  readonly claim: string;
  readonly name?: string;
  readonly access: string;
}

async function listFds(client: FdClient): Promise<string[]> {
  const fds: Listed[] = await client.ask('query-fds');
  return fds.map(({ claim, name, access }) => `${claim} ${name ?? ''} ${access}`);
}

describe('a descriptor is claimed by', { skip }, () => {
  const probes = new Probes();
  const [a, b, c] = ['a', 'b', 'c'].map((name) => probes.make(name)) as [number, number, number];
  after(() => {
    assert.equal(probes.left, 0);
    probes[Symbol.dispose]();
  });

  /** Inode of what an add-fd got: the server runs in this process. */
  async function added(reply: Promise<Reply | undefined>): Promise<number> {
    const { return: info } = (await reply) ?? {};
    return inodeOf((info as { fd: number }).fd);
  }

  it('the command that it came with, before older ones; then the oldest', async () => {
    await using server = await startTestServer();
    const client = await FdClient.negotiated(server.path);
    await client.pass([a], 'query-version');
    await client.pass([b], 'query-version');
    assert.equal(await added(client.pass([c], 'add-fd')), inodeOf(c));
    assert.equal(await added(client.pass([], 'add-fd')), inodeOf(a));
    assert.equal(await added(client.pass([], 'add-fd')), inodeOf(b));
    assert.equal(await client.refusal('add-fd'), none);
  });

  it('commands in the order of its message, when several came with one', async () => {
    await using server = await startTestServer();
    const client = await FdClient.negotiated(server.path);
    assert.equal(await added(client.pass([a, b, c], 'add-fd')), inodeOf(a));
    assert.equal(await added(client.pass([], 'add-fd')), inodeOf(b));
    assert.equal(await added(client.pass([], 'add-fd')), inodeOf(c));
  });

  it('one of several commands in the same message each', async () => {
    await using server = await startTestServer();
    const client = await FdClient.negotiated(server.path);
    const texts = ['1', '2', '3'].map((id) => requestText('add-fd', undefined, id));
    client.send(texts.join(''), [a, b]);
    assert.equal(await added(client.reply('1', 'add-fd')), inodeOf(a));
    assert.equal(await added(client.reply('2', 'add-fd')), inodeOf(b));
    assert.equal((await client.reply('3', 'add-fd'))?.error?.desc, none);
  });

  it('its own command, though that had to wait for one before it', async () => {
    await using server = await startTestServer();
    const client = await FdClient.negotiated(server.path);
    client.send(requestText('chardev-add', { id: 'c', backend: { type: 'null', data: {} } }, 'slow'));
    const second = client.pass([b], 'add-fd');
    const third = client.pass([c], 'add-fd');
    assert.equal(await added(second), inodeOf(b));
    assert.equal(await added(third), inodeOf(c));
  });

  it('its command, whichever part of it the descriptor came with', async () => {
    const text = requestText('add-fd', undefined, 'parts');
    for (const where of [0, 5, text.length - 3]) {
      await using server = await startTestServer();
      const client = await FdClient.negotiated(server.path);
      await client.pass([b], 'query-version');
      if (where > 0) client.send(text.slice(0, where));
      client.send(text.slice(where, where + 2), [a]);
      client.send(text.slice(where + 2));
      assert.equal(await added(client.reply('parts', 'add-fd')), inodeOf(a));
    }
  });

  it('setfd, for a name that is there already; what had the name is closed', async () => {
    await using server = await startTestServer();
    const client = await FdClient.negotiated(server.path);
    const left = probes.left;
    await client.askWith([a], 'getfd', { fdname: 'x' });
    assert.deepEqual(await client.askWith([b], 'setfd', { fdname: 'x' }), {});
    assert.equal(probes.left, left + 1);
    assert.deepEqual(await listFds(client), ['named x read-write']);
    // The oldest that waits, when none comes with it.
    await client.pass([c], 'query-version');
    assert.deepEqual(await client.ask('setfd', { fdname: 'x' }), {});
    assert.equal(probes.left, left + 1);
    assert.equal(await client.refusal('setfd', { fdname: 'x' }), none);
  });

  it('setfd for a name that is not there, and closed', async () => {
    await using server = await startTestServer();
    const client = await FdClient.negotiated(server.path);
    const left = probes.left;
    const reply = await client.pass([a], 'setfd', { fdname: 'x' });
    assert.equal(reply?.error?.desc, "File descriptor named 'x' not found");
    assert.equal(probes.left, left);
    assert.deepEqual(await listFds(client), []);
  });

  it('a command after the negotiation, when it came before', async () => {
    await using server = await startTestServer();
    const client = await FdClient.connect(server.path);
    client.send('{"execute":"qmp_capabilities"}', [a]);
    assert.equal(await added(client.pass([], 'add-fd')), inodeOf(a));
  });

  it('nobody where the transport carries none, and the error says why', async () => {
    await using server = await startTestServer({ listeners: ['tcp:127.0.0.1:0'] });
    const port = Number(/\d+$/.exec(server.server.addresses[0] ?? '')?.[0]);
    const client = await RawClient.negotiated(port);
    assert.match(await client.refusal('getfd', { fdname: 'x' }), /^No file descriptor supplied .*\(.+\)$/);
    client.close();
  });
});

describe('a named descriptor', { skip }, () => {
  const probes = new Probes();
  const [reads, writes] = [probes.make('r', constants.O_RDONLY), probes.make('w', constants.O_WRONLY)];
  after(() => probes[Symbol.dispose]());

  it('may have any name that does not begin with a digit', async () => {
    await using server = await startTestServer();
    const client = await FdClient.negotiated(server.path);
    const names = ['fd', '', 'a b', '/x', '-1', 'ä\u0000€', 'n'.repeat(5000), '__proto__', 'constructor'];
    for (const fdname of names) await client.pass([reads], 'getfd', { fdname });
    const listed: { name: string }[] = await client.ask('query-fds');
    assert.deepEqual(
      listed.map(({ name }) => name),
      names,
    );
    for (const fdname of names) await client.ask('closefd', { fdname });
    assert.deepEqual(await client.ask('query-fds'), []);
    assert.equal(probes.left, 0);
  });

  it('is closed at once when its name begins with a digit', async () => {
    await using server = await startTestServer();
    const client = await FdClient.negotiated(server.path);
    const reply = await client.pass([reads], 'getfd', { fdname: '1x' });
    assert.equal(reply?.error?.desc, "Parameter 'fdname' expects a name not starting with a digit");
    assert.equal(probes.left, 0);
    assert.equal(await client.refusal('getfd', { fdname: '1x' }), none);
  });

  it('is closed when another one gets its name', async () => {
    await using server = await startTestServer();
    const client = await FdClient.negotiated(server.path);
    await client.pass([reads], 'getfd', { fdname: 'x' });
    await client.pass([writes], 'getfd', { fdname: 'x' });
    assert.deepEqual(await listFds(client), ['named x write-only']);
    assert.equal(probes.left, 1);
    await client.ask('closefd', { fdname: 'x' });
    assert.equal(await client.refusal('closefd', { fdname: 'x' }), "File descriptor named 'x' not found");
  });

  it('is left alone when a getfd of its name finds none', async () => {
    await using server = await startTestServer();
    const client = await FdClient.negotiated(server.path);
    await client.pass([reads], 'getfd', { fdname: 'x' });
    assert.equal(await client.refusal('getfd', { fdname: 'x' }), none);
    assert.deepEqual(await listFds(client), ['named x read-only']);
  });

  it("is its session's: another one has the same name for its own, and cannot close the other's", async () => {
    await using server = await startTestServer();
    const one = await FdClient.negotiated(server.path);
    const two = await FdClient.negotiated(server.path);
    await one.pass([reads], 'getfd', { fdname: 'x' });
    assert.equal(await two.refusal('closefd', { fdname: 'x' }), "File descriptor named 'x' not found");
    assert.equal(await two.refusal('getfd', { fdname: 'x' }), none);
    await two.pass([writes], 'getfd', { fdname: 'x' });
    assert.deepEqual(await listFds(one), ['named x read-only', 'named x write-only']);
    await two.ask('closefd', { fdname: 'x' });
    assert.deepEqual(await listFds(one), ['named x read-only']);
    const backend = { type: 'socket', data: { addr: { type: 'fd', data: { str: 'x' } }, server: false } };
    assert.equal(
      await two.refusal('chardev-add', { id: 'c', backend }),
      "Failed to add chardev 'c': File descriptor named 'x' has not been found",
    );
  });

  it('is gone from the session when a command has used it', async () => {
    await using server = await startTestServer();
    const client = await FdClient.negotiated(server.path);
    await client.pass([reads], 'getfd', { fdname: 'x' });
    const backend = { type: 'socket', data: { addr: { type: 'fd', data: { str: 'x' } } } };
    await client.ask('chardev-add', { id: 'c', backend });
    assert.deepEqual(await listFds(client), ['declared x read-only']);
    assert.equal(await client.refusal('closefd', { fdname: 'x' }), "File descriptor named 'x' not found");
    assert.equal(probes.left, 1);
    await client.ask('chardev-remove', { id: 'c' });
    assert.equal(probes.left, 0);
    assert.deepEqual(await listFds(client), []);
  });

  it('is closed when the command that takes it has no use for it', async () => {
    await using server = await startTestServer();
    const client = await FdClient.negotiated(server.path);
    await client.ask('machine-set', { engine: 'embedded' });
    await client.ask('x-exit-preconfig');
    const addr = { type: 'fd', data: { str: 'x' } };
    for (const data of [{ addr }, { addr, server: false }]) {
      await client.pass([reads], 'getfd', { fdname: 'x' });
      const backend = { type: 'socket', data };
      assert.match(await client.refusal('chardev-add', { id: 'c', backend }), /not a socket/);
      assert.equal(probes.left, 0);
    }
    await client.pass([reads], 'getfd', { fdname: 'x' });
    const object = { 'qom-type': 'qmp-server', id: 's', addr: { type: 'fd', str: 'x' } };
    assert.match(await client.refusal('object-add', object), /^Parameter 'addr': .*not a socket/);
    assert.equal(probes.left, 0);
    assert.deepEqual(await client.ask('query-fds'), []);
  });

  it('is listed with kind, access, age and session while it waits and when it has a name', async () => {
    await using server = await startTestServer();
    const client = await FdClient.negotiated(server.path);
    await client.pass([reads, writes], 'getfd', { fdname: 'x' });
    await client.pass([reads], 'add-fd', { opaque: 'o' });
    const [own] = await client.ask('query-sessions');
    assert.equal(own.fds, 3);
    assert.deepEqual(
      (await client.ask('query-fds')).map(({ 'age-ms': _, ...rest }: Record<string, unknown>) => rest),
      [
        { session: own.id, claim: 'unclaimed', kind: 'file', access: 'write-only' },
        { session: own.id, claim: 'named', name: 'x', kind: 'file', access: 'read-only' },
        { session: own.id, claim: 'fdset', 'fdset-id': 0, kind: 'file', access: 'read-only' },
      ],
    );
    assert.deepEqual(await client.ask('query-fds', { session: 'no-such' }), []);
  });
});

describe('an fdset', { skip }, () => {
  const probes = new Probes();
  const fd = probes.make('f');
  after(() => probes[Symbol.dispose]());

  it('has the number that was asked for, or the lowest free one; sets are listed from the highest', async () => {
    await using server = await startTestServer();
    const client = await FdClient.negotiated(server.path);
    const ids: unknown[] = [];
    for (const id of [5, 3, 9, undefined, 5, 5, undefined, 2 ** 40]) {
      const args = { opaque: `o${ids.length}`, ...(id === undefined ? {} : { 'fdset-id': id }) };
      const reply = await client.askWith([fd], 'add-fd', args);
      ids.push(reply['fdset-id']);
    }
    assert.deepEqual(ids, [5, 3, 9, 0, 5, 5, 1, 2 ** 40]);
    const sets: { 'fdset-id': number; fds: { opaque: string }[] }[] = await client.ask('query-fdsets');
    assert.deepEqual(
      sets.map((set) => [set['fdset-id'], ...set.fds.map(({ opaque }) => opaque)]),
      [
        [2 ** 40, 'o7'],
        [9, 'o2'],
        [5, 'o0', 'o4', 'o5'],
        [3, 'o1'],
        [1, 'o6'],
        [0, 'o3'],
      ],
    );
  });

  it('is refused below zero, and takes the descriptor along', async () => {
    await using server = await startTestServer();
    const client = await FdClient.negotiated(server.path);
    const reply = await client.pass([fd], 'add-fd', { 'fdset-id': -1 });
    assert.equal(reply?.error?.desc, "Parameter 'fdset-id' expects a non-negative value");
    assert.equal(probes.left, 0);
  });

  it('gives up one descriptor, or all of them, and says what it does not have', async () => {
    await using server = await startTestServer();
    const client = await FdClient.negotiated(server.path);
    const first = await client.askWith([fd], 'add-fd');
    await client.pass([fd], 'add-fd', { 'fdset-id': 0 });
    await client.pass([fd], 'add-fd', { 'fdset-id': 0 });
    assert.equal(probes.left, 3);
    await client.ask('remove-fd', { 'fdset-id': 0, fd: first.fd });
    assert.equal(probes.left, 2);
    assert.equal(
      await client.refusal('remove-fd', { 'fdset-id': 0, fd: 9999 }),
      "File descriptor named 'fdset-id:0, fd:9999' not found",
    );
    await client.ask('remove-fd', { 'fdset-id': 0 });
    assert.equal(probes.left, 0);
    assert.deepEqual(await client.ask('query-fdsets'), []);
    for (const id of [0, 77, -1]) {
      assert.equal(
        await client.refusal('remove-fd', { 'fdset-id': id }),
        `File descriptor named 'fdset-id:${id}' not found`,
      );
    }
  });

  it('is its session’s alone, in a number space of all', async () => {
    await using server = await startTestServer();
    const one = await FdClient.negotiated(server.path);
    const two = await FdClient.negotiated(server.path);
    await one.pass([fd], 'add-fd');
    assert.deepEqual(await two.ask('query-fdsets'), []);
    assert.equal(
      await two.refusal('remove-fd', { 'fdset-id': 0 }),
      "File descriptor named 'fdset-id:0' not found",
    );
    const reply = await two.pass([fd], 'add-fd', { 'fdset-id': 0 });
    assert.match(reply?.error?.desc ?? '', /belongs to another session/);
    const own = await two.askWith([fd], 'add-fd');
    assert.equal(own['fdset-id'], 1);
    one.close();
    await two.event('SESSION_CLOSED');
    const again = await two.askWith([fd], 'add-fd');
    assert.equal(again['fdset-id'], 0);
    assert.equal(probes.left, 2);
  });
});

describe('when a session ends, all its descriptors are closed', { skip }, () => {
  const probes = new Probes();
  const fd = probes.make('f');
  after(() => probes[Symbol.dispose]());

  /** One of each kind: waiting, named, in a set, and in half a message. */
  async function holdFour(client: FdClient): Promise<void> {
    await client.pass([fd, fd], 'getfd', { fdname: 'x' });
    await client.pass([fd], 'add-fd');
    client.send('{"execute": "get', [fd]);
    while ((await countOf(client)) < 4) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(probes.left, 4);
  }

  let countOf: (client: FdClient) => Promise<number>;

  it('by the client', async () => {
    await using server = await startTestServer();
    const watcher = await FdClient.negotiated(server.path);
    countOf = async () => (await watcher.ask('query-fds')).length;
    const client = await FdClient.negotiated(server.path);
    await holdFour(client);
    client.close();
    const { data } = await watcher.event('SESSION_CLOSED');
    assert.equal(data?.reason, 'peer-closed');
    assert.equal(data?.['fds-closed'], 4);
    assert.equal(probes.left, 0);
  });

  it('by session-close', async () => {
    await using server = await startTestServer();
    const watcher = await FdClient.negotiated(server.path);
    countOf = async () => (await watcher.ask('query-fds')).length;
    const client = await FdClient.negotiated(server.path);
    await holdFour(client);
    await watcher.ask('session-close', { id: '2' });
    assert.equal(probes.left, 0);
    await client.untilClosed();
    assert.equal((await watcher.event('SESSION_CLOSED')).data?.['fds-closed'], 4);
  });

  it('by quit', async () => {
    await using server = await startTestServer();
    const watcher = await FdClient.negotiated(server.path);
    countOf = async () => (await watcher.ask('query-fds')).length;
    const client = await FdClient.negotiated(server.path);
    await holdFour(client);
    await watcher.ask('quit');
    await server.server.ended;
    assert.equal(probes.left, 0);
  });

  it('by more descriptors than a session may hold, and nobody else is disturbed', async () => {
    await using server = await startTestServer();
    const watcher = await FdClient.negotiated(server.path);
    const client = await FdClient.negotiated(server.path);
    const many = Array.from({ length: 253 }, () => fd);
    for (let n = 0; n < 5; n += 1) client.send(requestText('query-version'), many);
    await client.untilClosed();
    const { data } = await watcher.event('SESSION_CLOSED');
    assert.deepEqual([data?.reason, data?.['fds-closed']], ['fds-lost', 1012]);
    assert.equal(probes.left, 0);
    await watcher.pass([fd], 'getfd', { fdname: 'mine' });
    assert.equal(probes.left, 1);
  });

  /** The doors through which descriptors travel. */
  const doors = frontDoors.filter(({ name }) => !name.includes('TCP'));
  for (const door of doors) {
    it(`by a client that ends at any byte of its stream, descriptors in flight, through ${door.name}`, async () => {
      const seed = Number(process.env.QMPD_SEED ?? Date.now() % 1_000_000);
      const random = generator(seed);
      await using opened = await door.open();
      const script = conversation(fd);
      for (let round = 0; round < 300; round += 1) {
        const client = await FdClient.connect(String(opened.where));
        const cut = Math.floor(random() * script.bytes);
        sendPrefix(client, script.messages, cut, random() < 0.5);
        client.close();
        if (round % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      while ((await opened.administrator.ask('query-sessions')).length > 1);
      // Behind those that waited for the chardev.
      const last = await RawClient.negotiated(opened.where);
      await last.ask('query-status');
      last.close();
      assert.equal(probes.left, 0, `QMPD_SEED=${seed}`);
    });
  }

  describe('by SIGKILL', () => {
    const directory = temporaryDirectory();
    const program = path.join(directory.path, 'peer');
    const source = new URL('../../../test/kit/transports/peer.c', import.meta.url).pathname;
    before(() => execFileSync('cc', ['-O1', '-o', program, source]));
    after(() => directory[Symbol.dispose]());

    it('of a process that sends descriptors as fast as it can', async () => {
      const seed = Number(process.env.QMPD_SEED ?? Date.now() % 1_000_000);
      const random = generator(seed);
      await using server = await startTestServer();
      const nullFds = (): number =>
        readdirSync('/proc/self/fd').filter((n) => linkOf(n) === '/dev/null').length;
      const watcher = await FdClient.negotiated(server.path);
      const atFirst = nullFds();
      for (let round = 0; round < 40; round += 1) {
        const peer = spawn(program, [server.path, String(seed + round)], { stdio: 'ignore' });
        // From before it connects to long after it has sent too much.
        for (let turns = random() * 40; turns > 0; turns -= 1) await watcher.ask('query-version');
        peer.kill('SIGKILL');
        if (peer.exitCode === null && peer.signalCode === null) await once(peer, 'close');
      }
      watcher.close();
      await untilAlone(server.path);
      assert.equal(nullFds(), atFirst, `QMPD_SEED=${seed}`);
    });
  });
});

function linkOf(fd: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return undefined;
  }
}

/** Numbers from 0 to 1 that a seed determines (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Message {
  readonly text: string;
  readonly fds: readonly number[];
}

function conversation(fd: number): { messages: Message[]; bytes: number } {
  const messages: Message[] = [
    { text: '{"execute":"qmp_capabilities"}', fds: [fd] },
    { text: requestText('getfd', { fdname: 'a' }), fds: [fd, fd] },
    { text: requestText('add-fd'), fds: [fd] },
    { text: requestText('query-version'), fds: [fd, fd, fd] },
    { text: requestText('getfd', { fdname: 'a' }), fds: [] },
    { text: requestText('add-fd', { 'fdset-id': 7 }), fds: [fd] },
    { text: requestText('remove-fd', { 'fdset-id': 7 }), fds: [] },
    { text: requestText('chardev-add', { id: 'c', backend: { type: 'null', data: {} } }), fds: [fd] },
    { text: requestText('getfd', { fdname: '1' }), fds: [fd] },
    { text: ` ]}garbage${'x'.repeat(50)}`, fds: [fd] },
    { text: requestText('closefd', { fdname: 'a' }), fds: [fd] },
  ];
  return { messages, bytes: messages.reduce((sum, { text }) => sum + text.length, 0) };
}

/** The first `bytes` bytes; each message's descriptors go with its first byte, or with its last that is sent. */
function sendPrefix(client: FdClient, messages: readonly Message[], bytes: number, atEnd: boolean): void {
  let left = bytes;
  for (const { text, fds } of messages) {
    const part = text.slice(0, left);
    left -= part.length;
    if (part === '') return;
    if (atEnd && part.length > 1) {
      client.send(part.slice(0, -1));
      client.send(part.slice(-1), fds);
    } else {
      client.send(part, fds);
    }
  }
}

/** Resolves when the server has no session but the one that asks. */
async function untilAlone(socket: string): Promise<void> {
  const client = await RawClient.negotiated(socket);
  while ((await client.ask('query-sessions')).length > 1);
  client.close();
}
