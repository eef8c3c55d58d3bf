// Two servers and one state directory: the machine in it has one master.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { LocalError } from '../../src/util/local-error.ts';
import { RawClient } from '../kit/clients/raw-client.ts';
import { startTestServer } from '../kit/server/test-server.ts';

test('a second server with the same state directory does not start, and the first goes on', async () => {
  const stateDirectory = mkdtempSync(path.join(tmpdir(), 'qmpd-test-state-'));
  try {
    {
      await using first = await startTestServer({ stateDirectory });
      const client = await RawClient.negotiated(first.path);
      for (const spelling of [
        stateDirectory,
        `${stateDirectory}/`,
        path.join(stateDirectory, '..', path.basename(stateDirectory)),
      ]) {
        await assert.rejects(startTestServer({ stateDirectory: spelling }), (thrown) => {
          assert.ok(thrown instanceof LocalError);
          assert.equal(thrown.code, 'ERR_QMPD_STATE_DIRECTORY');
          assert.match(thrown.message, /another qmpd uses it$/);
          return true;
        });
      }
      await client.ask('query-status');
    }
    // With the first one's end it is free.
    await using next = await startTestServer({ stateDirectory });
    await (await RawClient.negotiated(next.path)).ask('query-status');
  } finally {
    rmSync(stateDirectory, { recursive: true, force: true });
  }
});
