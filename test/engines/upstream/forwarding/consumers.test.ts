// Descriptors of a client, through qmpd, into the consumers of a real QEMU that this system can serve; each has to work
// there, and in the end nothing of it may be open in QEMU. What cannot be served is in docs/qemu-engine.md.

import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { native } from '../../../../src/transports/unix/native.ts';
import { listenUnix } from '../../../../src/transports/unix/unix.ts';
import type { OwnedFd } from '../../../../src/util/owned-fd.ts';
import { FdClient } from '../../../kit/clients/fd-client.ts';
import { type InstalledQemu, isAmong } from '../../../kit/qemu/installed.ts';
import { binaries, tcg } from '../../../kit/qemu/rig.ts';
import { startTestServer, type TestServer } from '../../../kit/server/test-server.ts';

const skip = native === undefined ? 'needs the native addon' : false;

interface Scene {
  readonly client: FdClient;
  readonly directory: string;
  readonly qemu: InstalledQemu;
}

/** A stream socket: one end as a descriptor to be given away, the other as Node's. */
interface Pair {
  readonly fd: number;
  readonly peer: net.Socket;
}

let pairs = 0;

async function socketPair(directory: string, given: 'client' | 'server' = 'client'): Promise<Pair> {
  pairs += 1;
  const where = path.join(directory, `pair${pairs}`);
  const server = net.createServer({ pauseOnConnect: true });
  await new Promise<void>((resolve) => server.listen(where, resolve));
  const accepted = once(server, 'connection') as Promise<[net.Socket]>;
  const client = net.connect(where).pause();
  const [other] = await accepted;
  server.close();
  const [give, peer] = given === 'client' ? [client, other] : [other, client];
  peer.on('error', () => undefined);
  give.on('error', () => undefined);
  return { fd: handleFd(give), peer };
}

/** The descriptor of a socket of Node's; it is the socket's, and what is sent is a copy. */
function handleFd(owner: object): number {
  const { _handle: handle } = owner as { _handle: { fd: number } };
  return handle.fd;
}

/** Names the descriptor, and lets go of it here. */
async function name(client: FdClient, fd: number, fdname = 'it'): Promise<void> {
  await client.askWith([fd], 'getfd', { fdname });
}

async function firstBytes(peer: net.Socket): Promise<string> {
  const [data] = (await once(peer.resume(), 'data')) as [Buffer];
  return data.toString('latin1');
}

async function withFile(
  flags: string,
  scene: Scene,
  work: (fd: number, file: string) => Promise<void>,
): Promise<void> {
  const file = path.join(scene.directory, `file${Math.random()}`);
  const fd = openSync(file, flags);
  await work(fd, file);
  closeSync(fd);
}

/** Puts a new file into a fdset of the number 20, and takes it out again after the work. */
async function withFdset(scene: Scene, work: (file: string) => Promise<void>): Promise<void> {
  await withFile('w', scene, async (fd, file) => {
    await scene.client.askWith([fd], 'add-fd', { 'fdset-id': 20 });
    await work(file);
    await scene.client.ask('remove-fd', { 'fdset-id': 20 });
  });
}

interface Consumer {
  readonly what: string;
  /** Resolves when it has worked and is gone; gives a reason when this system or QEMU has no such thing. */
  run(scene: Scene): Promise<string | undefined>;
}

