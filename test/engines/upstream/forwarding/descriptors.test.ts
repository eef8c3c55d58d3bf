// Descriptors of clients on their way into real QEMU: every kind of consumer that this system can serve, and what
// remains in QEMU's own table of open files.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readCommand } from '../../../../src/commands/read-command.ts';
import type { JsonObject } from '../../../../src/json/value.ts';
import type { ForwardReply, Instance } from '../../../../src/machine/instance.ts';
import { fdsetNumbers } from '../../../../src/qmp/fds/fdsets.ts';
import { duplicateFd, ownFd } from '../../../../src/transports/unix/owned-fd.ts';
import type { OwnedFd } from '../../../../src/util/owned-fd.ts';
import { isAmong } from '../../../kit/qemu/installed.ts';
import { binaries, forward, forwarded, rig, tcg, value } from '../../../kit/qemu/rig.ts';

let directory = '';
before(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'qmpd-fds-'));
});
after(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, flags: string): OwnedFd {
  return ownFd(openSync(path.join(directory, name), flags));
}

/** A connected stream socket whose other end is kept, or a listening one. */
async function socket(kind: 'connected' | 'listening'): Promise<{ fd: OwnedFd; close: () => void }> {
  const server = net.createServer((peer) => peer.on('error', () => undefined));
  const name = path.join(directory, `s${Math.random()}`);
  await new Promise<void>((resolve) => server.listen(name, resolve));
  if (kind === 'listening') return { fd: duplicateFd(handleFd(server)), close: () => server.close() };
  const client = net.connect(name);
  await new Promise((resolve) => client.once('connect', resolve));
  client.pause();
  return {
    fd: duplicateFd(handleFd(client)),
    close: () => {
      client.destroy();
      server.close();
    },
  };
}

function handleFd(owner: object): number {
  const { _handle: handle } = owner as { _handle: { fd: number } };
  return handle.fd;
}

