// `qmpd console` on a pseudo-terminal (script(1) makes it) and on pipes. A QMP monitor on the console stands in for the
// guest: what is typed is answered.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { ConsoleEscape } from '../../src/cli/console/escape.ts';
import { RawClient } from '../kit/clients/raw-client.ts';
import { Dialogue, executablePath, runQmpd } from '../kit/server/executable.ts';
import { startTestServer, type TestServer } from '../kit/server/test-server.ts';

async function startWithConsole(): Promise<TestServer> {
  const server = await startTestServer();
  const client = await RawClient.negotiated(server.path);
  const addr = { type: 'unix', data: { path: path.join(server.directory, 'console') } };
  await client.execute('chardev-add', { id: 'c0', backend: { type: 'console', data: { addr } } });
  await client.execute('object-add', { 'qom-type': 'monitor-qmp', id: 'm0', chardev: 'c0' });
  client.close();
  return server;
}

test('a console on a terminal shows what was there, types, helps, and leaves the terminal as it was', async () => {
  await using server = await startWithConsole();
  const qmpd = `'${process.execPath}' '${executablePath}' console --qmp '${server.path}'`;
  await using terminal = new Dialogue('script', ['-qefc', `stty -g; ${qmpd}; stty -g`, '/dev/null'], {
    TERM: 'xterm',
  });
  const before = await terminal.until('\n');
  await terminal.until('{"QMP": ');
  terminal.type("{'execute': 'qmp_capabilities', 'id': 'typed'}");
  await terminal.until('{"return": {}, "id": "typed"}');
  terminal.type('\x1d?');
  await terminal.until('send a break');
  terminal.type('\x1db\x1d.');
  assert.equal(await terminal.status(), 0);
  const after = await terminal.until(before.trim());
  assert.ok(after.endsWith(before.trim()));
});

test('the size of the terminal is told, and told again when it changes', async () => {
  await using server = await startWithConsole();
  const watcher = await RawClient.negotiated(server.path);
  const qmpd = `'${process.execPath}' '${executablePath}' console --qmp '${server.path}'`;
  await using terminal = new Dialogue(
    'script',
    ['-qefc', `stty cols 91 rows 17; tty; ${qmpd}`, '/dev/null'],
    {
      TERM: 'xterm',
    },
  );
  const device = /\/dev\/pts\/\d+/.exec(await terminal.until('{"QMP": '))?.[0] ?? '';
  assert.deepEqual((await watcher.event('CONSOLE_RESIZED')).data, { id: 'c0', cols: 91, rows: 17 });
  execFileSync('stty', ['-F', device, 'cols', '120', 'rows', '40']);
  assert.deepEqual((await watcher.event('CONSOLE_RESIZED')).data, { id: 'c0', cols: 120, rows: 40 });
  const [{ cols, rows }] = await watcher.ask('query-consoles');
  assert.deepEqual([cols, rows], [120, 40]);
  terminal.type('\x1d.');
  assert.equal(await terminal.status(), 0);
});

test('the size is known of open consoles only, and not told twice', async () => {
  await using server = await startWithConsole();
  const client = await RawClient.negotiated(server.path);
  assert.equal(
    await client.refusal('console-resize', { id: 'c1', cols: 80, rows: 24 }),
    "'c1' must be the id of an open console",
  );
  const [before] = await client.ask('query-consoles');
  assert.equal('cols' in before, false);
  for (let round = 0; round < 2; round += 1) {
    await client.ask('console-resize', { id: 'c0', cols: 80, rows: 24 });
  }
  await client.ask('machine-set', { name: 'afterwards' });
  await client.event('MACHINE_OPTION_CHANGED');
  assert.equal(client.events.filter(({ event }) => event === 'CONSOLE_RESIZED').length, 1);
});

test('on pipes the console ends with its input', async () => {
  await using server = await startWithConsole();
  const { status, output } = await runQmpd(['console', '--qmp', server.path, 'c0'], '\x1d.');
  assert.equal(status, 0);
  assert.doesNotMatch(output, /Ctrl/);
});

test('a console that is not there is told with those that are', async () => {
  await using server = await startWithConsole();
  const { status, errors } = await runQmpd(['console', '--qmp', server.path, 'c1']);
  assert.equal(status, 1);
  assert.equal(errors, "qmpd: no console 'c1' is open; open are: c0 (ERR_QMPD_CONSOLE)\n");
});

test('keys are taken out of what is typed, however it is split', () => {
  const typed = Buffer.from('a\x1d\x1db\x1d?c\x1dzd\x1d.');
  for (const step of [1, 2, typed.length]) {
    const keys = new ConsoleEscape();
    let seen = '';
    for (let at = 0; at < typed.length; at += step) {
      for (const part of keys.read(typed.subarray(at, at + step))) {
        seen += typeof part === 'string' ? `<${part}>` : Buffer.from(part).toString('latin1');
      }
    }
    assert.equal(seen, 'a\x1db<help>cd<leave>');
  }
});
