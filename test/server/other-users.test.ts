// What another user of the host may have put in the way of qmpd's own files, before it or while it runs.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { makeRuntimeDirectory, runtimeDirectory } from '../../src/engines/qemu/process/runtime-directory.ts';
import { sweepUnfinished } from '../../src/engines/qemu/process/unfinished.ts';
import { openOwnDirectory } from '../../src/host/own-directory.ts';
import { markedEnvironment, processIdentity } from '../../src/host/process-identity.ts';
import { lockState } from '../../src/server/state-lock.ts';
import { LocalError } from '../../src/util/local-error.ts';

/** A user that is not the one of the tests; only root can act for it. */
const stranger = 12_345;
const needsRoot = process.getuid?.() === 0 ? false : 'needs root';

function inDirectory(run: (directory: string) => void | Promise<void>): () => Promise<void> {
  return async () => {
    const directory = realpathSync(mkdtempSync(path.join(tmpdir(), 'qmpd-test-users-')));
    try {
      await run(directory);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  };
}

function refusal(where: string): string {
  try {
    openOwnDirectory(where, { make: true }).close();
    return 'none';
  } catch (thrown) {
    assert.ok(thrown instanceof LocalError);
    assert.equal(thrown.code, 'ERR_QMPD_ACCESS');
    return thrown.message
      .replace(/^the directory '/, '')
      .replace("' cannot be used for files of qmpd's own", '');
  }
}

describe('directories of our own', () => {
  test(
    'every name on the way has to be ours or root’s',
    { skip: needsRoot },
    inDirectory((directory) => {
      const theirs = path.join(directory, 'theirs');
      mkdirSync(path.join(theirs, 'qmpd'), { recursive: true });
      chownSync(theirs, stranger, stranger);
      assert.equal(refusal(path.join(theirs, 'qmpd')), `${theirs}: it belongs to user ${stranger}`);
      const link = path.join(directory, 'link');
      symlinkSync('/tmp', link);
      assert.equal(refusal(path.join(link, path.basename(directory), 'below')), 'none');
      lchownSync(link, stranger, stranger);
      assert.equal(
        refusal(path.join(link, 'x')),
        `${link}: it is a symbolic link of user ${stranger}, not of root`,
      );
    }),
  );

  test(
    'others may write to none of them, except a sticky one of root’s',
    inDirectory((directory) => {
      const open = path.join(directory, 'open');
      mkdirSync(path.join(open, 'mine'), { recursive: true });
      for (const mode of [0o777, 0o775, 0o1777]) {
        chmodSync(open, mode);
        // Sticky is for root's: a test that is root's own has nothing to refuse there.
        const fine = mode === 0o1777 && process.getuid?.() === 0;
        assert.equal(refusal(path.join(open, 'mine')), fine ? 'none' : `${open}: others may write to it`);
        assert.equal(refusal(open), `${open}: others may write to it`);
      }
    }),
  );

  test(
    'a missing one is made for us alone',
    inDirectory((directory) => {
      const own = openOwnDirectory(path.join(directory, 'a', 'b'), { make: true });
      assert.equal(own.path, path.join(directory, 'a', 'b'));
      assert.deepEqual(own.names(), []);
      own.close();
      assert.equal(refusal(path.join(directory, 'a')), 'none');
      assert.throws(() => openOwnDirectory(path.join(directory, 'c'), { make: false }), /No such file/);
    }),
  );

  test(
    'what is opened stays the same directory when its path becomes another',
    inDirectory((directory) => {
      const own = openOwnDirectory(path.join(directory, 'a'), { make: true });
      writeFileSync(own.at('file'), 'text');
      mkdirSync(path.join(directory, 'other'));
      writeFileSync(path.join(directory, 'other', 'file'), 'precious');
      rmSync(path.join(directory, 'a'), { recursive: true });
      symlinkSync('other', path.join(directory, 'a'));
      own.removeFiles(() => true);
      assert.ok(existsSync(path.join(directory, 'other', 'file')));
      own.close();
    }),
  );
});

describe('what a file tells is not believed', () => {
  test(
    'only known names are removed, and only in a directory of that kind',
    inDirectory((directory) => {
      const precious = path.join(directory, 'precious');
      mkdirSync(precious);
      writeFileSync(path.join(precious, 'm'), '');
      runtimeDirectory(precious).remove();
      assert.ok(existsSync(path.join(precious, 'm')));

      const made = makeRuntimeDirectory(path.join(directory, 'run'));
      for (const name of ['m', 'c0', 'stderr', 'starting']) writeFileSync(path.join(made.path, name), '');
      writeFileSync(path.join(made.path, 'mine.txt'), '');
      mkdirSync(path.join(made.path, 'c1'));
      made.remove();
      assert.ok(!existsSync(path.join(made.path, 'm')));
      assert.ok(existsSync(path.join(made.path, 'mine.txt')));
      rmSync(path.join(made.path, 'mine.txt'));
      rmSync(path.join(made.path, 'c1'), { recursive: true });
      made.remove();
      assert.ok(!existsSync(made.path));
    }),
  );

  test(
    'a symbolic link in place of a directory of QEMU’s leads nowhere',
    inDirectory((directory) => {
      mkdirSync(path.join(directory, 'precious'));
      writeFileSync(path.join(directory, 'precious', 'm'), '');
      mkdirSync(path.join(directory, 'run'));
      const link = path.join(directory, 'run', 'qemu-1');
      symlinkSync('../precious', link);
      runtimeDirectory(link).remove();
      assert.ok(existsSync(path.join(directory, 'precious', 'm')));
    }),
  );

  /** A process that was started for the directory, or for none. */
  async function sleeper(directory?: string): Promise<ChildProcess> {
    const env = directory === undefined ? process.env : markedEnvironment(directory);
    const child = spawn('sleep', ['1000'], { stdio: 'ignore', env });
    await once(child, 'spawn');
    return child;
  }

  function leaveMark(directory: string, child: ChildProcess): void {
    const mark = { qemu: processIdentity(child.pid ?? 0), owner: { pid: 1, startTime: 'long ago' } };
    writeFileSync(path.join(directory, 'starting'), JSON.stringify(mark));
  }

  test(
    'a mark ends a process that was started for its directory, and no other',
    inDirectory(async (directory) => {
      const run = path.join(directory, 'run');
      const made = makeRuntimeDirectory(run);
      const another = makeRuntimeDirectory(run);
      const child = await sleeper(made.path);
      const innocent = await sleeper();
      leaveMark(made.path, child);
      leaveMark(another.path, innocent);
      const log: string[] = [];
      const ended = once(child, 'exit');
      sweepUnfinished(run, (line) => log.push(line));
      assert.deepEqual(await ended, [null, 'SIGKILL']);
      assert.deepEqual(
        log.toSorted(),
        [
          `process ${innocent.pid} is left alone: it was not started for '${another.path}'`,
          `process ${child.pid} was being started by a qmpd that is gone: it is ended`,
        ].toSorted(),
      );
      assert.equal(innocent.signalCode, null);
      innocent.kill('SIGKILL');
      await once(innocent, 'exit');
    }),
  );

  test(
    'a mark in a directory that others may write to ends nothing',
    inDirectory(async (directory) => {
      const run = path.join(directory, 'run');
      const made = makeRuntimeDirectory(run);
      const child = await sleeper(made.path);
      leaveMark(made.path, child);
      chmodSync(run, 0o777);
      const ended = once(child, 'exit');
      sweepUnfinished(run, () => undefined);
      child.kill('SIGTERM');
      assert.deepEqual(await ended, [null, 'SIGTERM']);
    }),
  );
});

describe('the lock of a state directory', () => {
  test(
    'a name in the abstract namespace that another user took first stops nobody',
    { skip: needsRoot },
    inDirectory(async (directory) => {
      const script = `require('net').createServer().listen(process.argv[1].replace('@', '\\0'), () => console.log('there'))`;
      const name = `@qmpd-state:${directory}`;
      const child = spawn(process.execPath, ['-e', script, name], { uid: stranger, gid: stranger });
      await once(child.stdout, 'data');
      await (await lockState(directory)).close();
      child.kill('SIGKILL');
    }),
  );

  test(
    'release 0.1.0 is still seen',
    inDirectory(async (directory) => {
      const server = createServer().listen(`\0qmpd-state:${directory}`);
      await once(server, 'listening');
      await assert.rejects(lockState(directory), /another qmpd uses it$/);
      await new Promise((resolve) => server.close(resolve));
      await (await lockState(directory)).close();
    }),
  );

  test(
    'directories whose long names begin alike have a lock each',
    inDirectory(async (directory) => {
      const long = path.join(directory, 'x'.repeat(120));
      const first = await lockState(`${long}1`);
      const second = await lockState(`${long}2`);
      await first.close();
      await second.close();
    }),
  );
});