/** Open files of a process, without those that come and go. */
function openFiles(pid: number | undefined): string[] {
  return readdirSync(`/proc/${pid}/fd`)
    .map((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`);
      } catch {
        return 'gone';
      }
    })
    .sort();
}

/** Waits until QEMU has as many files open as before: descriptors are closed after the answer. */
async function settled(machine: Instance, count: number): Promise<void> {
  for (let tries = 0; tries < 50; tries += 1) {
    await value(machine, 'query-memdev');
    if (openFiles(machine.status().pid).length <= count) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail(`QEMU has more open files than before:\n${openFiles(machine.status().pid).join('\n')}`);
}

async function give(
  machine: Instance,
  command: string,
  args: JsonObject,
  fds: Record<string, OwnedFd>,
): Promise<ForwardReply> {
  assert.deepEqual([...namesIn(command, args)].sort(), Object.keys(fds).sort());
  return await forward(machine, command, args, { fds: new Map(Object.entries(fds)) });
}

function namesIn(command: string, args: JsonObject): string[] {
  return readCommand(command, args).uses.flatMap((use) => use.names);
}

test('every place that names a descriptor is found, wherever it is', () => {
  const found: [string, JsonObject, string[]][] = [
    ['add_client', { protocol: 'vnc', fdname: 'a' }, ['a']],
    ['netdev_add', { type: 'tap', id: 'n', fd: 'a', vhostfd: 'b' }, ['a', 'b']],
    ['netdev_add', { type: 'tap', id: 'n', fds: 'a:b:c', vhostfds: 'd:e:f' }, ['a', 'b', 'c', 'd', 'e', 'f']],
    ['netdev_add', { type: 'dgram', id: 'n', local: { type: 'fd', str: 'a' } }, ['a']],
    ['netdev_add', { type: 'stream', id: 'n', addr: { type: 'fd', str: 'a' } }, ['a']],
    ['netdev_add', { type: 'af-xdp', id: 'n', 'sock-fds': 'a:b' }, ['a', 'b']],
    ['migrate', { uri: 'fd:a' }, ['a']],
    ['migrate', { uri: 'tcp:localhost:4444' }, []],
    [
      'migrate',
      { channels: [{ 'channel-type': 'main', addr: { transport: 'socket', type: 'fd', str: 'a' } }] },
      ['a'],
    ],
    ['migrate-incoming', { uri: 'fd:a' }, ['a']],
    ['dump-guest-memory', { paging: false, protocol: 'fd:a' }, ['a']],
    ['dump-guest-memory', { paging: false, protocol: 'file:/x' }, []],
    [
      'chardev-add',
      { id: 'c', backend: { type: 'socket', data: { addr: { type: 'fd', data: { str: 'a' } } } } },
      ['a'],
    ],
    ['nbd-server-start', { addr: { type: 'fd', data: { str: 'a' } } }, ['a']],
    ['blockdev-add', { driver: 'nbd', server: { type: 'fd', str: 'a' } }, ['a']],
    ['block-export-add', { type: 'vhost-user-blk', addr: { type: 'fd', str: 'a' } }, ['a']],
    ['display-update', { type: 'vnc', addresses: [{ type: 'fd', str: 'a' }] }, ['a']],
    ['device_add', { driver: 'vhost-vsock-pci', vhostfd: 'a' }, ['a']],
    ['device_add', { driver: 'virtio-net-pci', 'ebpf-rss-fds': ['a', 'b'] }, ['a', 'b']],
    ['object-add', { 'qom-type': 'iommufd', id: 'i', fd: 'a' }, ['a']],
    ['object-add', { 'qom-type': 'x-vfio-user-server', socket: { type: 'fd', str: 'a' } }, ['a']],
    ['query-status', {}, []],
  ];
  for (const [command, args, expected] of found) assert.deepEqual(namesIn(command, args), expected, command);
});

test('a raw number where a name is meant is refused', () => {
  const uses = (): unknown => readCommand('netdev_add', { type: 'tap', id: 'n', fd: '3' });
  assert.throws(uses, /'fd' of netdev_add is the number '3'.*give the name/);
});

test('fdsets are found in file names of any form', () => {
  const args = {
    driver: 'qcow2',
    file: { driver: 'file', filename: '/dev/fdset/7' },
    other: ['file:/dev/fdset/12', '/dev/fdset/007', '/dev/fdset/ +8'],
    json: 'json:{"driver": "file", "filename": "\\/dev\\/fdset\\/9"}',
  };
  assert.deepEqual(fdsetNumbers(args), ['7', '12', '8', '9']);
});

for (const qemu of binaries) {
  const { label, path: binary } = qemu;
  describe(label, () => {
    test('consumers take the descriptor under a name of its own, and what is not taken is closed', async () => {
      await using r = rig(binary);
      const machine = await r.create({ ...tcg, memory: { size: 16777216 } });
      const files = openFiles(machine.status().pid).length;

      const dumped = await give(
        machine,
        'dump-guest-memory',
        { paging: false, protocol: 'fd:out' },
        { out: file('dump', 'w') },
      );
      assert.equal(dumped.kind, 'return', String(dumped.text));
      assert.ok(statSync(path.join(directory, 'dump')).size > 16777216);

      const refused = await give(
        machine,
        'netdev_add',
        { type: 'nonsense', id: 'n', fd: 'x' },
        { x: file('unused', 'w') },
      );
      assert.equal(refused.kind, 'error');
      await settled(machine, files);

      const used = await socket('connected');
      const backend = { type: 'socket', data: { addr: { type: 'fd', data: { str: 's' } }, server: false } };
      const chardev = await give(machine, 'chardev-add', { id: 'c', backend }, { s: used.fd });
      assert.equal(chardev.kind, 'return', String(chardev.text));
      await value(machine, 'chardev-remove', { id: 'c' });
      used.close();
      await settled(machine, files);
    });

    test('sockets go into network backends', async () => {
      await using r = rig(binary);
      const machine = await r.create(tcg);
      const files = openFiles(machine.status().pid).length;
      const plain = await socket('connected');
      const netdev = await give(machine, 'netdev_add', { type: 'socket', id: 'n', fd: 's' }, { s: plain.fd });
      assert.equal(netdev.kind, 'return', String(netdev.text));
      const stream = await socket('connected');
      const addr = { type: 'fd', str: 's' };
      const streamed = await give(
        machine,
        'netdev_add',
        { type: 'stream', id: 'm', addr, server: false },
        { s: stream.fd },
      );
      assert.equal(streamed.kind, 'return', String(streamed.text));
      for (const id of ['n', 'm']) await value(machine, 'netdev_del', { id });
      for (const one of [plain, stream]) one.close();
      await settled(machine, files);
    });

    test('a socket goes into a block server', async () => {
      await using r = rig(binary);
      const machine = await r.create(tcg);
      const files = openFiles(machine.status().pid).length;
      const listening = await socket('listening');
      const legacy = { type: 'fd', data: { str: 's' } };
      const nbd = await give(machine, 'nbd-server-start', { addr: legacy }, { s: listening.fd });
      assert.equal(nbd.kind, 'return', String(nbd.text));
      await value(machine, 'nbd-server-stop');
      listening.close();
      await settled(machine, files);
    });

    test('a migration goes into a descriptor', async () => {
      await using r = rig(binary);
      const machine = await r.create({ ...tcg, memory: { size: 16777216 } });
      // Through a FIFO: QEMU 11.1 no longer takes a file's own descriptor.
      const fifo = path.join(mkdtempSync(path.join(directory, 'migration-')), 'fifo');
      execFileSync('mkfifo', [fifo]);
      const reader = spawn('cp', [fifo, `${fifo}-copy`], { stdio: 'inherit' });
      const copied = once(reader, 'exit');
      const reply = await give(machine, 'migrate', { uri: 'fd:out' }, { out: ownFd(openSync(fifo, 'w')) });
      assert.equal(reply.kind, 'return', String(reply.text));
      let status = '';
      while (status !== 'completed' && status !== 'failed') {
        ({ status } = (await value(machine, 'query-migrate')) as { status: string });
      }
      assert.equal(status, 'completed');
      await copied;
      assert.ok(statSync(`${fifo}-copy`).size > 0);
    });

    test('an fdset is made in QEMU when a file names it, and removed there with ours', async () => {
      await using r = rig(binary);
      const machine = await r.create(tcg);
      const files = openFiles(machine.status().pid).length;
      const image = file('image', 'w+');
      const args = { driver: 'file', 'node-name': 'f', filename: '/dev/fdset/3' };
      assert.deepEqual(fdsetNumbers(args), ['3']);
      const fdsets = new Map([['3', [image.fd]]]);
      const added = await forward(machine, 'blockdev-add', args, { fdsets });
      assert.equal(added.kind, 'return', String(added.text));
      forwarded(machine).fdsetRemoved('3');
      await value(machine, 'blockdev-del', { 'node-name': 'f' });
      image.close();
      // QEMU 7.2 keeps the descriptors of a removed set until the guest runs.
      await value(machine, 'cont');
      if (isAmong({ from: [8, 0] }, qemu)) await settled(machine, files);
    });

    test('descriptors that declarations name are inherited', async () => {
      await using r = rig(binary);
      const one = await socket('connected');
      const log = file('log', 'w');
      const backend = { type: 'socket', data: { addr: { type: 'fd', data: { str: 's' } }, server: false } };
      const image = file('declared', 'w+');
      r.host.fdsets.set('5', [image.fd, log.fd]);
      const machine = await r.create(tcg, [
        { kind: 'chardev', id: 'c', arguments: { id: 'c', backend }, fds: new Map([['s', one.fd]]) },
        {
          kind: 'chardev',
          id: 'd',
          arguments: { id: 'd', backend: { type: 'null', data: { logfile: '/dev/fdset/5' } } },
        },
        {
          kind: 'blockdev',
          id: 'f',
          arguments: { driver: 'file', 'node-name': 'f', filename: '/dev/fdset/5' },
        },
      ]);
      const nodes = await value(machine, 'query-named-block-nodes');
      assert.match(JSON.stringify(nodes), /fdset\/5/);
      await machine.end();
      for (const fd of [one.fd, log, image]) fd.close();
      one.close();
    });
  });
}

test('a declared descriptor that is not there is named', async () => {
  const [first] = binaries;
  await using r = rig(first?.path ?? '');
  const args = { type: 'socket', id: 'n', fd: 'missing' };
  const made = r.create(tcg, [{ kind: 'netdev', id: 'n', arguments: args }]);
  await assert.rejects(made, /netdev 'n' names the descriptor 'missing', which has not been found/);
  closeSync(openSync('/dev/null', 'r'));
});