const consumers: readonly Consumer[] = [
  {
    what: 'a socket, into a VNC server as its client',
    run: async ({ client, directory }) => {
      const { fd, peer } = await socketPair(directory);
      await name(client, fd);
      await client.ask('add_client', { protocol: 'vnc', fdname: 'it' });
      assert.match(await firstBytes(peer), /^RFB 003/);
      peer.destroy();
      return undefined;
    },
  },
  {
    what: 'a socket, into a socket chardev as its peer',
    run: async ({ client, directory }) => {
      const listen = { type: 'unix', data: { path: path.join(directory, 'chardev') } };
      const data = { addr: listen, server: true, wait: false };
      await client.ask('chardev-add', { id: 'c', backend: { type: 'socket', data } });
      const { fd, peer } = await socketPair(directory);
      await name(client, fd);
      await client.ask('add_client', { protocol: 'c', fdname: 'it' });
      const chardevs: { label: string; filename: string }[] = await client.ask('query-chardev');
      assert.match(chardevs.find(({ label }) => label === 'c')?.filename ?? '', /^unix:/);
      await client.ask('chardev-remove', { id: 'c' });
      peer.destroy();
      return undefined;
    },
  },
  {
    what: 'a tap device, into a network backend',
    run: async ({ client, directory }) => {
      const tap = await tapDevice(directory);
      if (typeof tap === 'string') return tap;
      await name(client, tap.fd);
      tap.close();
      await client.ask('netdev_add', { type: 'tap', id: 'n', fd: 'it' });
      assert.match(
        await client.ask('human-monitor-command', { 'command-line': 'info network' }),
        /n: .*type=tap/,
      );
      await client.ask('netdev_del', { id: 'n' });
      return undefined;
    },
  },
  {
    what: 'a datagram socket, into a network backend',
    run: async ({ client }) => {
      const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1');
      await once(socket, 'listening');
      const local = { type: 'fd', str: 'it' };
      const { fd } = (socket as unknown as { _handle: { fd: number } })._handle;
      await name(client, fd);
      await client.ask('netdev_add', { type: 'dgram', id: 'd', local });
      await client.ask('netdev_del', { id: 'd' });
      socket.close();
      return undefined;
    },
  },
  {
    what: 'a socket with a vhost-user network peer, into a chardev of a vhost-user backend',
    run: async ({ client, directory }) => {
      const { fd, peer } = await socketPair(directory);
      const asked = vhostUserPeer(peer);
      // One of type fd is refused here: QEMU takes it for one that cannot pass descriptors.
      const addr = { type: 'unix', data: { path: path.join(directory, 'vhost') } };
      const data = { addr, server: true, wait: false };
      await client.ask('chardev-add', { id: 'v', backend: { type: 'socket', data } });
      await name(client, fd);
      await client.ask('add_client', { protocol: 'v', fdname: 'it' });
      await client.ask('netdev_add', { type: 'vhost-user', id: 'vn', chardev: 'v' });
      assert.ok(asked.includes(getFeatures));
      // The chardev goes with it.
      await client.ask('netdev_del', { id: 'vn' });
      peer.destroy();
      return undefined;
    },
  },
  {
    what: 'a listening socket, into a vhost-user block export',
    run: async ({ client, directory }) => {
      const where = path.join(directory, 'export');
      const server = net.createServer();
      await new Promise<void>((resolve) => server.listen(where, resolve));
      await name(client, handleFd(server));
      await client.ask('blockdev-add', { driver: 'null-co', 'node-name': 'e', size: 65536 });
      const addr = { type: 'fd', str: 'it' };
      await client.ask('block-export-add', { type: 'vhost-user-blk', id: 'x', 'node-name': 'e', addr });
      // Node would take the connection itself while its own copy of the socket is open.
      await new Promise((resolve) => server.close(resolve));
      await client.ask('block-export-del', { id: 'x' });
      await client.event('BLOCK_EXPORT_DELETED');
      await client.ask('blockdev-del', { 'node-name': 'e' });
      return undefined;
    },
  },
  {
    what: 'a socket with a block device behind it, into a vhost-user device',
    run: async ({ client, directory }) => {
      if (spawnSync('qemu-storage-daemon', ['--version']).error !== undefined)
        return 'qemu-storage-daemon is not installed';
      const where = path.join(directory, 'storage');
      const daemon = spawn(
        'qemu-storage-daemon',
        [
          ...['--blockdev', 'null-co,node-name=disk,size=1048576'],
          ...['--export', `vhost-user-blk,id=e,node-name=disk,addr.type=unix,addr.path=${where}`],
        ],
        { stdio: 'ignore' },
      );
      const ended = once(daemon, 'exit');
      try {
        while (!existsSync(where)) await new Promise((resolve) => setTimeout(resolve, 5));
        const socket = net.connect(where).pause();
        await once(socket, 'connect');
        await name(client, handleFd(socket));
        socket.destroy();
        const data = { addr: { type: 'fd', data: { str: 'it' } }, server: false };
        await client.ask('chardev-add', { id: 'b', backend: { type: 'socket', data } });
        const device = { driver: 'vhost-user-blk-pci', id: 'vb', chardev: 'b', 'num-queues': 1 };
        await client.ask('device_add', device);
        const found = await client.ask('qom-get', { path: '/machine/peripheral/vb', property: 'type' });
        assert.equal(found, 'vhost-user-blk-pci');
        // A guest that never ran does not let go of it.
        return undefined;
      } finally {
        daemon.kill('SIGKILL');
        await ended;
      }
    },
  },
  {
    what: 'a file, into a dump of the memory by an fdset',
    run: async (scene) => {
      const protocol = 'file:/dev/fdset/20';
      await withFdset(scene, async (file) => {
        await scene.client.ask('dump-guest-memory', { paging: false, protocol });
        assert.ok(statSync(file).size > 1024 * 1024);
      });
      return undefined;
    },
  },
  {
    what: 'a file, into a picture of the screen by an fdset',
    run: async (scene) => {
      await withFdset(scene, async (file) => {
        await scene.client.ask('screendump', { filename: '/dev/fdset/20' });
        assert.ok(statSync(file).size > 0);
      });
      return undefined;
    },
  },
  {
    what: 'a file, into the output and the log of a chardev by an fdset',
    run: async (scene) => {
      await withFdset(scene, async () => {
        const out = '/dev/fdset/20';
        await scene.client.ask('chardev-add', {
          id: 'f',
          backend: { type: 'file', data: { out, append: true } },
        });
        const logged = { type: 'null', data: { logfile: out, logappend: true } };
        await scene.client.ask('chardev-add', { id: 'l', backend: logged });
        for (const id of ['f', 'l']) await scene.client.ask('chardev-remove', { id });
      });
      return undefined;
    },
  },
  {
    what: 'a file, into a migration by an fdset',
    run: async (scene) => {
      if (isAmong({ before: [8, 2] }, scene.qemu)) return 'QEMU before 8.2 has no migration into files';
      await withFdset(scene, async (file) => {
        await scene.client.ask('migrate', { uri: 'file:/dev/fdset/20' });
        for (;;) {
          const { status } = await scene.client.ask('query-migrate');
          if (status === 'completed') break;
          assert.notEqual(status, 'failed');
        }
        assert.ok(statSync(file).size > 0);
      });
      return undefined;
    },
  },
];

