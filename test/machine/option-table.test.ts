// Each option of `machine-set` has the effect on a real QEMU that it is said to have.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { isJsonObject } from '../../src/json/value.ts';
import { argvOf } from '../../src/machine/option-table/index.ts';
import { basicEffects } from './basic-effects.ts';
import { bootEffects } from './boot-effects.ts';
import { deviceEffects } from './device-effects.ts';
import { wire } from './option-effect.ts';
import { processEffects } from './process-effects.ts';
import { QemuUnderTest, qemuBinaries } from './qemu-under-test.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'qmpd-options-'));
after(() => rmSync(directory, { recursive: true }));
for (const name of ['disk.img', 'a,b.img', 'cd.iso', 'floppy.img']) {
  writeFileSync(path.join(directory, name), Buffer.alloc(1_474_560));
}

const effects = [basicEffects, bootEffects, deviceEffects, processEffects].flatMap((make) => make(directory));
const proved = new Set<string>();

for (const binary of qemuBinaries) {
  describe(`QEMU ${binary.major}.${binary.minor}`, () => {
    for (const effect of effects) {
      if (effect.asRoot === true && process.getuid?.() !== 0) continue;
      if (binary.major < (effect.since ?? 0) || binary.major > (effect.until ?? 99)) continue;
      const options = wire(effect.options);
      assert(isJsonObject(options));
      const [name = ''] = Object.keys(options);
      test(`${name} = ${JSON.stringify(effect.options[name])} has its effect`, async () => {
        const words = argvOf(options, binary);
        const start = QemuUnderTest.start(binary, [...(effect.before ?? []), ...words]);
        if (effect.refused === undefined) {
          await using qemu = await start;
          await effect.see?.(qemu, binary);
        } else {
          await assert.rejects(start, effect.refused);
        }
        proved.add(name);
      });
    }
  });
}

after(() => console.log(`options proved by an effect: ${proved.size} (${[...proved].sort().join(' ')})`));
