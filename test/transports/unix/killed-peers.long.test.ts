// Peers that are killed at hundreds of random points. QMPD_SEED repeats a run.

import { describe, test } from 'node:test';
import { killPeers, skip } from './killed-peers.ts';

describe('peers killed with descriptors in flight', { skip }, () => {
  test('leave nothing behind', async (context) => {
    const seed = Number(process.env.QMPD_SEED ?? Date.now() % 1_000_000);
    context.diagnostic(`QMPD_SEED=${seed}`);
    await killPeers(600, seed);
  });
});
