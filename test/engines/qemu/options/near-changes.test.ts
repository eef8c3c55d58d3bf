// The commands that docs/options.md names where an option as such cannot change: they are there, and do what they are
// named for, in a machine that exists.

import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { qemuOptions } from '../../../../src/cli/translate/qemu-options.ts';
import { connect, type QmpClient } from '../../../../src/client/index.ts';
import { optionTable } from '../../../../src/engines/qemu/options/index.ts';
import { qemuBinaries } from '../../../kit/qemu/qemu-under-test.ts';
import { startTestServer, type TestServer } from '../../../kit/server/test-server.ts';

const mebibyte = 1_048_576;

for (const binary of qemuBinaries) {
  describe(`a machine in QEMU ${binary.major}.${binary.minor}`, () => {
    let server: TestServer;
    let client: QmpClient;
    // biome-ignore lint/suspicious/noExplicitAny: tests look into what they expect
    const run = async (command: string, args?: object): Promise<any> =>
      await client.executeAny(command, args);
    const monitor = (line: string): Promise<string> =>
      run('human-monitor-command', { 'command-line': line }) as Promise<string>;

    before(async () => {
      server = await startTestServer({ qemuBinary: binary.path });
      client = await connect(server.path);
      writeFileSync(path.join(server.directory, 'disk.img'), Buffer.alloc(65_536));
      await run('chardev-add', { id: 's0', backend: { type: 'ringbuf', data: {} } });
      await run('object-add', { 'qom-type': 'iothread', id: 'io0' });
      await run('object-add', { 'qom-type': 'throttle-group', id: 'tg0' });
      await run('device_add', { driver: 'virtio-balloon-pci', id: 'balloon0' });
      await run('machine-set', {
        engine: 'qemu',
        machine: { type: 'pc' },
        accel: [{ type: 'tcg' }],
        memory: { size: 64 * mebibyte, slots: 2, 'max-size': 512 * mebibyte },
        serial: ['s0'],
        vnc: { addr: { type: 'unix', path: path.join(server.directory, 'vnc') }, password: true },
      });
      await run('x-exit-preconfig');
    });

    after(async () => {
      await client.close();
      await server[Symbol.asyncDispose]();
    });

    test('has every command that the tables name', async () => {
      const names = new Set((await run('query-commands')).map(({ name }: { name: string }) => name));
      const named = [
        ...optionTable.flatMap(({ change }) => change.commands),
        ...qemuOptions.flatMap(({ commands = [] }) => commands),
      ];
      const newer = binary.major < 8 ? ['query-audiodevs'] : [];
      assert.deepEqual(
        named.filter((name) => !names.has(name) && !newer.includes(name)),
        [],
      );
    });

    test('serial: chardev-change connects the port to something else', async () => {
      const socket = path.join(server.directory, 'serial');
      const addr = { type: 'unix', data: { path: socket } };
      const data = { addr, server: true, wait: false };
      await run('chardev-change', { id: 's0', backend: { type: 'socket', data } });
      assert(existsSync(socket));
      const chardevs: { label: string; 'frontend-open': boolean }[] = await run('query-chardev');
      assert.equal(chardevs.find(({ label }) => label === 's0')?.['frontend-open'], true);
    });

    test('nic: cards and backends are added, and their link taken away', async () => {
      await run('netdev_add', { type: 'user', id: 'n1' });
      await run('device_add', { driver: 'virtio-net-pci', id: 'card1', netdev: 'n1' });
      assert.match(await monitor('info network'), /card1: /);
      await run('set_link', { name: 'card1', up: false });
      await assert.rejects(run('set_link', { name: 'no-card', up: false }), /no-card/);
    });

    test('hda and the like: disks are added, their limits set, and their place in the order of booting', async () => {
      const filename = path.join(server.directory, 'disk.img');
      await run('blockdev-add', {
        driver: 'throttle',
        'node-name': 'disk',
        'throttle-group': 'tg0',
        file: { driver: 'file', filename },
      });
      await run('device_add', { driver: 'virtio-blk-pci', id: 'disk0', drive: 'disk', iothread: 'io0' });
      await run('qom-set', { path: '/objects/tg0', property: 'limits', value: { 'iops-total': 100 } });
      const limits = await run('qom-get', { path: '/objects/tg0', property: 'limits' });
      assert.equal(limits['iops-total'], 100);
      await run('qom-set', { path: '/objects/io0', property: 'poll-max-ns', value: 1000 });
      assert.equal((await run('query-iothreads'))[0]['poll-max-ns'], 1000);
      await run('qom-set', { path: 'disk0', property: 'bootindex', value: 3 });
      assert.equal(await run('qom-get', { path: 'disk0', property: 'bootindex' }), 3);
    });

    test('memory: virtio-mem grows and shrinks, and the balloon is told', async () => {
      await run('object-add', { 'qom-type': 'memory-backend-ram', id: 'ram1', size: 128 * mebibyte });
      await run('device_add', { driver: 'virtio-mem-pci', id: 'mem1', memdev: 'ram1' });
      const property = { path: 'mem1', property: 'requested-size' };
      for (const value of [64 * mebibyte, 32 * mebibyte]) {
        await run('qom-set', { ...property, value });
        assert.equal(await run('qom-get', property), value);
      }
      await run('balloon', { value: 32 * mebibyte });
      assert.equal((await run('query-balloon')).actual, 64 * mebibyte);
    });

    test('usb: a controller is plugged, and devices into it', async () => {
      await run('device_add', { driver: 'qemu-xhci', id: 'usb0' });
      await run('device_add', { driver: 'usb-tablet', bus: 'usb0.0' });
      assert.match(await monitor('info usb'), /QEMU USB Tablet/);
    });

    test('vnc: its password is set and expires', async () => {
      await run('set_password', { protocol: 'vnc', password: 'secret' });
      await run('change-vnc-password', { password: 'other' });
      await run('expire_password', { protocol: 'vnc', time: '+60' });
    });

    test('autostart and display: it is continued and stopped, and tells what it shows', async () => {
      await run('cont');
      await run('stop');
      assert.equal((await run('query-status')).status, 'paused');
      assert.equal((await run('query-display-options')).type, 'none');
      assert.deepEqual(await run('query-tpm'), []);
    });

    test('migration: parameters are set at any time', async () => {
      await run('migrate-set-parameters', { 'max-bandwidth': 12_345 });
      assert.equal((await run('query-migrate-parameters'))['max-bandwidth'], 12_345);
    });
  });

  test(`a Q35 of QEMU ${binary.major} has cards plugged into the ports that were declared for them`, async () => {
    await using server = await startTestServer({ qemuBinary: binary.path });
    await using client = await connect(server.path);
    await client.executeAny('device_add', { driver: 'pcie-root-port', id: 'port0', chassis: 1 });
    await client.executeAny('netdev_add', { type: 'user', id: 'n0' });
    await client.executeAny('machine-set', {
      engine: 'qemu',
      machine: { type: 'q35' },
      accel: [{ type: 'tcg' }],
    });
    await client.execute('x-exit-preconfig');
    const set = async (nic: object[]): Promise<string | undefined> => {
      const [result] = await client.execute('machine-set', { nic });
      return result?.result;
    };
    assert.equal(await set([{ netdev: 'n0' }, {}]), 'needs-restart');
    assert.equal(await set([{ netdev: 'n0' }]), 'applied');
    const tree = await client.executeAny('human-monitor-command', { 'command-line': 'info qtree' });
    assert.match(String(tree), /dev: e1000e, id "qmpd-nic-0"/);
    assert.equal(await set([{ netdev: 'n0' }, {}]), 'needs-restart');
    assert.equal(await set([]), 'needs-reset');
  });
}
