// Files that a client names to the embedded engine: none of them makes a command, or the server, wait.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { RawClient } from '../kit/clients/raw-client.ts';
import { startTestServer, type TestServer } from '../kit/server/test-server.ts';

async function administrator(server: TestServer): Promise<RawClient> {
  const client = await RawClient.negotiated(server.path);
  const chosen = await client.execute('machine-set', { engine: 'embedded' });
  assert.equal(chosen?.error, undefined);
  return client;
}

describe('files that a client names', () => {
  test('a kernel without an end, or that nobody writes, is refused', async () => {
    await using server = await startTestServer();
    const client = await administrator(server);
    const fifo = `${server.directory}/fifo`;
    execFileSync('mkfifo', [fifo]);
    for (const kernel of ['/dev/zero', fifo]) {
      assert.equal((await client.execute('machine-set', { kernel }))?.error, undefined);
      const reply = await client.execute('x-exit-preconfig');
      assert.match(reply?.error?.desc ?? '', /it is not a regular file/);
    }
    client.close();
  });

  test('pictures and memory go to no FIFO that nobody reads, and no further than addresses do', async () => {
    await using server = await startTestServer();
    const client = await administrator(server);
    const fifo = `${server.directory}/fifo`;
    execFileSync('mkfifo', [fifo]);
    assert.deepEqual(await client.execute('x-exit-preconfig'), { return: {} });
    for (const [command, args] of [
      ['screendump', { filename: fifo }],
      ['pmemsave', { val: 0, size: 1, filename: fifo }],
    ] as const) {
      const reply = await client.execute(command, args);
      assert.match(reply?.error?.desc ?? '', /No such device or address/, command);
    }
    const filename = `${server.directory}/memory`;
    const reply = await client.execute('pmemsave', { val: 0, size: 2 ** 50, filename });
    assert.match(reply?.error?.desc ?? '', /^Parameter 'size' expects at most 4294967296 bytes/);
    assert.throws(() => readFileSync(filename));
    client.close();
  });
});
