import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startQemu } from '../../kit/qemu/qemu.ts';
import { Dialogue, executablePath, runQmpd } from '../../kit/server/executable.ts';
import { startTestServer } from '../../kit/server/test-server.ts';

/** Leaves a socket file on which nobody listens: a listener that is killed. */
const staleSocket = `require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;

for (const peer of ['QEMU', 'qmpd'] as const) {
  const start = peer === 'QEMU' ? startQemu : startTestServer;

  test(`${peer}: a script of commands gives one reply a line`, async () => {
    await using server = await start();
    const script = [
      '# a ring buffer, written and read',
      'chardev-add id=s0 backend.type=ringbuf backend.data.size=1K',
      "ringbuf-write device=s0 data='12'",
      'ringbuf-write device=s0 data=34',
      '{"execute":',
      ' "ringbuf-read", "arguments": {"device": "s0", "size": 100}}',
      '',
      'query-name',
      'exit',
      'never sent',
    ];
    const { status, output, errors } = await runQmpd(['shell', server.path], script.join('\n'));
    assert.deepEqual({ status, errors }, { status: 0, errors: '' });
    assert.deepEqual(output.split('\n'), ['{}', '{}', '{}', '"1234"', '{}', '']);
  });

  test(`${peer}: a script goes on after an error and reports it in its status`, async () => {
    await using server = await start();
    const script = 'no-such\nquery-name x\nringbuf-read device=nobody size=1\nquery-name\n{"execute":\n';
    const { status, output, errors } = await runQmpd(['shell', server.path], script);
    assert.equal(status, 1);
    assert.equal(output, '{}\n');
    assert.deepEqual(errors.split('\n'), [
      'line 1: error: The command no-such has not been found [CommandNotFound]',
      "line 2: not sent: column 12: 'x' should read KEY=VALUE",
      "line 3: error: Device 'nobody' not found",
      'line 5: not sent: the input ends in the middle of a command',
      '',
    ]);
  });
}

test('--execute carries out commands in order without reading the input', async () => {
  await using server = await startTestServer();
  const args = ['shell', '-e', 'query-name', '--execute', 'help no-such', '-e', 'query-status', server.path];
  const { status, output } = await runQmpd(args);
  assert.equal(status, 0);
  assert.deepEqual(output.split('\n'), [
    '{}',
    "the server has no command 'no-such'",
    '{"status": "prelaunch", "running": false}',
    '',
  ]);
});

test('help describes a command: at QEMU from its introspection, at qmpd from the documentation', async () => {
  await using qemu = await startQemu();
  const atQemu = await runQmpd(['shell', '-e', 'help ringbuf-read', qemu.path]);
  assert.equal(atQemu.output, 'ringbuf-read\n  device=str\n  size=int\n  format=utf8|base64   (optional)\n');
  await using server = await startTestServer();
  const atQmpd = await runQmpd(['shell', '-e', 'help ringbuf-read', server.path]);
  assert.match(atQmpd.output, /^command ringbuf-read.*size \(/s);
});

test('long replies are opened up when that is wanted', async () => {
  await using server = await startTestServer();
  const { output } = await runQmpd(['shell', '--pretty', '-e', 'query-sessions', server.path]);
  assert.match(output, /^\[\n {4}\{\n {8}"/);
  assert.equal(JSON.parse(output).length, 1);
});

test('a file can be passed as a descriptor or as text', async () => {
  await using server = await startTestServer();
  const directory = await mkdtemp(path.join(tmpdir(), 'qmpd-test-'));
  const file = path.join(directory, 'motd.txt');
  await writeFile(file, 'wie schön\n');
  try {
    const commands = [
      `getfd fdname=disk <${file}`,
      'query-fds',
      'chardev-add id=s0 backend.type=ringbuf backend.data.size=64',
      `ringbuf-write device=s0 data=@${file}`,
      'ringbuf-read device=s0 size=64',
      'getfd fdname=none </nonexistent',
    ];
    const { status, output, errors } = await runQmpd(['shell', server.path], commands.join('\n'));
    const lines = output.split('\n');
    assert.equal(lines[0], '{}');
    assert.match(lines[1] ?? '', /"name": "disk".*"access": "read-only"/);
    assert.equal(JSON.parse(lines[4] ?? ''), 'wie schön\n');
    assert.match(errors, /^line 6: error: ENOENT.*\/nonexistent/);
    assert.equal(status, 1);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('without a server the shell says where it looked', async () => {
  const { status, errors } = await runQmpd(['shell', '--wait', '0', '/nonexistent/qmp.sock'], 'query-name\n');
  assert.equal(status, 1);
  assert.match(errors, /^qmpd: .*\/nonexistent\/qmp\.sock: no such socket/);
});

test('the shell waits for a server that is started after it, also on the socket of one that is gone', async () => {
  for (const native of ['0', '1']) {
    const directory = await mkdtemp(path.join(tmpdir(), 'qmpd-shell-'));
    try {
      const socket = path.join(directory, 'qmp.sock');
      const dead = spawnSync(process.execPath, ['-e', staleSocket, socket]);
      assert.equal(dead.signal, 'SIGKILL');
      const environment = { QMPD_NO_NATIVE: native };
      const shell = runQmpd(['shell', '--wait', '60', socket, '-e', 'query-name'], '', environment);
      await delay(200);
      await using server = new Dialogue(process.execPath, [
        executablePath,
        '--qmp',
        `unix:${socket}`,
        '--state',
        'none',
      ]);
      await server.until('listening');
      assert.deepEqual(await shell, { status: 0, output: '{}\n', errors: '' });
    } finally {
      await rm(directory, { recursive: true });
    }
  }
});

test('the commands after a quit are told that the server has gone', async () => {
  await using server = await startTestServer();
  const { status, output, errors } = await runQmpd(['shell', server.path], 'quit\nquery-name\n');
  assert.equal(status, 1);
  assert.equal(output, '{}\n');
  assert.match(errors, /^line 2: error: .*the server closed the connection/);
});

for (const args of [['--bogus'], ['a', 'b'], ['--timeout', 'soon'], ['--timeout', '0'], ['--wait', '']]) {
  test(`shell ${args.join(' ')} is a usage error`, async () => {
    const { status, errors } = await runQmpd(['shell', ...args]);
    assert.equal(status, 2);
    assert.match(errors, /^qmpd: .*\nqmpd: try 'qmpd shell --help'\n$/);
  });
}
