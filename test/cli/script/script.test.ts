import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { connect, type QmpClient } from '../../../src/client/index.ts';
import { print } from '../../../src/json/print.ts';
import { pictureOf } from '../../kit/qemu/machine-picture.ts';
import { qemuBinaries } from '../../kit/qemu/qemu-under-test.ts';
import { Dialogue, executablePath, runQmpd } from '../../kit/server/executable.ts';
import { startTestServer } from '../../kit/server/test-server.ts';

async function inDirectory(body: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'qmpd-test-'));
  try {
    await body(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function write(directory: string, name: string, lines: readonly string[]): Promise<string> {
  const file = path.join(directory, name);
  await writeFile(file, `${lines.join('\n')}\n`);
  return file;
}

test('scripts are carried out, in order, before anybody can connect', async () => {
  await inDirectory(async (directory) => {
    const socket = path.join(directory, 'qmp.sock');
    const first = await write(directory, 'first.qmp', [
      '# a machine with a name',
      'machine-set engine=embedded name=one   # for a while',
      '',
      '{ "execute": "machine-set",',
      '  "arguments": { "memory": { "size": 33554432 } } }',
      'chardev-add id=s0 backend.type=ringbuf backend.data.size=1K',
      "ringbuf-write device=s0 data='12'",
    ]);
    const second = await write(directory, 'second.qmp', ["machine-set name='2'", 'x-exit-preconfig']);
    await using server = new Dialogue(process.execPath, [
      executablePath,
      ...['--script', first, '--script', second, '--qmp', `unix:${socket}`, '--state', 'none', '--quiet'],
    ]);
    assert.equal(await server.until('\n'), `qmpd 0.1.0: listening on unix:${socket}\n`);
    await using client = await connect(socket);
    assert.equal((await client.execute('query-name')).name, '2');
    assert.equal((await client.execute('query-machine')).phase, 'created');
    assert.equal(await client.execute('ringbuf-read', { device: 's0', size: 10 }), '12');
    assert.equal((await client.execute('query-sessions')).length, 1);
  });
});

for (const [what, lines, problem] of [
  [
    'a command that is refused',
    ['machine-set engine=embedded', '  machine-set cpu.model=host'],
    /bad\.qmp:2:3: machine-set: GenericError: Option 'cpu' needs the engine 'qemu'/,
  ],
  [
    'a command that nobody knows',
    ['machine-set engine=embedded', '', 'no-such'],
    /:3:1: no-such: CommandNotFound: /,
  ],
  ['text that is not a command', ['query-name', '   query-name x'], /:2:15: 'x' should read KEY=VALUE/],
  ['bad JSON on a later line', ['{"execute":', '  "query-name"} oops'], /:2:17: text after the JSON object/],
  ['a bracket that stays open', ['', ' {"execute":'], /:2:2: a bracket of this command is still open/],
] as const) {
  test(`${what} ends the server with the place in the file`, async () => {
    await inDirectory(async (directory) => {
      const file = await write(directory, 'bad.qmp', lines);
      const socket = path.join(directory, 'qmp.sock');
      const args = ['--script', file, '--qmp', `unix:${socket}`, '--state', 'none', '--quiet'];
      const { status, output, errors } = await runQmpd(args);
      assert.match(errors, problem);
      assert.deepEqual({ status, output }, { status: 1, output: '' });
      await assert.rejects(stat(socket), { code: 'ENOENT' });
    });
  });
}

test('a script that fails takes back the machine that it has made', async () => {
  await inDirectory(async (directory) => {
    const pidfile = path.join(directory, 'pid');
    const file = await write(directory, 'late.qmp', [
      `machine-set engine=qemu accel=[{'type': 'tcg'}] process.pidfile=${pidfile}`,
      'x-exit-preconfig',
      'query-pid-of-nobody',
    ]);
    const args = ['--script', file, '--qmp', `unix:${directory}/qmp.sock`, '--state', 'none'];
    const { status, errors } = await runQmpd(args);
    assert.equal(status, 1);
    assert.match(errors, /creating -> created/);
    assert.match(errors, /late\.qmp:3:1: query-pid-of-nobody: CommandNotFound/);
    assert.match(errors, /machine: ending -> blank/);
    // QEMU removes its pid file when it ends in good order.
    await assert.rejects(stat(pidfile), { code: 'ENOENT' });
  });
});

test('a script may end with quit, and the server with it', async () => {
  await inDirectory(async (directory) => {
    const file = await write(directory, 'quit.qmp', ['machine-set engine=embedded', 'quit']);
    const args = ['--script', file, '--qmp', `unix:${directory}/qmp.sock`, '--state', 'none', '--quiet'];
    assert.deepEqual(await runQmpd(args), { status: 0, output: '', errors: '' });
  });
});

test('--check tells unknown commands and wrong types, and does nothing', async () => {
  await inDirectory(async (directory) => {
    const made = path.join(directory, 'made');
    const good = await write(directory, 'good.qmp', [
      'machine-set memory.size=1G cpu.model=qemu64',
      'object-add qom-type=rng-random id=rng0',
      'device_add driver=virtio-rng-pci rng=rng0',
      'blockdev-add driver=qcow2 node-name=d0 file.driver=file file.filename=/nonexistent',
      `chardev-add id=f0 backend.type=file backend.data.out=${made}`,
      'x-exit-preconfig',
      'balloon value=512M',
    ]);
    assert.deepEqual(await runQmpd(['--check', '--script', good]), { status: 0, output: '', errors: '' });
    await assert.rejects(stat(made), { code: 'ENOENT' });
    for (const [line, problem] of [
      ['machine-set nam=x', /:1:1: machine-set: GenericError: Parameter 'nam' is unexpected/],
      ['machine-set memory.size=much', /Parameter 'memory.size' expects uint64/],
      ['migrate uri=1 blk=2 extra=3', /migrate: GenericError: /],
      ['no-such', /no-such: CommandNotFound/],
    ] as const) {
      const { status, errors } = await runQmpd([
        '--check',
        '--script',
        await write(directory, 'bad', [line]),
      ]);
      assert.match(errors, problem);
      assert.equal(status, 1);
    }
  });
});

test('a running server takes scripts, too, and gives the answers', async () => {
  await inDirectory(async (directory) => {
    await using running = await startTestServer();
    const file = await write(directory, 's.qmp', ['machine-set engine=embedded name=x', 'query-name']);
    const done = await runQmpd(['script', file, running.path]);
    assert.equal(done.status, 0);
    assert.match(done.output, /^\[.*"recorded".*\]\n\{"name": "x"\}\n$/);
    const bad = await write(directory, 'bad.qmp', ['query-nam']);
    const checked = await runQmpd(['script', '--check', bad, running.path]);
    assert.deepEqual([checked.status, checked.output], [1, '']);
    assert.match(checked.errors, /bad\.qmp:1:1: query-nam: CommandNotFound/);
  });
});

test('--save prints a script that declares the same machine, whatever its values look like', async () => {
  await inDirectory(async (directory) => {
    await using one = await startTestServer();
    await using client = await connect(one.path);
    const odd = { name: '12', append: 'it\'s "quoted" # not a comment, null', kernel: 'true' };
    await client.execute('machine-set', { engine: 'embedded', ...odd, cdrom: null, serial: ['s0', null] });
    await client.execute('chardev-add', { id: 's0', backend: { type: 'ringbuf', data: { size: 64 } } });
    const saved = await runQmpd(['script', '--save', one.path]);
    assert.equal(saved.status, 0);
    const file = path.join(directory, 'saved.qmp');
    await writeFile(file, saved.output);
    await using other = await startTestServer();
    const made = await runQmpd(['script', file, other.path]);
    assert.equal(made.status, 0, made.errors);
    await using second = await connect(other.path);
    const config = await client.execute('query-machine-config');
    assert.deepEqual(await second.execute('query-machine-config'), config);
  });
});

function declarations(directory: string): readonly (readonly [string, Record<string, unknown>])[] {
  const file = { driver: 'file', filename: path.join(directory, 'disk.img') };
  return [
    ['device_add', { driver: 'virtio-blk-pci', id: 'disk0', drive: 'd0', serial: 'a,b=c' }],
    ['blockdev-add', { driver: 'raw', 'node-name': 'd0', file }],
    ['machine-set', { name: 'round, trip', smp: { cpus: 2, maxcpus: 4 }, serial: ['s0', null] }],
    ['machine-set', { memory: { size: 134_217_728, slots: 2, 'max-size': 268_435_456 } }],
    ['chardev-add', { id: 's0', backend: { type: 'ringbuf', data: { size: 1024 } } }],
    ['object-add', { 'qom-type': 'memory-backend-ram', id: 'm1', size: 67_108_864 }],
    ['object-add', { 'qom-type': 'iothread', id: 'io0' }],
    ['netdev_add', { type: 'user', id: 'n0', hostfwd: [{ str: 'tcp:127.0.0.1:0-:22' }] }],
    ['device_add', { driver: 'virtio-net-pci', netdev: 'n0', mac: '52:54:00:00:00:01', id: 'nic0' }],
    ['machine-set', { vga: 'std', rtc: { base: 'localtime' }, global: [] }],
  ];
}

function askOf(client: QmpClient): Parameters<typeof pictureOf>[0] {
  return (command, args) => client.executeAny(command, args);
}

for (const { path: qemu, major } of qemuBinaries) {
  test(`QEMU ${major}: a machine made from its own query-machine-config is the same machine`, async () => {
    await inDirectory(async (directory) => {
      await writeFile(path.join(directory, 'disk.img'), Buffer.alloc(65_536));
      await using first = await startTestServer({ qemuBinary: qemu });
      await using maker = await connect(first.path);
      for (const [command, args] of declarations(directory)) await maker.executeAny(command, args);
      const config = await maker.execute('query-machine-config');
      await maker.execute('x-exit-preconfig');
      const picture = await pictureOf(askOf(maker));
      await maker.execute('machine-destroy');

      const lines = config.map((command) => print(command as never));
      const file = await write(directory, 'made.qmp', [...lines, 'x-exit-preconfig']);
      const socket = path.join(directory, 'second.sock');
      const args = [
        '--script',
        file,
        '--qmp',
        `unix:${socket}`,
        '--qemu',
        qemu,
        '--state',
        'none',
        '--quiet',
      ];
      await using second = new Dialogue(process.execPath, [executablePath, ...args]);
      await second.until(socket);
      await using remade = await connect(socket);
      assert.deepEqual(await remade.execute('query-machine-config'), config);
      assert.deepEqual(await pictureOf(askOf(remade)), picture);
      assert.ok(picture.objects.length > 200, `${picture.objects.length} objects`);
      await remade.execute('quit');
    });
  });
}
