import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const demo = fileURLToPath(new URL('../../examples/demo.js', import.meta.url));

test('the demo goes all the way and ends by itself', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [demo], { timeout: 60_000 });
  for (const line of [
    /^builder< error GenericError: /m,
    /^builder> x-exit-preconfig$/m,
    /^serial< QMPD TINY GUEST READY$/m,
    /^serial< hello$/m,
    /^builder\* STOP \{\}$/m,
    /^watcher\* RESET /m,
    /^watcher< \[\{"name":"disk","claim":"named"/m,
    /^watcher\* SESSION_CLOSED \{"fds-closed":1,"reason":"peer-closed"/m,
    /^watcher< \[\]$/m,
    /^qmpd ended with status 0$/m,
  ]) {
    assert.match(stdout, line);
  }
});
