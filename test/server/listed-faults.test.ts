// Inputs that once ended the whole process, or were answered with the insides of an internal check: each is answered, or
// ends what it belongs to, and others are served.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { describe, it } from 'node:test';
import { RawClient } from '../kit/clients/raw-client.ts';
import { startTestServer } from '../kit/server/test-server.ts';

const greeting =
  '{"QMP": {"version": {"qemu": {"micro": 0, "minor": 0, "major": 10}, "package": ""}, "capabilities": []}}\r\n';

/** A QMP server that answers each command with what `answer` makes of its name and the text of its id. */
async function lyingServer(
  socketPath: string,
  answer: (command: string, id: string) => string,
): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write(greeting);
    socket.on('data', (chunk) => {
      for (const [, command = '', id = ''] of chunk
        .toString('latin1')
        .matchAll(/"execute":"([^"]*)".*?"id":(\d+)/g)) {
        if (command === 'qmp_capabilities') socket.write(`{"return": {}, "id": ${id}}\r\n`);
        else if (command === 'query-status')
          socket.write(`{"return": {"status": "running", "running": true}, "id": ${id}}\r\n`);
        else socket.write(answer(command, id));
      }
    });
  });
  server.listen(socketPath);
  await once(server, 'listening');
  return server;
}

describe('without a QEMU on the host', () => {
  it('engine=qemu is recorded, and every command after it is answered', async () => {
    await using running = await startTestServer();
    const client = await RawClient.negotiated(running.path);
    await client.ask('machine-set', { engine: 'qemu' });
    assert.equal((await client.ask('query-machine')).phase, 'blank');
    for (const [command, args] of [
      ['x-exit-preconfig'],
      ['query-block'],
      ['no-such-command'],
      ['netdev_add', { type: 'user', id: 'n0' }],
      ['query-qmp-schema'],
      ['query-commands'],
      ['query-machine-options'],
    ] as const) {
      assert.ok((await client.execute(command, args)) !== undefined, command);
    }
    await client.ask('machine-set', { engine: 'embedded' });
    const other = await RawClient.negotiated(running.path);
    assert.equal((await other.ask('query-machine')).phase, 'blank');
    for (const one of [client, other]) one.close();
  });
});

describe('what no client should send', () => {
  const values: readonly (readonly [string, string, string])[] = [
    ['a null where a text is due', 'machine-set', '{"global":[{"driver":"x","property":"y","value":null}]}'],
    ['a NUL in a text', 'machine-set', '{"name":"a\\u0000b"}'],
    ['a NUL in an id', 'chardev-add', '{"id":"a\\u0000b","backend":{"type":"null","data":{}}}'],
    ['an integer of 70 bits', 'qom-set', '{"path":"/x","property":"y","value":1180591620717411303424}'],
    ['an integer of 70 bits in an option', 'machine-set', '{"memory":{"size":1180591620717411303424}}'],
    ['an object for a text', 'qom-list-properties', '{"typename":{"a":{}}}'],
    ['an object for an option', 'machine-set', '{"name":{"a":{}}}'],
  ];
  for (const [what, command, text] of values) {
    it(`${what}: ${command} is answered in words for a client`, async () => {
      await using running = await startTestServer();
      const client = await RawClient.negotiated(running.path);
      client.send(`{"execute":"${command}","arguments":${text},"id":"r0"}\n`);
      const reply = await client.reply('r0', command);
      assert.ok(reply !== undefined, 'it was not answered');
      const { desc = '' } = reply.error ?? {};
      assert.doesNotMatch(desc, /internal check|\[object|Cannot convert|undefined|is not a function|fault/);
      assert.equal((await client.ask('query-machine')).phase, 'blank');
      client.close();
    });
  }
});

describe('a QMP server behind that says', () => {
  it('what is no JSON: a pretty session gets it as it is, and goes on', async () => {
    await using place = await startTestServer();
    const socket = path.join(place.directory, 'upstream');
    const values: Readonly<Record<string, string>> = {
      'query-a': '[1,2',
      'query-b': 'inf',
      'query-c': '{"a": 1}',
    };
    const upstream = await lyingServer(
      socket,
      (command, id) => `{"return": ${values[command] ?? '{}'}, "id": ${id}}\r\n`,
    );
    await using attached = await startTestServer({ attach: `unix:${socket}`, pretty: true });
    const client = await RawClient.connect(attached.path);
    client.checked = false;
    client.send('{"execute":"qmp_capabilities"}\n');
    for (const command of ['query-a', 'query-b', 'query-c']) {
      client.send(`{"execute":"${command}","id":"${command}"}\n`);
    }
    const lines = await client.until((sofar) => sofar.join('\n').includes('"query-c"\n}'));
    assert.ok(lines.includes('{"return": [1,2, "id": "query-a"}'));
    assert.ok(lines.includes('{"return": inf, "id": "query-b"}'));
    assert.ok(lines.includes('        "a": 1'));
    client.close();
    upstream.close();
  });

  it('DEVICE_DELETED with an object for a name, behind an answer: everybody goes on', async () => {
    await using place = await startTestServer();
    const socket = path.join(place.directory, 'upstream');
    const event =
      '{"timestamp": {"seconds": 1, "microseconds": 0}, "event": "DEVICE_DELETED", "data": {"device": {}, "path": "/x"}}\r\n';
    const upstream = await lyingServer(socket, (_, id) => `{"return": {}, "id": ${id}}\r\n${event}`);
    await using attached = await startTestServer({ attach: `unix:${socket}` });
    const client = await RawClient.negotiated(attached.path);
    client.checked = false;
    client.send('{"execute":"query-a","id":1}{"execute":"query-b","id":2}\n');
    const lines = await client.until(
      (sofar) => sofar.filter((line) => line.includes('"event"')).length === 2,
    );
    assert.deepEqual(
      lines.filter((line) => line.startsWith('{"return"')),
      ['{"return": {}, "id": 1}', '{"return": {}, "id": 2}'],
    );
    assert.equal((await client.execute('query-status'))?.error, undefined);
    client.close();
    upstream.close();
  });
});
