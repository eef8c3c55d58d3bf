// QMP servers that clients reach through TLS or websockets, made with object-add.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { certificates } from '../kit/chardevs/certificates.ts';
import { RawClient } from '../kit/clients/raw-client.ts';
import { startTestServer, type TestServer } from '../kit/server/test-server.ts';

const key = '00112233445566778899aabbccddeeff';

/** A client that may do everything, on the plain socket. */
async function administrator(server: TestServer): Promise<RawClient> {
  writeFileSync(`${server.directory}/keys.psk`, `qemu:${key}\n`);
  const client = await RawClient.negotiated(server.path);
  const credentials = { 'qom-type': 'tls-creds-psk', id: 'keys', dir: server.directory, endpoint: 'server' };
  assert.deepEqual(await client.execute('object-add', credentials), { return: {} });
  return client;
}

/** Adds a server on a free TCP port; its address. */
async function addServer(server: TestServer, client: RawClient, options: object): Promise<number> {
  const known = new Set(server.server.addresses);
  const addr = { type: 'inet', host: '127.0.0.1', port: '0' };
  const wanted = { 'qom-type': 'qmp-server', id: 'protected', addr, ...options };
  assert.deepEqual(await client.execute('object-add', wanted), { return: {} });
  const address = server.server.addresses.find((candidate) => !known.has(candidate));
  return Number(address?.split(':').at(-1));
}

function tlsSocket(port: number, psk: string): Duplex {
  return connectTls({
    host: '127.0.0.1',
    port,
    ciphers: 'PSK',
    maxVersion: 'TLSv1.2',
    checkServerIdentity: () => undefined,
    pskCallback: () => ({ psk: Buffer.from(psk, 'hex'), identity: 'qemu' }),
  });
}

async function untilText(stream: Duplex, part: string): Promise<string> {
  let text = '';
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (text.includes(part)) return text;
  }
  throw new Error(`ended after ${JSON.stringify(text)}`);
}

