// What the executable says to command lines that it cannot use, and how it ends when nobody reads what it writes.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { connect } from '../../src/client/index.ts';
import { executablePath, runQmpd } from '../kit/server/executable.ts';

const subcommands = [
  'attach',
  'codegen',
  'console',
  'help',
  'qapi',
  'schema',
  'script',
  'shell',
  'translate',
] as const;

async function inDirectory(body: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'qmpd-test-'));
  try {
    await body(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

describe('the command line', () => {
  for (const name of subcommands) {
    it(`explains ${name} with --help, and names that for an option that it does not know`, async () => {
      const [help, wrong] = await Promise.all([
        runQmpd([name, '--help']),
        runQmpd([name, '--no-such-option']),
      ]);
      assert.deepEqual({ status: help.status, errors: help.errors }, { status: 0, errors: '' });
      assert.match(help.output, /^usage: qmpd /);
      assert.match(help.output, /-h, --help/);
      assert.deepEqual({ status: wrong.status, output: wrong.output }, { status: 2, output: '' });
      assert.equal(
        wrong.errors,
        `qmpd: Unknown option '--no-such-option'\nqmpd: try 'qmpd ${name} --help'\n`,
      );
    });
  }

  it('explains the server wherever --help stands', async () => {
    const { output } = await runQmpd(['--help']);
    assert.equal((await runQmpd(['--quiet', '-h'])).output, output);
    assert.equal((await runQmpd(['help'])).output, output);
  });

  it('names the subcommands for a word that is none', async () => {
    const { status, errors } = await runQmpd(['no-such-word']);
    assert.equal(status, 2);
    assert.match(
      errors,
      /^qmpd: 'no-such-word' is not a subcommand; expected one of: .*shell.*\nqmpd: try 'qmpd --help'\n$/,
    );
  });

  it('says which directory cannot be used, and what to do', async () => {
    await inDirectory(async (directory) => {
      const file = path.join(directory, 'file');
      await writeFile(file, '');
      const environment = { XDG_RUNTIME_DIR: file };
      const own = await runQmpd([], '', environment);
      assert.equal(own.status, 1);
      const why = `the directory '${file}/qmpd' cannot be used for files of qmpd's own: Not a directory`;
      assert.equal(own.errors, `qmpd: ${why}; --qmp names another place (ERR_QMPD_ACCESS)\n`);
      const told = await runQmpd(['--qmp', `unix:${directory}/s`], '', environment);
      assert.equal(told.status, 1);
      assert.match(
        told.errors,
        /cannot be used for files of qmpd's own: Not a directory; --state names another, or 'none'/,
      );
    });
  });
});

describe('files', () => {
  for (const [args, words] of [
    [['script', '/nonexistent'], '/nonexistent: No such file or directory (ERR_QMPD_SCRIPT)'],
    [['--script', '/'], '/: Is a directory (ERR_QMPD_SCRIPT)'],
    [
      ['codegen', '--from', 'qapi/main.json', '--out', '/nonexistent/x.ts'],
      "cannot write '/nonexistent/x.ts': No such file or directory (ERR_QMPD_OUTPUT)",
    ],
    [
      ['qapi', 'qapi/main.json', '--emit', 'ir', '--out', '/dev/null/x'],
      "cannot write '/dev/null/x': Not a directory (ERR_QMPD_OUTPUT)",
    ],
  ] as const) {
    it(`that cannot be used are named: qmpd ${args.join(' ')}`, async () => {
      const { status, errors } = await runQmpd(args);
      assert.deepEqual({ status, errors }, { status: 1, errors: `qmpd: ${words}\n` });
    });
  }
});

describe('output that nobody takes', () => {
  it('fails a command whose output finds no room', async () => {
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [executablePath, '--version'], { stdio: ['ignore', full, 'pipe'] });
    closeSync(full);
    const [status] = await once(child, 'close');
    assert.equal(status, 1);
  });

  it('leaves a server as it is, which goes on when the readers of its messages are gone', async () => {
    await inDirectory(async (directory) => {
      const socket = path.join(directory, 'qmp.sock');
      const child = spawn(
        process.execPath,
        [executablePath, '--qmp', `unix:${socket}`, '--state', 'none', '--verbose'],
        { stdio: ['ignore', 'pipe', 'pipe'] },
      );
      const ended = once(child, 'exit');
      await once(child.stdout, 'data');
      child.stdout.destroy();
      child.stderr.destroy();
      // Each session's beginning and end is a message.
      for (let count = 0; count < 3; count += 1) {
        await using vm = await connect(socket);
        assert.equal((await vm.execute('query-status')).status, 'prelaunch');
      }
      child.kill('SIGTERM');
      assert.deepEqual(await ended, [0, null]);
    });
  });
});
