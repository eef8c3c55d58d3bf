// What goes wrong around a real QEMU: accelerators that are not there, images that somebody else has, guests that move.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import type { JsonObject } from '../../../src/json/value.ts';
import type { Declaration } from '../../../src/machine/engine.ts';
import type { Instance } from '../../../src/machine/instance.ts';
import { ownFd } from '../../../src/transports/unix/owned-fd.ts';
import { binaries, forward, rig, tcg, value } from '../../kit/qemu/rig.ts';

async function status(machine: Instance): Promise<string> {
  return ((await value(machine, 'query-status')) as { status: string }).status;
}

async function migrated(machine: Instance): Promise<string> {
  for (;;) {
    const { status: state } = (await value(machine, 'query-migrate')) as { status?: string };
    if (state === 'completed' || state === 'failed') return state;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The guest has arrived; machines are made stopped (-S), so it waits for `cont`. */
async function arrived(machine: Instance): Promise<void> {
  while ((await status(machine)) === 'inmigrate') await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(await status(machine), 'paused');
  await value(machine, 'cont');
  assert.equal(await status(machine), 'running');
}

const guest: JsonObject = { ...tcg, machine: { type: 'pc' }, memory: { size: 16777216 } };

for (const { label, path: binary } of binaries) {
  describe(label, () => {
    test('an accelerator that is not there is an error, and the next one of the list is taken', async () => {
      await using r = rig(binary);
      await assert.rejects(r.create({ accel: [{ type: 'hvf' }] }), /hvf/);
      const machine = await r.create({ accel: [{ type: 'hvf' }, { type: 'tcg' }] });
      assert.deepEqual(await value(machine, 'query-kvm'), { enabled: false, present: true });
    });

    test('a machine type of another architecture is refused in the words of QEMU', async () => {
      await using r = rig(binary);
      await assert.rejects(r.create({ ...tcg, machine: { type: 'virt' } }), /unsupported machine type/);
      assert.deepEqual(await r.leftovers(), []);
    });

    test('an image that another machine has is refused in the words of QEMU', async () => {
      await using first = rig(binary);
      await using second = rig(binary);
      const image = path.join(first.directory, 'disk');
      writeFileSync(image, Buffer.alloc(1024 * 1024));
      const file: Declaration = {
        kind: 'blockdev',
        id: 'f',
        arguments: { driver: 'file', 'node-name': 'f', filename: image },
      };
      const disk: Declaration = {
        kind: 'device',
        id: 'd',
        arguments: { driver: 'virtio-blk-pci', id: 'd', drive: 'f' },
      };
      await first.create(guest, [file, disk]);
      await assert.rejects(second.create(guest, [file, disk]), /Failed to get "write" lock/);
      assert.deepEqual(await second.leftovers(), []);
    });

    test('a running guest moves to another machine over a socket', async () => {
      await using from = rig(binary);
      await using to = rig(binary);
      const uri = `unix:${path.join(from.directory, 'migration')}`;
      const source = await from.create(guest);
      const target = await to.create({ ...guest, incoming: 'defer' });
      assert.equal(await status(target), 'inmigrate');
      await value(source, 'cont');
      await value(target, 'migrate-incoming', { uri });
      await value(source, 'migrate', { uri });
      assert.equal(await migrated(source), 'completed');
      assert.equal(await status(source), 'postmigrate');
      await arrived(target);
      assert.equal(to.host.runStates.at(-1), 'running');
    });

    test('a running guest moves through a pipe whose ends the clients gave', async () => {
      await using from = rig(binary);
      await using to = rig(binary);
      const pipe = path.join(from.directory, 'pipe');
      assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
      // Opened for both directions first, so that neither end waits for the other.
      const both = ownFd(openSync(pipe, 'r+'));
      const [read, write] = [ownFd(openSync(pipe, 'r')), ownFd(openSync(pipe, 'w'))];
      both.close();
      const source = await from.create(guest);
      const target = await to.create({ ...guest, incoming: 'defer' });
      await value(source, 'cont');
      const uri = { uri: 'fd:stream' };
      const incoming = await forward(target, 'migrate-incoming', uri, { fds: new Map([['stream', read]]) });
      assert.equal(incoming.kind, 'return', String(incoming.text));
      const outgoing = await forward(source, 'migrate', uri, { fds: new Map([['stream', write]]) });
      assert.equal(outgoing.kind, 'return', String(outgoing.text));
      await arrived(target);
    });
  });
}
