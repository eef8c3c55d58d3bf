// Many random commands are answered as without the engine. QMPD_SEED repeats a run.

import { describe, test } from 'node:test';
import { binaries } from '../../kit/qemu/rig.ts';
import { compareAnswers } from './differential.ts';

for (const { label, path: binary } of binaries) {
  describe(label, () => {
    test('random commands are answered as without the engine', async (context) => {
      const seed = Number(process.env.QMPD_SEED ?? Date.now() % 1_000_000);
      context.diagnostic(`QMPD_SEED=${seed}`);
      await compareAnswers(binary, seed, 1_000);
    });
  });
}