function frame(text: string): Buffer {
  assert.ok(text.length < 126);
  // Masked, as every frame of a client, with a mask that changes nothing.
  return Buffer.concat([Buffer.from([0x82, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}

const upgrade = [
  'GET / HTTP/1.1',
  'Host: localhost',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Protocol: binary',
  '',
  '',
].join('\r\n');

interface SessionInfo {
  readonly transport: string;
}

async function transportsOf(client: RawClient): Promise<string[]> {
  const { return: sessions } = (await client.execute('query-sessions')) as { return: SessionInfo[] };
  return sessions.map(({ transport }) => transport).sort();
}

describe('protected QMP servers', () => {
  test('a client with the right key speaks QMP through TLS', async () => {
    await using server = await startTestServer();
    const admin = await administrator(server);
    const port = await addServer(server, admin, { 'tls-creds': 'keys' });
    const client = tlsSocket(port, key);
    await untilText(client, '"QMP"');
    client.write('{"execute": "qmp_capabilities"}\n');
    await untilText(client, '{"return": {}}');
    assert.deepEqual(await transportsOf(admin), ['tls', 'unix']);
    client.destroy();
    admin.close();
  });

  test('a client with another key, or with plain bytes, gets no session', async () => {
    await using server = await startTestServer();
    const admin = await administrator(server);
    const port = await addServer(server, admin, { 'tls-creds': 'keys' });
    await assert.rejects(untilText(tlsSocket(port, key.replace('0', 'f')), '"QMP"'));
    const plain = connect(port, '127.0.0.1');
    plain.write('{"execute": "qmp_capabilities"}\n');
    await assert.rejects(untilText(plain, '"QMP"'));
    assert.deepEqual(await transportsOf(admin), ['unix']);
    admin.close();
  });

  test('a browser speaks QMP inside websocket frames', async () => {
    await using server = await startTestServer();
    const admin = await administrator(server);
    const port = await addServer(server, admin, { websocket: true });
    const client: Socket = connect(port, '127.0.0.1');
    client.write(upgrade);
    await untilText(client, '"QMP"');
    client.write(frame('{"execute": "qmp_capabilities"}'));
    await untilText(client, '{"return": {}}');
    assert.deepEqual(await transportsOf(admin), ['unix', 'websocket']);
    client.destroy();
    admin.close();
  });

  test('a client that never finishes its handshake goes with the server object', async () => {
    await using server = await startTestServer();
    const admin = await administrator(server);
    const port = await addServer(server, admin, { 'tls-creds': 'keys', websocket: true });
    const silent = connect(port, '127.0.0.1');
    const closed = new Promise((resolve) => silent.once('close', resolve));
    silent.resume();
    await new Promise((resolve) => silent.once('connect', resolve));
    await transportsOf(admin);
    assert.deepEqual(await admin.execute('object-del', { id: 'protected' }), { return: {} });
    await closed;
    admin.close();
  });

  test('credentials that are missing are named', async () => {
    await using server = await startTestServer();
    const admin = await administrator(server);
    const addr = { type: 'inet', host: '127.0.0.1', port: '0' };
    const wanted = { 'qom-type': 'qmp-server', id: 'x', addr, 'tls-creds': 'none' };
    assert.deepEqual(await admin.execute('object-add', wanted), {
      error: { class: 'GenericError', desc: "No TLS credentials with id 'none'" },
    });
    admin.close();
  });

  test('a priority string is kept, or refused', async () => {
    await using server = await startTestServer();
    const admin = await administrator(server);
    const { directory } = await certificates();
    const x509 = { 'qom-type': 'tls-creds-x509', dir: directory, endpoint: 'server', 'verify-peer': false };
    await admin.execute('object-add', { ...x509, id: 'strict', priority: 'NORMAL:-VERS-ALL:+VERS-TLS1.3' });
    await admin.execute('object-add', { ...x509, id: 'unknown', priority: 'NORMAL:%COMPAT' });
    const port = await addServer(server, admin, { 'tls-creds': 'strict' });
    const dial = (maxVersion: 'TLSv1.2' | 'TLSv1.3'): Duplex =>
      connectTls({ host: '127.0.0.1', port, maxVersion, rejectUnauthorized: false });
    await assert.rejects(untilText(dial('TLSv1.2'), '"QMP"'));
    const client = dial('TLSv1.3');
    await untilText(client, '"QMP"');
    client.destroy();
    const addr = { type: 'inet', host: '127.0.0.1', port: '0' };
    const refused = await admin.execute('object-add', {
      ...{ 'qom-type': 'qmp-server', id: 'x', addr, 'tls-creds': 'unknown' },
    });
    assert.match(refused?.error?.desc ?? '', /^Unable to set TLS session priority .*'%COMPAT'/);
    admin.close();
  });

  test('credentials and secrets that are not regular files, or have no end, are refused at once', async () => {
    await using server = await startTestServer();
    const admin = await RawClient.negotiated(server.path);
    const addr = { type: 'inet', host: '127.0.0.1', port: '0' };
    const { directory } = await certificates();
    const dirs = { fifo: `${server.directory}/fifo`, endless: `${server.directory}/endless` };
    for (const dir of Object.values(dirs)) mkdirSync(dir);
    execFileSync('mkfifo', [`${dirs.fifo}/ca-cert.pem`, `${server.directory}/secret`]);
    symlinkSync('/dev/zero', `${dirs.endless}/ca-cert.pem`);
    for (const [id, dir] of Object.entries(dirs)) {
      await admin.execute('object-add', { 'qom-type': 'tls-creds-x509', id, dir, endpoint: 'server' });
      const wanted = { 'qom-type': 'qmp-server', id: 'x', addr, 'tls-creds': id };
      const reply = await admin.execute('object-add', wanted);
      const text = `Unable to access credentials ${dir}/ca-cert.pem: it is not a regular file`;
      assert.equal(reply?.error?.desc, text);
    }
    const secret = { 'qom-type': 'secret', id: 'word', file: `${server.directory}/secret` };
    await admin.execute('object-add', secret);
    const locked = { 'qom-type': 'tls-creds-x509', id: 'locked', dir: directory, passwordid: 'word' };
    await admin.execute('object-add', { ...locked, endpoint: 'server' });
    const reply = await admin.execute('object-add', {
      ...{ 'qom-type': 'qmp-server', id: 'x', addr, 'tls-creds': 'locked' },
    });
    assert.equal(reply?.error?.desc, `Unable to read ${server.directory}/secret: it is not a regular file`);
    admin.close();
  });
});
