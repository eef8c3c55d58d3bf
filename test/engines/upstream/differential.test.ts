// Random commands, always the same ones, are answered as without the engine: differential.long.test.ts has others.

import { describe, test } from 'node:test';
import { binaries } from '../../kit/qemu/rig.ts';
import { compareAnswers } from './differential.ts';

for (const { label, path: binary } of binaries) {
  describe(label, () => {
    test('random commands are answered as without the engine', async () => {
      await compareAnswers(binary, 1, 100);
    });
  });
}
