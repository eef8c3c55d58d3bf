// The next machine has the disks that this one had last: after snapshots, mirrors, commits and changes of media, by
// whatever command, for drives that were declared as devices and for those of the drive options.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect, type QmpClient } from '../../../../src/client/index.ts';
import { installedQemu, startTestServer, type TestServer } from '../../../kit/server/test-server.ts';

const sizeBytes = 4 * 1_048_576;

function missing(): string | false {
  if (installedQemu === undefined) return 'no QEMU is installed';
  try {
    execFileSync('qemu-img', ['--version'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'qemu-img is not installed';
  }
}

const needs = { skip: missing() };

function images(context: TestContext): (name: string) => string {
  const directory = mkdtempSync(path.join(tmpdir(), 'qmpd-disks-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return (name) => path.join(directory, `${name}.qcow2`);
}

function create(file: string): string {
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', file, String(sizeBytes)]);
  return file;
}

async function machine(client: QmpClient, options: object = {}): Promise<void> {
  await client.executeAny('machine-set', { engine: 'qemu', accel: [{ type: 'tcg' }], ...options });
}

/** Two devices with a disk each: a plain one, and one below a throttle filter. */
async function declareDisks(client: QmpClient, file: (name: string) => string): Promise<void> {
  for (const name of ['a', 'b']) {
    const inner = { driver: 'file', filename: create(file(name)) };
    await client.executeAny('blockdev-add', {
      driver: 'qcow2',
      'node-name': name,
      discard: 'unmap',
      file: inner,
    });
  }
  await client.executeAny('object-add', { 'qom-type': 'throttle-group', id: 'group' });
  await client.executeAny('blockdev-add', {
    driver: 'throttle',
    'node-name': 'slow',
    'throttle-group': 'group',
    file: 'b',
  });
  await client.executeAny('device_add', { driver: 'virtio-blk-pci', id: 'disk0', drive: 'a' });
  await client.executeAny('device_add', { driver: 'virtio-blk-pci', id: 'disk1', drive: 'slow' });
}

/** By drive, the files from the newest image to the oldest. */
async function chains(client: QmpClient): Promise<Record<string, string[]>> {
  const answer = JSON.parse(JSON.stringify(await client.executeAny('query-block'))) as {
    qdev?: string;
    device: string;
    inserted?: { image: Image };
  }[];
  return Object.fromEntries(
    answer.map(({ qdev, device, inserted }) => [
      /peripheral\/([^/]+)/.exec(qdev ?? '')?.[1] ?? (device || (qdev ?? '')),
      inserted === undefined ? [] : filesOf(inserted.image),
    ]),
  );
}

interface Image {
  readonly filename: string;
  readonly 'backing-image'?: Image;
}

function filesOf(image: Image): string[] {
  const name = /"filename": "([^"]+)"/.exec(image.filename)?.[1] ?? image.filename;
  const own = path.basename(name, '.qcow2');
  const below = image['backing-image'] === undefined ? [] : filesOf(image['backing-image']);
  // A filter shows the image that is below it.
  return below[0] === own ? below : [own, ...below];
}

async function jobEnd(client: QmpClient, job: string, action: () => Promise<unknown>): Promise<void> {
  await using events = client.eventsAny();
  await action();
  for await (const { event, data } of events) {
    const { device, id } = data as { device?: string; id?: string };
    if ((device ?? id) !== job) continue;
    if (event === 'BLOCK_JOB_READY') await client.executeAny('job-complete', { id: job });
    if (event === 'BLOCK_JOB_COMPLETED') return;
  }
}

async function withMachine(
  context: TestContext,
  use: (client: QmpClient, file: (name: string) => string, server: TestServer) => Promise<void>,
): Promise<void> {
  const file = images(context);
  await using running = await startTestServer({ qemuBinary: installedQemu });
  await using client = await connect(running.path);
  await use(client, file, running);
}

test('a live snapshot stays in the next machine', needs, (context) =>
  withMachine(context, async (client, file) => {
    await machine(client);
    await declareDisks(client, file);
    await client.execute('x-exit-preconfig');
    const snapshot = { format: 'qcow2', 'snapshot-file': file('a1'), 'node-name': 'a' };
    await client.executeAny('blockdev-snapshot-sync', { ...snapshot, 'snapshot-node-name': 'a1' });
    await client.executeAny('blockdev-snapshot-sync', {
      format: 'qcow2',
      'snapshot-file': file('b1'),
      'node-name': 'b',
      'snapshot-node-name': 'b1',
    });
    const before = await chains(client);
    assert.deepEqual(before, { disk0: ['a1', 'a'], disk1: ['b1', 'b'] });
    await client.execute('machine-restart');
    assert.deepEqual(await chains(client), before);
    // And once more, from what was written down of the second machine.
    await client.executeAny('blockdev-snapshot-sync', {
      ...snapshot,
      'node-name': 'a1',
      'snapshot-file': file('a2'),
      'snapshot-node-name': 'a2',
    });
    await client.execute('machine-restart');
    assert.deepEqual(await chains(client), { disk0: ['a2', 'a1', 'a'], disk1: ['b1', 'b'] });
  }),
);

test('snapshots by a transaction stay', needs, (context) =>
  withMachine(context, async (client, file) => {
    await machine(client);
    await declareDisks(client, file);
    await client.execute('x-exit-preconfig');
    await client.executeAny('transaction', {
      actions: ['a', 'b'].map((node) => ({
        type: 'blockdev-snapshot-sync',
        data: {
          'node-name': node,
          'snapshot-file': file(`${node}1`),
          'snapshot-node-name': `${node}1`,
          format: 'qcow2',
        },
      })),
    });
    const before = await chains(client);
    assert.deepEqual(before, { disk0: ['a1', 'a'], disk1: ['b1', 'b'] });
    await client.execute('machine-restart');
    assert.deepEqual(await chains(client), before);
  }),
);

test('an aborted transaction changes nothing', needs, (context) =>
  withMachine(context, async (client, file) => {
    await machine(client);
    await declareDisks(client, file);
    await client.execute('x-exit-preconfig');
    const snapshot = {
      'node-name': 'a',
      'snapshot-file': file('a1'),
      'snapshot-node-name': 'a1',
      format: 'qcow2',
    };
    const actions = [
      { type: 'blockdev-snapshot-sync', data: snapshot },
      { type: 'abort', data: {} },
    ];
    await assert.rejects(client.executeAny('transaction', { actions }));
    await client.execute('machine-restart');
    assert.deepEqual(await chains(client), { disk0: ['a'], disk1: ['b'] });
  }),
);

test('the target of a mirror is the disk of the next machine', needs, (context) =>
  withMachine(context, async (client, file) => {
    await machine(client);
    await declareDisks(client, file);
    await client.execute('x-exit-preconfig');
    const target = {
      driver: 'qcow2',
      'node-name': 'copy',
      file: { driver: 'file', filename: create(file('copy')) },
    };
    await client.executeAny('blockdev-add', target);
    await jobEnd(client, 'm', () =>
      client.executeAny('blockdev-mirror', { 'job-id': 'm', device: 'a', target: 'copy', sync: 'full' }),
    );
    assert.deepEqual((await chains(client)).disk0, ['copy']);
    await client.execute('machine-restart');
    assert.deepEqual((await chains(client)).disk0, ['copy']);
  }),
);

test('commits and streams leave what they leave', needs, (context) =>
  withMachine(context, async (client, file) => {
    await machine(client);
    await declareDisks(client, file);
    await client.execute('x-exit-preconfig');
    for (const [node, overlay] of [
      ['a', 'a1'],
      ['a1', 'a2'],
      ['b', 'b1'],
      ['b1', 'b2'],
    ] as const) {
      const args = {
        'node-name': node,
        'snapshot-file': file(overlay),
        'snapshot-node-name': overlay,
        format: 'qcow2',
      };
      await client.executeAny('blockdev-snapshot-sync', args);
    }
    await jobEnd(client, 'c', () =>
      client.executeAny('block-commit', { 'job-id': 'c', device: 'a2', 'base-node': 'a1' }),
    );
    await jobEnd(client, 's', () =>
      client.executeAny('block-stream', { 'job-id': 's', device: 'b2', 'base-node': 'b' }),
    );
    const before = await chains(client);
    assert.deepEqual(before, { disk0: ['a1', 'a'], disk1: ['b2', 'b'] });
    await client.execute('machine-restart');
    assert.deepEqual(await chains(client), before);
  }),
);

test('a disk and a CD of the drive options keep their newest images', needs, (context) =>
  withMachine(context, async (client, file) => {
    await machine(client, {
      machine: { type: 'pc' },
      hda: { file: create(file('hd')), format: 'qcow2' },
      cdrom: { file: create(file('cd')), format: 'qcow2' },
    });
    await client.execute('x-exit-preconfig');
    await client.executeAny('blockdev-snapshot-sync', {
      device: 'ide0-hd0',
      'snapshot-file': file('hd1'),
      format: 'qcow2',
    });
    await client.executeAny('blockdev-change-medium', {
      device: 'ide1-cd0',
      filename: create(file('cd2')),
      format: 'qcow2',
    });
    assert.deepEqual((await chains(client))['ide0-hd0'], ['hd1', 'hd']);
    await client.execute('machine-restart');
    const after = await chains(client);
    assert.deepEqual([after.hda, after.cdrom], [['hd1', 'hd'], ['cd2']]);
  }),
);

test('a machine whose QEMU was killed is made again with its newest images', needs, (context) =>
  withMachine(context, async (client, file) => {
    await machine(client);
    await declareDisks(client, file);
    await client.execute('x-exit-preconfig');
    const snapshot = {
      'node-name': 'a',
      'snapshot-file': file('a1'),
      'snapshot-node-name': 'a1',
      format: 'qcow2',
    };
    await client.executeAny('blockdev-snapshot-sync', snapshot);
    const { pid } = (await client.executeAny('query-machine')) as { pid: number };
    await using events = client.eventsAny();
    process.kill(pid, 'SIGKILL');
    for await (const { event, data } of events) {
      if (event === 'PHASE_CHANGED' && (data as { to: string }).to === 'blank') break;
    }
    await client.execute('x-exit-preconfig');
    assert.deepEqual((await chains(client)).disk0, ['a1', 'a']);
  }),
);

test('what has not changed keeps the words in which it was declared', needs, (context) =>
  withMachine(context, async (client, file) => {
    await machine(client);
    await declareDisks(client, file);
    const declared = JSON.stringify(await client.executeAny('query-machine-config'));
    await client.execute('x-exit-preconfig');
    await client.executeAny('object-add', { 'qom-type': 'iothread', id: 'io' });
    await client.executeAny('object-del', { id: 'io' });
    assert.equal(JSON.stringify(await client.executeAny('query-machine-config')), declared);
  }),
);

test('a node above the disk of a device is made after the device', needs, (context) =>
  withMachine(context, async (client, file) => {
    await machine(client);
    await declareDisks(client, file);
    await client.execute('x-exit-preconfig');
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', file('a'), file('over')]);
    const overlay = {
      driver: 'qcow2',
      'node-name': 'over',
      file: { driver: 'file', filename: file('over') },
      backing: 'a',
    };
    await client.executeAny('blockdev-add', { ...overlay, 'read-only': true });
    await client.execute('machine-restart');
    assert.deepEqual((await chains(client)).disk0, ['a']);
    const nodes = (await client.executeAny('query-named-block-nodes', { flat: true })) as {
      'node-name': string;
    }[];
    assert.ok(nodes.some((node) => node['node-name'] === 'over'));
  }),
);

test('a medium that machine-set changes stays in the words in which it was given', needs, (context) =>
  withMachine(context, async (client, file) => {
    await machine(client, {
      machine: { type: 'pc' },
      cdrom: { file: create(file('cd')), format: 'qcow2' },
    });
    await client.execute('x-exit-preconfig');
    const cdrom = { file: create(file('cd2')), format: 'qcow2' };
    await client.executeAny('machine-set', { cdrom });
    // Whatever is read back afterwards does not take it for a change by somebody else.
    await client.executeAny('object-add', { 'qom-type': 'iothread', id: 'io' });
    const [option] = (await client.executeAny('query-machine-options', { options: ['cdrom'] })) as {
      value: unknown;
    }[];
    assert.deepEqual(JSON.parse(JSON.stringify(option?.value)), cdrom);
    assert.doesNotMatch(JSON.stringify(await client.executeAny('query-machine-config')), /qmpd-block/);
  }),
);
