// The script in docs/scripts.md is one that qmpd takes: its commands are known and their arguments have the right types.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { runQmpd } from '../kit/server/executable.ts';

test('the script in the documentation passes the check', async () => {
  const page = await readFile(new URL('../../../docs/scripts.md', import.meta.url), 'utf8');
  const script = /```\n(# vm\.qmp.*?)```/s.exec(page)?.[1];
  assert.ok(script !== undefined, 'docs/scripts.md has the script');
  const { status, errors } = await runQmpd(
    ['--script', '-', '--check', '--qemu', '/nonexistent/qemu'],
    script,
  );
  assert.deepEqual({ status, errors }, { status: 0, errors: '' });
});
