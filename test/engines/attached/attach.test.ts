// QMP servers that are not ours: real QEMU, qemu-storage-daemon, and small servers that do less, more or worse.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { attach } from '../../../src/engines/attached/attach.ts';
import type { FoundInstance } from '../../../src/machine/engine.ts';
import type { Instance } from '../../../src/machine/instance.ts';
import { LocalError } from '../../../src/util/local-error.ts';
import { binaries, clock, forward, RecordingHost, value } from '../../kit/qemu/rig.ts';

async function inDirectory(work: (socket: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'qmpd-attach-'));
  try {
    await work(path.join(directory, 's'));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Runs a program that listens on the socket, for the time of `work`. */
async function served(
  program: string,
  args: readonly string[],
  socket: string,
  work: () => Promise<void>,
): Promise<void> {
  const child = spawn(program, args, { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    while (!existsSync(socket)) await new Promise((resolve) => setTimeout(resolve, 5));
    await work();
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

async function attached(socket: string): Promise<{ machine: Instance; host: RecordingHost }> {
  const host = new RecordingHost();
  const found = await reach(socket, host);
  return { machine: found.take(host), host };
}

/** The socket is there a moment before somebody listens on it. */
async function reach(socket: string, host: RecordingHost): Promise<FoundInstance> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await attach({ address: `unix:${socket}`, clock, log: (message) => host.log(message) });
    } catch (thrown) {
      if (tries === 100) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

const greeting =
  '{"QMP": {"version": {"qemu": {"micro": 0, "minor": 0, "major": 9}, "package": ""}, "capabilities": []}}';

type Respond = (request: Record<string, unknown>, send: (line: string) => void) => void;

/** A QMP server of a few lines; `respond` is asked after negotiation. */
async function fake(
  respond: Respond,
  work: (machine: Instance, host: RecordingHost) => Promise<void>,
): Promise<void> {
  await inDirectory(async (socket) => {
    const server = net.createServer((peer) => {
      const send = (line: string): void => void peer.write(line);
      send(`${greeting}\n`);
      let text = '';
      peer.on('error', () => undefined);
      peer.on('data', (chunk) => {
        const lines = (text + String(chunk)).split('\n');
        text = lines.pop() ?? '';
        for (const line of lines) {
          const request = JSON.parse(line) as Record<string, unknown>;
          const { execute, id } = request;
          if (execute === 'qmp_capabilities') send(`{"return": {}, "id": ${String(id)}}\r\n`);
          else if (execute === 'query-status')
            send(`{"error": {"class": "CommandNotFound", "desc": "no"}, "id": ${String(id)}}\n`);
          else respond(request, send);
        }
      });
    });
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    try {
      const { machine, host } = await attached(socket);
      await work(machine, host);
      await machine.end();
    } finally {
      server.close();
    }
  });
}

for (const { label, path: binary } of binaries) {
  describe(label, () => {
    test('a QEMU that runs already is used, and is left running', () =>
      inDirectory(async (socket) => {
        const args = [
          '-M',
          'pc',
          '-accel',
          'tcg',
          '-nodefaults',
          '-display',
          'none',
          '-S',
          '-qmp',
          `unix:${socket},server=on,wait=off`,
        ];
        await served(binary, args, socket, async () => {
          const { machine, host } = await attached(socket);
          assert.equal(((await value(machine, 'query-status')) as { status: string }).status, 'prelaunch');
          await value(machine, 'cont');
          assert.deepEqual(host.runStates, ['running']);
          const { pid } = machine.status();
          await machine.end();
          assert.ok(existsSync(`/proc/${pid}`));
          // Its socket is free for the next one.
          const again = await attached(socket);
          assert.equal(again.machine.status().pid, pid);
          process.kill(pid ?? 0, 'SIGKILL');
          assert.match((await again.host.end).reason, /the QMP server behind is gone/);
        });
      }));

    test('a socket that another client has is told apart from one that works', () =>
      inDirectory(async (socket) => {
        const args = [
          '-M',
          'none',
          '-nodefaults',
          '-display',
          'none',
          '-qmp',
          `unix:${socket},server=on,wait=off`,
        ];
        await served(binary, args, socket, async () => {
          const { machine } = await attached(socket);
          const soon = { ...clock, after: (_ms: number, callback: () => void) => clock.after(100, callback) };
          const second = attach({ address: `unix:${socket}`, clock: soon, log: () => undefined });
          await assert.rejects(second, (error: unknown) => {
            assert(error instanceof LocalError);
            assert.match(error.message, /no greeting.*another client is connected/);
            return true;
          });
          await machine.end();
        });
      }));
  });
}

test('qemu-storage-daemon is a QMP server like any other', { skip: storageDaemon() === undefined }, () =>
  inDirectory(async (socket) => {
    const args = ['--chardev', `socket,id=m,path=${socket},server=on,wait=off`, '--monitor', 'chardev=m'];
    await served(storageDaemon() ?? '', args, socket, async () => {
      const { machine } = await attached(socket);
      await value(machine, 'blockdev-add', { driver: 'null-co', 'node-name': 'n', size: 4096 });
      assert.match(JSON.stringify(await value(machine, 'query-named-block-nodes')), /"node-name":"n"/);
      await machine.end();
    });
  }),
);

function storageDaemon(): string | undefined {
  const { status } = spawnSync('qemu-storage-daemon', ['--version'], { stdio: 'ignore' });
  return status === 0 ? 'qemu-storage-daemon' : undefined;
}

test('a server without out-of-band execution gets one command at a time', async () => {
  let open = 0;
  const respond: Respond = ({ id }, send) => {
    open += 1;
    assert.equal(open, 1);
    setTimeout(() => {
      open -= 1;
      send(`{"return": ${String(id)}, "id": ${String(id)}}\n`);
    }, 2);
  };
  await fake(respond, async (machine) => {
    const sessions = ['a', 'b', 'c', 'd'];
    await Promise.all(sessions.map((session) => forward(machine, 'x-do', undefined, { session })));
    assert.equal((await forward(machine, 'query-yank', undefined, { outOfBand: true })).kind, 'return');
  });
});

test('members may come in any order, with any blanks, in UTF-8, and split anywhere', async () => {
  const replies = [
    (id: string) => `{"id": ${id}, "return": {"a": 1, "id": 3}}`,
    (id: string) => `{"id":${id},"return":{"a":1,"id":3}}`,
    (id: string) => `{"return":{"a":1,"id":3},"id":${id}}`,
    (id: string) => `{"return": {"a": 1, "id": 3}, "id": ${id}}`,
  ];
  let count = 0;
  const respond: Respond = ({ id, execute }, send) => {
    if (execute === 'text') send(`{"return": "ä€😀, \\"id\\": 5}", "id": ${String(id)}}\n`);
    else if (execute === 'bad')
      send(`{"error": {"desc": "x", "class": "GenericError"}, "id": ${String(id)}}\n`);
    else {
      const line = `${replies[count % replies.length]?.(String(id)) ?? ''}\n`;
      count += 1;
      for (const byte of line) send(byte);
    }
  };
  await fake(respond, async (machine) => {
    for (const _ of replies) assert.deepEqual(await value(machine, 'any'), { a: 1, id: 3 });
    assert.equal(await value(machine, 'text'), 'ä€😀, "id": 5}');
    const bad = await forward(machine, 'bad');
    assert.deepEqual(
      [bad.kind, JSON.parse(String(bad.text))],
      ['error', { class: 'GenericError', desc: 'x' }],
    );
  });
});

test('answers of many megabytes come whole', async () => {
  const size = 20 * 1024 * 1024;
  const respond: Respond = ({ id }, send) => send(`{"return": "${'x'.repeat(size)}", "id": ${String(id)}}\n`);
  await fake(respond, async (machine) => {
    assert.equal((await forward(machine, 'big')).text.length, size + 2);
  });
});

test('an event that was sent after an answer does not overtake it', async () => {
  const event = '{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "GONE", "data": {"n": 1}}';
  const respond: Respond = ({ id }, send) => send(`{"return": {}, "id": ${String(id)}}\r\n${event}\r\n`);
  await fake(respond, async (machine, host) => {
    const order: string[] = [];
    const gone = host.next('GONE').then(() => order.push('event'));
    // As far behind as an answer has on its way through a session.
    await forward(machine, 'do')
      .then((reply) => reply)
      .then(() => order.push('answer'));
    await gone;
    assert.deepEqual(order, ['answer', 'event']);
    assert.equal(host.events[0]?.line, event);
  });
});

test('events by the thousand, foreign answers and nonsense disturb nobody', async () => {
  const respond: Respond = ({ id }, send) => {
    for (let n = 0; n < 5000; n += 1)
      send(`{"timestamp": {"seconds": 1, "microseconds": ${n}}, "event": "E", "data": {"n": ${n}}}\n`);
    send('{"return": {}, "id": "libvirt-12"}\n{"return": {}}\n{"return": 7, "id": 12}\nnonsense\n[]\n');
    send(`{"return": 1, "id": ${String(id)}}\n`);
  };
  await fake(respond, async (machine, host) => {
    assert.equal(await value(machine, 'do'), 1);
    assert.deepEqual(
      host.events.map(({ data }) => data?.n),
      Array.from({ length: 5000 }, (_, n) => n),
    );
    assert.equal(host.messages.length, 5);
  });
});

test('a path without a server is an error that names it', async () => {
  await assert.rejects(
    attach({ address: 'unix:/nonexistent/s', clock, log: () => undefined }),
    /nonexistent/,
  );
});
