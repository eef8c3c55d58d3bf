// What may reach a listening port without being a client: web pages by way of a browser, and peers that only connect.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { RawClient } from '../kit/clients/raw-client.ts';
import { startTestServer, type TestServer } from '../kit/server/test-server.ts';

/** What a page can make a browser send to any port: any headers, any body, but not its own first line. */
function request(body: string, firstLine = 'POST / HTTP/1.1'): string {
  const head = [firstLine, 'Host: 127.0.0.1', 'Content-Type: text/plain', `Content-Length: ${body.length}`];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

const commands = '{"execute":"qmp_capabilities"}\n{"execute":"query-sessions"}\n';

function portOf(server: TestServer, more: readonly string[] = []): number {
  const address = server.server.addresses.find((one) => one.startsWith('tcp:') && !more.includes(one));
  return Number(address?.split(':').at(-1));
}

async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** All that comes until the other side ends the connection. */
async function answer(socket: Socket, pieces: readonly string[]): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => {
    text += String(chunk);
  });
  const closed = once(socket, 'close');
  for (const piece of pieces) {
    socket.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await closed;
  return text;
}

/** A websocket server on a free port. */
async function addWebsocket(
  server: TestServer,
  more: object = {},
): Promise<{ admin: RawClient; port: number }> {
  const admin = await RawClient.negotiated(server.path);
  const addr = { type: 'inet', host: '127.0.0.1', port: '0' };
  const wanted = { 'qom-type': 'qmp-server', id: 'web', addr, websocket: true, ...more };
  assert.deepEqual(await admin.execute('object-add', wanted), { return: {} });
  return { admin, port: portOf(server) };
}

function upgrade(host: string, origin?: string): string {
  return [
    'GET / HTTP/1.1',
    `Host: ${host}`,
    ...(origin === undefined ? [] : [`Origin: ${origin}`]),
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    'Sec-WebSocket-Version: 13',
    '\r\n',
  ].join('\r\n');
}

/** The first line of the answer. */
async function statusOf(port: number, text: string): Promise<string> {
  const socket = await dial(port);
  socket.write(text);
  const [chunk] = await once(socket, 'data');
  socket.destroy();
  return String(chunk).split('\r\n')[0] ?? '';
}

