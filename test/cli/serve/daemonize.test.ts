import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { connect } from '../../../src/client/index.ts';
import { runQmpd } from '../../kit/server/executable.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'qmpd-test-'));
after(() => rmSync(directory, { recursive: true }));
const options = ['--daemonize', '--state', 'none', '--qemu', '/nonexistent/qemu'];

/** The process that has this word on its command line. */
function processWith(word: string): string {
  const found = readdirSync('/proc').find((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(word);
    } catch {
      return false;
    }
  });
  assert(found, `a process with ${word}`);
  return found;
}

test('a daemon listens when its starter ends, has a session of its own and no terminal, and ends by quit', async () => {
  const address = `unix:${directory}/qmp.sock`;
  const { status, output, errors } = await runQmpd([...options, '--qmp', address]);
  assert.deepEqual({ status, output, errors }, { status: 0, output: `${address}\n`, errors: '' });
  const pid = processWith(address);
  const client = await connect(address);
  const [, fields = ''] = /\) (.*)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
  const [, parent, , session, terminal] = fields.split(' ');
  assert.notEqual(parent, String(process.pid));
  assert.deepEqual([session, terminal], [pid, '0']);
  assert.deepEqual(
    [0, 1].map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`)),
    ['/dev/null', '/dev/null'],
  );
  await client.execute('quit');
  await client.closed;
});

test('the scripts are carried out before a daemon is left alone, and what fails is told', async () => {
  const script = path.join(directory, 'vm.qmp');
  writeFileSync(script, 'machine-set name=vm1\n');
  const address = `unix:${directory}/script.sock`;
  const words = [...options, '--qmp', address, '--script', script];
  assert.equal((await runQmpd(words)).status, 0);
  await using client = await connect(address);
  assert.equal((await client.execute('query-name')).name, 'vm1');
  const second = await runQmpd(words);
  assert.equal(second.status, 1);
  assert.match(second.errors, /script\.sock/);
  writeFileSync(script, 'no-such-command\n');
  const failed = await runQmpd([...options, '--qmp', `unix:${directory}/other.sock`, '--script', script]);
  assert.equal(failed.status, 1);
  assert.match(failed.errors, /vm\.qmp:1:1: no-such-command/);
  await client.execute('quit');
});

for (const words of [['--private'], ['--qmp', 'stdio'], ['--qmp', 'fd:3']]) {
  test(`a daemon cannot be started with ${words.join(' ')}`, async () => {
    const { status, errors } = await runQmpd([...options, ...words]);
    assert.equal(status, 2);
    assert.match(errors, /--daemonize/);
  });
}
