// The shell on a pseudo-terminal, which script(1) makes.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { connect } from '../../../src/client/index.ts';
import { Dialogue, executablePath } from '../../kit/server/executable.ts';
import { type ScriptedServer, startScriptedServer } from '../../kit/server/scripted-server.ts';
import { startTestServer } from '../../kit/server/test-server.ts';

const prompt = 'qmp> \u001b[6G';

interface Scene extends AsyncDisposable {
  readonly terminal: Dialogue;
  readonly address: string;
  readonly state: string;
}

interface Server extends AsyncDisposable {
  readonly address: string;
}

async function startQmpd(): Promise<Server> {
  const server = await startTestServer();
  return { address: server.path, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

async function openShell(start: () => Promise<Server> = startQmpd): Promise<Scene> {
  const server = await start();
  const state = await mkdtemp(path.join(tmpdir(), 'qmpd-test-'));
  const command = `stty cols 100 rows 30; exec '${process.execPath}' '${executablePath}' shell '${server.address}'`;
  const terminal = new Dialogue('script', ['-qefc', command, '/dev/null'], {
    XDG_STATE_HOME: state,
    TERM: 'xterm',
    NO_COLOR: '',
  });
  await terminal.until(prompt);
  return {
    terminal,
    address: server.address,
    state,
    [Symbol.asyncDispose]: async () => {
      await terminal[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      await rm(state, { recursive: true, force: true });
    },
  };
}

test('replies are shown and errors are marked; Ctrl-D leaves with status 0', async () => {
  await using scene = await openShell();
  const { terminal } = scene;
  terminal.type('query-status\r');
  assert.match(await terminal.until(prompt), /\{"status": "prelaunch", "running": false\}\r\n/);
  terminal.type('no-such\r');
  assert.match(await terminal.until(prompt), /\[31merror: The command no-such has not been found/);
  terminal.type('query-name x\r');
  assert.match(await terminal.until(prompt), /not sent: column 12/);
  terminal.type('\u0004');
  assert.equal(await terminal.status(), 0);
});

test('Tab completes commands, arguments, union members and values from the server’s schema', async () => {
  await using scene = await openShell();
  const { terminal } = scene;
  terminal.type('chardev-ad');
  await terminal.until('chardev-ad');
  for (const [typed, completed] of [
    ['\t', 'd '],
    ['id=x ba', 'id=x ba'],
    ['\t', 'ckend.'],
    ['ty', 'ty'],
    ['\t', 'pe='],
    ['ringb', 'ringb'],
    ['\t', 'uf '],
    ['backend.data.si', 'backend.data.si'],
    ['\t', 'ze='],
  ] as const) {
    terminal.type(typed);
    await terminal.until(completed);
  }
  terminal.type('1K\r');
  assert.match(await terminal.until(prompt), /\{\}/);
});

test('an event appears above the line that is being typed, which stays as it is', async () => {
  await using scene = await openShell();
  const { terminal } = scene;
  await using other = await connect(scene.address);
  // Longer than the terminal is wide: the line takes two rows.
  const line = `query-machine-options name=${'x'.repeat(90)}`;
  terminal.type(line);
  await terminal.until('xxx');
  await other.execute('machine-set', { name: 'somebody' });
  const shown = await terminal.until(`${line}\u001b[`);
  assert.match(shown, /MACHINE_OPTION_CHANGED.* .*"somebody"/);
  terminal.type('\u0003');
  await terminal.until('^C');
  await terminal.until(prompt);
  terminal.type('query-name\r');
  assert.match(await terminal.until(prompt), /"somebody"/);
});

test('a JSON command may go on over several lines', async () => {
  await using scene = await openShell();
  const { terminal } = scene;
  terminal.type('{"execute":\r');
  await terminal.until('...> ');
  terminal.type('"query-name"}\r');
  assert.match(await terminal.until(prompt), /\{\}/);
});

test('the history outlives the shell, except lines that begin with a blank', async () => {
  await using scene = await openShell();
  const { terminal } = scene;
  for (const line of ['query-name', ' query-uuid', 'query-status']) {
    terminal.type(`${line}\r`);
    await terminal.until(prompt);
  }
  terminal.type('exit\r');
  assert.equal(await terminal.status(), 0);
  const file = path.join(scene.state, 'qmpd', 'shell-history');
  assert.equal(await readFile(file, 'utf8'), 'query-name\nquery-status\nexit\n');
  assert.equal((await stat(file)).mode & 0o777, 0o600);
});

test('Ctrl-C throws away what is typed', async () => {
  await using scene = await openShell();
  const { terminal } = scene;
  terminal.type('qui');
  await terminal.until('qui');
  terminal.type('\u0003');
  await terminal.until('^C');
  await terminal.until(prompt);
  terminal.type('query-name\r');
  assert.match(await terminal.until(prompt), /\{\}/);
});

test('Ctrl-C stops waiting for an answer, and the next command gets its own', async () => {
  let scripted: ScriptedServer | undefined;
  await using scene = await openShell(async () => {
    scripted = await startScriptedServer({ answers: { quick: '"at once"' } });
    return scripted;
  });
  const { terminal } = scene;
  terminal.type('slow\r');
  const { id } = await scripted!.saw('slow');
  terminal.type('\u0003');
  await terminal.until('slow: aborted');
  await terminal.until(prompt);
  scripted!.say(`{"return": "too late", "id": "${id}"}\r\n`);
  terminal.type('quick\r');
  assert.doesNotMatch(await terminal.until('"at once"'), /too late/);
});

test('a shell that is told to end saves its history', async () => {
  await using scene = await openShell();
  const { terminal } = scene;
  terminal.type('query-name\r');
  await terminal.until(prompt);
  const children = await readFile(`/proc/${terminal.pid}/task/${terminal.pid}/children`, 'utf8');
  process.kill(Number(children.trim()), 'SIGHUP');
  assert.equal(await terminal.status(), 0);
  assert.equal(await readFile(path.join(scene.state, 'qmpd', 'shell-history'), 'utf8'), 'query-name\n');
});

test('quit ends the server and the shell, with status 0', async () => {
  await using scene = await openShell();
  scene.terminal.type('quit\r');
  await scene.terminal.until('SHUTDOWN');
  assert.equal(await scene.terminal.status(), 0);
});

test('a server that goes away ends the shell with status 1 and a message', async () => {
  await using scene = await openShell();
  await using other = await connect(scene.address);
  await other.execute('quit');
  await scene.terminal.until('the server closed the connection');
  assert.equal(await scene.terminal.status(), 1);
});
