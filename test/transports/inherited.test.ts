// Sockets that a process is born with, and standard input and output, with the addon and without it.

import assert from 'node:assert/strict';
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { closeSync, openSync, renameSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { activatedSockets, connectInherited } from '../../src/transports/inherited.ts';
import { native } from '../../src/transports/unix/native.ts';
import { listenUnix } from '../../src/transports/unix/unix.ts';
import { UnixConnection } from '../../src/transports/unix/unix-connection.ts';
import { temporaryDirectory } from '../kit/transports/pairs.ts';
import { Recorder } from '../kit/transports/recorder.ts';

const program = fileURLToPath(new URL('./fixtures/echo.js', import.meta.url));

interface Echo {
  readonly child: ChildProcess;
  /** Resolves when "ready" has been printed. */
  readonly ready: Promise<void>;
  /** All that was printed, when it has ended. */
  readonly ended: Promise<string>;
}

function startEcho(
  args: string[],
  stdio: StdioOptions,
  environment: NodeJS.ProcessEnv = {},
  shell?: string,
): Echo {
  const [command, first] =
    shell === undefined ? [process.execPath, []] : ['sh', ['-c', shell, process.execPath]];
  const child = spawn(command, [...first, program, ...args], {
    stdio,
    env: { ...process.env, ...environment },
  });
  let printed = '';
  const ready = new Promise<void>((resolve) => {
    child.stderr?.on('data', (chunk) => {
      printed += chunk;
      if (printed.includes('ready')) resolve();
    });
  });
  const ended = new Promise<string>((resolve) => child.once('close', () => resolve(printed)));
  return { child, ready, ended };
}

async function converse(socket: NodeJS.ReadableStream & NodeJS.WritableStream): Promise<string> {
  socket.write('hello');
  const answer = await new Promise((resolve) => socket.once('data', resolve));
  socket.end();
  return String(answer);
}

function listening(options: { path: string } | { port: number }): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer({ pauseOnConnect: true }).listen(options, () => resolve(server));
  });
}

interface HandleOwner {
  _handle: { fd: number };
}
const fdOf = (owner: Server | Socket): number => (owner as unknown as HandleOwner)._handle.fd;

const modes: { name: string; environment: NodeJS.ProcessEnv; fds: string }[] = [
  { name: 'without the addon', environment: { QMPD_NO_NATIVE: '1' }, fds: 'without' },
];
if (native !== undefined) modes.unshift({ name: 'with the addon', environment: {}, fds: 'with' });

for (const { name, environment, fds } of modes) {
  describe(`inherited, ${name}`, () => {
    test('a connected unix socket is one connection', async () => {
      using directory = temporaryDirectory();
      const server = await listening({ path: path.join(directory.path, 's') });
      const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
      const client = connect(path.join(directory.path, 's'));
      const inherited = await accepted;
      const echo = startEcho(['fd:3'], ['ignore', 'ignore', 'pipe', fdOf(inherited)], environment);
      await echo.ready;
      assert.equal(await converse(client), 'hello');
      assert.match(await echo.ended, new RegExp(`inherited ${fds} fds: local`));
      inherited.destroy();
      server.close();
    });

    test('a listening unix socket accepts', async () => {
      using directory = temporaryDirectory();
      const socket = path.join(directory.path, 's');
      const server = await listening({ path: socket });
      const echo = startEcho(['fd:3'], ['ignore', 'ignore', 'pipe', fdOf(server)], environment);
      await echo.ready;
      // libuv removes the path with our copy of the socket.
      renameSync(socket, `${socket}.kept`);
      server.close();
      assert.equal(await converse(connect(`${socket}.kept`)), 'hello');
      assert.match(await echo.ended, new RegExp(`inherited ${fds} fds: local`));
    });

    test('a listening TCP socket accepts, without descriptors', async () => {
      const server = await listening({ port: 0 });
      const address = server.address();
      assert.ok(typeof address === 'object' && address !== null);
      const echo = startEcho(['fd:3'], ['ignore', 'ignore', 'pipe', fdOf(server)], environment);
      await echo.ready;
      server.close();
      assert.equal(await converse(connect(address.port, '127.0.0.1')), 'hello');
      assert.match(await echo.ended, /inherited without fds: local/);
    });

    test('systemd passes sockets by number, with names', async () => {
      const server = await listening({ port: 0 });
      const address = server.address();
      assert.ok(typeof address === 'object' && address !== null);
      const variables = { ...environment, LISTEN_FDS: '1', LISTEN_FDNAMES: 'qmp' };
      const shell = 'LISTEN_PID=$$ exec "$0" "$@"';
      const echo = startEcho([], ['ignore', 'ignore', 'pipe', fdOf(server)], variables, shell);
      await echo.ready;
      server.close();
      assert.equal(await converse(connect(address.port, '127.0.0.1')), 'hello');
      assert.match(await echo.ended, /socket qmp\nready\ninherited without fds: local/);
    });

    test('standard input and output as pipes are a connection without descriptors', async () => {
      const echo = startEcho(['stdio'], ['pipe', 'pipe', 'pipe'], environment);
      const { stdin, stdout } = echo.child;
      assert.ok(stdin && stdout);
      stdin.end('through pipes');
      assert.equal((await stdout.setEncoding('latin1').toArray()).join(''), 'through pipes');
      // Node gives a child socket pairs for pipes, one each: not the same socket.
      assert.match(await echo.ended, /stdio without fds: local/);
    });

    test('standard input and output as one unix socket are a connection', async () => {
      using directory = temporaryDirectory();
      const server = await listening({ path: path.join(directory.path, 's') });
      const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
      const client = connect(path.join(directory.path, 's'));
      const inherited = await accepted;
      const echo = startEcho(['stdio'], [fdOf(inherited), fdOf(inherited), 'pipe'], environment);
      await echo.ready;
      inherited.destroy();
      assert.equal(await converse(client), 'hello');
      assert.match(await echo.ended, new RegExp(`${fds} fds: local`));
      server.close();
    });
  });
}

describe('inherited', () => {
  test('socket activation for another process is not for us', () => {
    const variables = { LISTEN_PID: '17', LISTEN_FDS: '2', LISTEN_FDNAMES: 'a' };
    assert.deepEqual(activatedSockets(variables, 18), []);
    assert.deepEqual(activatedSockets({}, 17), []);
    assert.deepEqual(activatedSockets(variables, 17), [
      { fd: 3, name: 'a' },
      { fd: 4, name: 'unknown' },
    ]);
    assert.throws(() => activatedSockets({ ...variables, LISTEN_FDS: 'many' }, 17), {
      code: 'ERR_QMPD_ADDRESS',
    });
  });

  test('a descriptor that is not a connected socket is refused by name', () => {
    const file = openSync('/dev/null', 'r');
    assert.throws(() => connectInherited(file), { code: 'ERR_QMPD_FD', message: /not a socket/ });
    closeSync(file);
    assert.throws(() => connectInherited(99_999), { code: 'ERR_QMPD_FD', message: /not open/ });
  });

  test('a connection of our own is not given away by its number', {
    skip: native === undefined,
  }, async () => {
    using directory = temporaryDirectory();
    const socket = path.join(directory.path, 's');
    const listener = await listenUnix({ path: socket }, (connection) => connection.destroy());
    assert.ok(native);
    const fd = native.connect(socket);
    const owner = Recorder.start(new UnixConnection(native, fd, 'unix', 'test'));
    assert.throws(() => connectInherited(fd), { code: 'ERR_QMPD_FD', message: /belongs to a connection/ });
    owner.connection.destroy();
    await listener.close();
  });
});