/** Of vhost-user (docs/interop/vhost-user.rst of QEMU): a header of three 32-bit numbers, then the payload. */
const getFeatures = 1;
const getProtocolFeatures = 15;
/** What it needs to be asked for protocol features, which it has none of. */
const protocolFeatures = 1 << 30;
const headerBytes = 12;
const answerFlags = 0x5;

/** A peer that can do nothing more than be one; the result lists the requests that it got. */
function vhostUserPeer(peer: net.Socket): number[] {
  const asked: number[] = [];
  let bytes = Buffer.alloc(0);
  peer.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= headerBytes && bytes.length >= headerBytes + bytes.readUInt32LE(8)) {
      const request = bytes.readUInt32LE(0);
      bytes = bytes.subarray(headerBytes + bytes.readUInt32LE(8));
      asked.push(request);
      if (request !== getFeatures && request !== getProtocolFeatures) continue;
      const answer = Buffer.alloc(headerBytes + 8);
      const features = request === getFeatures ? protocolFeatures : 0;
      for (const [index, value] of [request, answerFlags, 8, features].entries())
        answer.writeUInt32LE(value, index * 4);
      peer.write(answer);
    }
  });
  peer.resume();
  return asked;
}

/** A reason where there can be none. */
async function tapDevice(directory: string): Promise<OwnedFd | string> {
  const program = path.join(directory, 'tap');
  const source = new URL('../../../../../test/engines/upstream/forwarding/fixtures/tap.c', import.meta.url)
    .pathname;
  execFileSync(process.env.CC ?? 'cc', ['-O1', '-o', program, source], { stdio: 'inherit' });
  const where = path.join(directory, 'tap-socket');
  let found: OwnedFd | undefined;
  const listener = await listenUnix({ path: where }, (connection) =>
    connection.start({
      data: (_chunk, fds) => {
        [found] = fds;
      },
      end: () => connection.end(),
      drain: () => undefined,
      close: () => undefined,
    }),
  );
  const [status] = (await once(spawn(program, [where], { stdio: 'inherit' }), 'exit')) as [number];
  while (status === 0 && found === undefined) await new Promise((resolve) => setImmediate(resolve));
  await listener.close();
  return found ?? 'no tap device can be made here';
}

/** What a process has open. */
function openFiles(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return 'gone';
    }
  });
}

for (const qemu of binaries) {
  const { label, path: binary } = qemu;
  describe(label, { skip }, () => {
    let server: TestServer;
    let client: FdClient;
    let pid = 0;
    before(async () => {
      server = await startTestServer({ qemuBinary: binary });
      client = await FdClient.negotiated(server.path);
      client.checked = false;
      const vnc = { addr: { type: 'unix', path: path.join(server.directory, 'vnc') } };
      await client.ask('machine-set', { ...tcg, machine: { type: 'pc' }, vga: 'std', vnc });
      await client.ask('machine-set', { memory: { size: 67108864, backend: 'ram' } });
      const ram = { 'qom-type': 'memory-backend-memfd', id: 'ram', size: 67108864, share: true };
      await client.ask('object-add', ram);
      await client.ask('x-exit-preconfig');
      await client.ask('cont');
      ({ pid } = await client.ask('query-machine'));
    });
    after(() => server[Symbol.asyncDispose]());

    for (const { what, run } of consumers) {
      test(what, async (context) => {
        const atFirst = openFiles(pid).length;
        const reason = await run({ client, directory: server.directory, qemu });
        if (reason !== undefined) context.skip(reason);
        assert.deepEqual(await client.ask('query-fds'), []);
        if (what.includes('vhost-user device')) return;
        // Names that were not consumed are closed after the answer.
        for (let tries = 0; openFiles(pid).length > atFirst; tries += 1) {
          assert.ok(tries < 200, `more open files than before:\n${openFiles(pid).join('\n')}`);
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      });
    }
  });
}
