// Peers that are killed at some points, always the same ones: killed-peers.long.test.ts has others.

import { describe, test } from 'node:test';
import { killPeers, skip } from './killed-peers.ts';

describe('peers killed with descriptors in flight', { skip }, () => {
  test('leave nothing behind', async () => {
    await killPeers(40, 1);
  });
});
