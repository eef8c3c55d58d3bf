// What the keys of a multiplexer do to a monitor that shares a socket with a serial port: the same bytes from qmpd and
// from QEMU.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { qemuBinaries } from '../kit/chardevs/sides.ts';
import { dial } from '../kit/clients/peer.ts';
import { RawClient } from '../kit/clients/raw-client.ts';
import { startTestServer } from '../kit/server/test-server.ts';

/** Help; the monitor in focus, which reads nonsense and a C-a; the other keys, one that means nothing, and the end. */
async function conversation(address: string): Promise<readonly string[]> {
  const peer = await dial(address);
  await peer.receiveUntil('"capabilities": ["oob"]}}\r\n');
  const help = await peer.send('\x01h').receiveUntil('sends C-a\n\r');
  const monitor = await peer.send('\x01cx\x01\x01').receiveUntil("stray '\\u0001'\"}}\r\n");
  const rest = await peer.send('\x01c\x01t\x01t\x01s\x01b\x01z\x01x').receiveToEnd();
  return [help, monitor, rest];
}

async function ofQmpd(): Promise<readonly string[]> {
  await using server = await startTestServer();
  const client = await RawClient.negotiated(server.path);
  const address = path.join(server.directory, 'mux.sock');
  const addr = { type: 'unix', data: { path: address } };
  const data = { addr, server: true, wait: false };
  await client.ask('chardev-add', { id: 's', backend: { type: 'socket', data } });
  await client.ask('chardev-add', { id: 'm', backend: { type: 'mux', data: { chardev: 's' } } });
  await client.ask('object-add', { 'qom-type': 'monitor-qmp', id: 'm0', chardev: 'm' });
  await client.ask('machine-set', { engine: 'embedded', serial: ['m'] });
  await client.ask('x-exit-preconfig');
  return await conversation(address);
}

async function ofQemu(binary: string): Promise<readonly string[]> {
  const directory = mkdtempSync(path.join(tmpdir(), 'qmpd-mux-keys-'));
  const address = path.join(directory, 'mux.sock');
  const child = spawn(
    binary,
    [
      ...['-M', 'isapc', '-accel', 'tcg', '-S', '-nodefaults', '-display', 'none'],
      ...['-chardev', `socket,id=s,path=${address},server=on,wait=off`, '-chardev', 'mux,id=m,chardev=s'],
      ...['-mon', 'chardev=m,mode=control', '-device', 'isa-serial,chardev=m'],
    ],
    { stdio: 'ignore' },
  );
  const ended = once(child, 'exit');
  try {
    while (!existsSync(address)) await new Promise((resolve) => setImmediate(resolve));
    return await conversation(address);
  } finally {
    child.kill();
    await ended;
    rmSync(directory, { recursive: true });
  }
}

const ours = ofQmpd();
ours.catch(() => undefined);

for (const binary of qemuBinaries) {
  test(`the keys of a multiplexer do the same as in ${binary}`, async () => {
    assert.deepEqual(await ours, await ofQemu(binary));
  });
}
