import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { connect } from '../../../src/client/index.ts';
import { Dialogue, executablePath, runQmpd } from '../../kit/server/executable.ts';

/** A directory of the test's own, and the environment in which qmpd takes it for its user's runtime directory. */
async function inDirectory(
  body: (directory: string, environment: NodeJS.ProcessEnv) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'qmpd-test-'));
  try {
    await body(directory, { XDG_RUNTIME_DIR: directory });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function startQmpd(args: readonly string[], environment: NodeJS.ProcessEnv): Dialogue {
  return new Dialogue(process.execPath, [executablePath, ...args], environment);
}

test('without options it listens in a directory of the user’s own and says where', async () => {
  await inDirectory(async (directory, environment) => {
    await using server = startQmpd([], environment);
    const socket = path.join(directory, 'qmpd', 'qmp.sock');
    await server.until(`listening on unix:${socket}\n`);
    assert.equal((await stat(path.dirname(socket))).mode & 0o777, 0o700);
    const { status, output } = await runQmpd(['shell', '-e', 'query-status'], '', environment);
    assert.deepEqual(
      { status, output },
      { status: 0, output: '{"status": "prelaunch", "running": false}\n' },
    );
    const second = await runQmpd([], '', environment);
    assert.equal(second.status, 1);
    assert.match(second.errors, /^qmpd: .*\n$/);
  });
});

test('several listeners serve the same machine', async () => {
  await inDirectory(async (directory, environment) => {
    const [one, other] = [path.join(directory, 'a'), path.join(directory, 'b')];
    await using server = startQmpd(
      ['--qmp', `unix:${one}`, '--qmp', `unix:${other},mode=0600`, '--state', 'none'],
      environment,
    );
    await server.until(`unix:${other}\n`);
    await using first = await connect(one);
    await using second = await connect(other);
    const events = second.eventsAny({ names: ['MACHINE_OPTION_CHANGED'] });
    await first.execute('machine-set', { name: 'shared' });
    assert.equal((await events.next()).done, false);
    assert.equal((await stat(other)).mode & 0o777, 0o600);
  });
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} ends it with status 0, after its clients have seen SHUTDOWN`, async () => {
    await inDirectory(async (directory, environment) => {
      const socket = path.join(directory, 'qmp.sock');
      await using server = startQmpd(['--qmp', `unix:${socket}`, '--state', 'none'], environment);
      await server.until(socket);
      await using vm = await connect(socket);
      const events = vm.events({ names: ['SHUTDOWN'] });
      server.kill(signal);
      const { value } = await events.next();
      assert.equal(value?.data.reason, 'host-signal');
      assert.equal(await server.status(), 0);
      await assert.rejects(stat(socket), { code: 'ENOENT' });
    });
  });
}

test('the socket is not made in a directory that others may write to', async () => {
  await inDirectory(async (directory, environment) => {
    await mkdir(path.join(directory, 'qmpd'));
    await chmod(path.join(directory, 'qmpd'), 0o777);
    const { status, errors } = await runQmpd([], '', environment);
    assert.equal(status, 1);
    assert.match(
      errors,
      /cannot be used for files of qmpd's own: others may write to it; --qmp names another place \(ERR_QMPD_ACCESS\)/,
    );
    const shell = await runQmpd(['shell', '-e', 'query-name'], '', environment);
    assert.equal(shell.status, 1);
    assert.match(shell.errors, /ERR_QMPD_ACCESS/);
  });
});

test('--private prints its address and ends with its standard input', async () => {
  await inDirectory(async (_directory, environment) => {
    const { status, output } = await runQmpd(['--private'], '', environment);
    assert.equal(status, 0);
    assert.match(output, /^unix:\/.*\/qmp\.sock\n$/);
    await assert.rejects(stat(path.dirname(output.slice('unix:'.length).trim())), { code: 'ENOENT' });
  });
});

for (const [args, status, said] of [
  [['--version'], 0, /^qmpd \d+\.\d+\.\d+\n$/],
  [['--help'], 0, /^usage: qmpd \[OPTION\].*--qmp ADDRESS.*qmpd shell/s],
  [['help'], 0, /^usage: qmpd/],
  [['help', 'query-status'], 0, /^command query-status/],
  [['shell', '--help'], 0, /^usage: qmpd shell/],
  [['help', 'no-such'], 1, /^qmpd: the schema has no command, event or type 'no-such'/],
  [['no-such'], 2, /^qmpd: 'no-such' is not a subcommand; expected one of: .*shell/],
  [['--no-such'], 2, /^qmpd: Unknown option '--no-such'/],
  [['--qmp', 'nonsense', '--state', 'none'], 1, /^qmpd: address "nonsense": expected unix:PATH/],
  [['--qmp', 'unix:/nonexistent/x', '--state', 'none'], 1, /^qmpd: unix:\/nonexistent\/x: no such directory/],
] as const) {
  test(`qmpd ${args.join(' ')} ends with status ${status}`, async () => {
    await inDirectory(async (_directory, environment) => {
      const result = await runQmpd(args, '', environment);
      assert.match(result.output + result.errors, said);
      assert.equal(result.status, status);
    });
  });
}