describe('web pages', () => {
  for (const [name, pieces] of [
    ['in one piece', [request(commands)]],
    ['byte by byte', [...request(commands)]],
    ['with a very long first line', [request(commands, `GET /${'x'.repeat(40_000)} HTTP/1.1`)]],
    ['with a method of their own', [request(commands, 'x-thing / HTTP/1.1')]],
  ] as const) {
    test(`a request of HTTP on a tcp listener gets nothing but the greeting: ${name}`, async () => {
      await using server = await startTestServer({ listeners: ['tcp:127.0.0.1:0'] });
      const text = await answer(await dial(portOf(server)), pieces);
      assert.deepEqual(Object.keys(JSON.parse(text)), ['QMP']);
    });
  }

  test('a monitor on a chardev of TCP is closed to them, too', async () => {
    await using server = await startTestServer();
    const admin = await RawClient.negotiated(server.path);
    const data = { type: 'inet', data: { host: '127.0.0.1', port: '0' } };
    const backend = { type: 'socket', data: { addr: data, server: true, wait: false } };
    await admin.execute('chardev-add', { id: 'c', backend });
    await admin.execute('object-add', { 'qom-type': 'monitor-qmp', id: 'm', chardev: 'c' });
    const { return: chardevs } = (await admin.execute('query-chardev')) as {
      return: { label: string; filename: string }[];
    };
    const filename = chardevs.find(({ label }) => label === 'c')?.filename ?? '';
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(filename)?.[1]);
    const text = await answer(await dial(port), [request(commands)]);
    assert.deepEqual(Object.keys(JSON.parse(text)), ['QMP']);
    admin.close();
  });

  test('what only looks like HTTP at first is JSON to the end', async () => {
    await using server = await startTestServer({ listeners: ['tcp:127.0.0.1:0'] });
    const client = await RawClient.connect(portOf(server));
    for (const piece of ['PO', 'ST', ' nonsense\n', '{"execute":"qmp_capabilities"}\n']) client.send(piece);
    const [, first = ''] = await client.until((lines) => lines.length >= 2);
    assert.match(first, /JSON parse error/);
    client.close();
  });

  test('a websocket is for those who know the server by its address, or by a name that was given', async () => {
    await using server = await startTestServer();
    const { admin, port } = await addWebsocket(server, {
      'websocket-hosts': ['vm.example.org', 'desk.example.org'],
    });
    for (const [host, origin] of [
      [`127.0.0.1:${port}`, undefined],
      [`[::1]:${port}`, undefined],
      [`localhost:${port}`, `http://localhost:${port}`],
      [`VM.example.org:${port}`, `http://vm.example.org:${port}`],
      [`127.0.0.1:${port}`, 'https://desk.example.org'],
    ] as const) {
      assert.equal(await statusOf(port, upgrade(host, origin)), 'HTTP/1.1 101 Switching Protocols', host);
    }
    for (const [host, origin] of [
      [`rebound.example.net:${port}`, `http://rebound.example.net:${port}`],
      [`rebound.example.net:${port}`, undefined],
      [`127.0.0.1:${port}`, 'http://page.example.net'],
      [`127.0.0.1:${port}`, 'http://127.0.0.1:1'],
      [`127.0.0.1:${port}`, 'null'],
      [`127.0.0.1:${port}`, 'https://desk.example.org.example.net'],
      [`127.0.0.1:${port}`, 'https://desk.example.org@example.net'],
    ] as const) {
      assert.equal(
        await statusOf(port, upgrade(host, origin)),
        'HTTP/1.1 403 Forbidden',
        `${host} ${origin}`,
      );
    }
    admin.close();
  });
});

describe('peers that only connect', () => {
  test('any number of them leaves room for one that speaks', async () => {
    await using server = await startTestServer();
    const { admin, port } = await addWebsocket(server);
    const silent: Socket[] = [];
    for (let i = 0; i < 1100; i++) silent.push(await dial(port));
    assert.equal(await statusOf(port, upgrade('localhost')), 'HTTP/1.1 101 Switching Protocols');
    for (const socket of silent) socket.destroy();
    admin.close();
  });

  test('one that is refused is logged with where it came from', async () => {
    const lines: string[] = [];
    await using server = await startTestServer({ log: (line) => lines.push(line) });
    const { admin, port } = await addWebsocket(server);
    const socket = await dial(port);
    const { localPort } = socket;
    await answer(socket, ['GET / HTTP/1.0\r\n\r\n']);
    assert.deepEqual(lines, [`tcp:127.0.0.1:${localPort}: no session: only GET of HTTP/1.1 is understood`]);
    admin.close();
  });

  test('pings that are not read are answered once', async () => {
    await using server = await startTestServer();
    const { admin, port } = await addWebsocket(server);
    const socket = await dial(port);
    socket.write(upgrade('localhost'));
    await once(socket, 'data');
    socket.pause();
    const ping = Buffer.concat([Buffer.from([0x89, 0x80 | 125, 0, 0, 0, 0]), Buffer.alloc(125)]);
    const many = Buffer.concat(Array.from({ length: 1000 }, () => ping));
    for (let i = 0; i < 400; i++) {
      if (!socket.write(many)) await once(socket, 'drain');
    }
    const last = Buffer.concat([Buffer.from([0x89, 0x84, 0, 0, 0, 0]), Buffer.from('last')]);
    socket.write(last);
    let received = 0;
    let tail = '';
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length;
      tail = (tail + chunk.toString('latin1')).slice(-6);
    });
    socket.resume();
    while (!tail.endsWith('last')) await once(socket, 'data');
    // The kernel's buffers took a part of the answers; of 50 MB the rest was never made.
    assert.ok(received < 25_000_000, `${received} bytes`);
    socket.destroy();
    admin.close();
  });
});
