// The connecting side of a socket backend, which may dial for as long as its chardev lives.

import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { dial } from '../../../../src/chardevs/kinds/socket/dialer.ts';

test('an attempt that fails leaves nothing at the signal that would have ended it', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  await new Promise((resolve) => server.close(resolve));
  const { signal } = new AbortController();
  const data = { host: '127.0.0.1', port: String(address.port) };
  for (let i = 0; i < 5; i++) {
    const attempt = dial({ type: 'inet', data }, undefined, { nodelay: false, keepAlive: false }, signal);
    await assert.rejects(attempt, /Connection refused/);
  }
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});
