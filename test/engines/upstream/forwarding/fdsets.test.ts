// fdsets of several clients of one machine: each its own, also inside QEMU, where any monitor may use any of them.

import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { native } from '../../../../src/transports/unix/native.ts';
import { FdClient } from '../../../kit/clients/fd-client.ts';
import { isAmong } from '../../../kit/qemu/installed.ts';
import { binaries, tcg } from '../../../kit/qemu/rig.ts';
import { startTestServer, type TestServer } from '../../../kit/server/test-server.ts';

const skip = native === undefined ? 'needs the native addon' : false;

interface Scene extends AsyncDisposable {
  readonly server: TestServer;
  readonly one: FdClient;
  readonly two: FdClient;
  /** Adds an open file of that name to a set, and gives the set's number. */
  add(client: FdClient, file: string, id?: number): Promise<number>;
  /** The files of the test that QEMU has open, by their names. */
  files(): Promise<string[]>;
}

async function scene(binary: string): Promise<Scene> {
  const server = await startTestServer({ qemuBinary: binary });
  const one = await FdClient.negotiated(server.path);
  const two = await FdClient.negotiated(server.path);
  await one.ask('machine-set', { machine: { type: 'pc' }, ...tcg });
  return {
    server,
    one,
    two,
    add: async (client, name, id) => {
      const file = path.join(server.directory, name);
      writeFileSync(file, Buffer.alloc(65536));
      const fd = openSync(file, 'r+');
      const added = await client.askWith([fd], 'add-fd', id === undefined ? {} : { 'fdset-id': id });
      closeSync(fd);
      return added['fdset-id'];
    },
    files: async () => {
      const qemu = await two.ask('query-machine');
      const links = readdirSync(`/proc/${qemu.pid}/fd`).map((fd) => {
        try {
          return readlinkSync(`/proc/${qemu.pid}/fd/${fd}`);
        } catch {
          return '';
        }
      });
      const own = links.filter((link) => path.dirname(link) === server.directory);
      return own.map((link) => path.basename(link)).sort();
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function node(name: string, id: number): object {
  return { driver: 'file', 'node-name': name, filename: `/dev/fdset/${id}` };
}

for (const qemu of binaries) {
  const { label, path: binary } = qemu;
  /** Has the descriptors of a set that was removed, until the guest runs. */
  const keepsRemovedSets = isAmong({ before: [8, 0] }, qemu);
  describe(label, { skip }, () => {
    test('nobody can use the set of another session, before creation or after', async () => {
      await using s = await scene(binary);
      const unknown = /^Failed to find fdset \/dev\/fdset\/3$/;
      await s.add(s.one, 'image', 3);
      assert.match(await s.two.refusal('blockdev-add', node('n', 3)), unknown);
      assert.match(await s.two.refusal('machine-set', { smbios: [{ file: '/dev/fdset/3' }] }), unknown);
      await s.one.ask('blockdev-add', node('n', 3));
      await s.one.ask('x-exit-preconfig');
      assert.match(await s.two.refusal('blockdev-add', node('m', 3)), unknown);
      assert.match(
        await s.two.refusal('blockdev-add', { ...node('m', 3), filename: '/dev/fdset/+03' }),
        unknown,
      );
      const line = { 'command-line': 'drive_add 0 if=none,file=/dev/fdset/3' };
      assert.match(await s.two.refusal('human-monitor-command', line), unknown);
      await s.one.ask('blockdev-add', node('o', 3));
      // What nobody made here is QEMU's to judge.
      assert.match(await s.two.refusal('blockdev-add', node('m', 4)), /\/dev\/fdset\/4/);
    });

    for (const made of ['declared', 'added'] as const) {
      test(`the set that a ${made} node came from goes with its session, and its number can mean another file`, async () => {
        await using s = await scene(binary);
        const first = await s.add(s.one, 'first');
        assert.equal(first, 0);
        if (made === 'declared') await s.one.ask('blockdev-add', node('n', 0));
        await s.one.ask('x-exit-preconfig');
        if (made === 'added') await s.one.ask('blockdev-add', node('n', 0));
        s.one.close();
        await s.two.event('SESSION_CLOSED');
        await s.two.ask('cont');
        await s.two.ask('blockdev-del', { 'node-name': 'n' });
        const second = await s.add(s.two, 'second');
        assert.equal(second, keepsRemovedSets ? 1 : 0);
        await s.two.ask('blockdev-add', node('m', second));
        const files = await s.files();
        assert.deepEqual(
          [...new Set(files)].filter((name) => name !== 'first' || !keepsRemovedSets),
          ['second'],
        );
      });
    }

    test('a descriptor that is taken out of a set is not found in it any more', async () => {
      await using s = await scene(binary);
      await s.one.ask('x-exit-preconfig');
      await s.one.ask('cont');
      await s.add(s.one, 'first', 7);
      await s.one.ask('blockdev-add', node('n', 7));
      await s.one.ask('blockdev-del', { 'node-name': 'n' });
      const [set] = await s.one.ask('query-fdsets');
      await s.add(s.one, 'second', 7);
      await s.one.ask('remove-fd', { 'fdset-id': 7, fd: set.fds[0].fd });
      await s.one.ask('blockdev-add', node('n', 7));
      assert.deepEqual([...new Set(await s.files())], ['second']);
    });
  });
}
