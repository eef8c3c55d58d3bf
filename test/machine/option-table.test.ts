// Each option of `machine-set` has the effect on a real QEMU that it is said to have.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { isJsonObject } from '../../src/json/value.ts';
import { argvOf } from '../../src/machine/option-table/index.ts';
import { allEffects } from './all-effects.ts';
import { type OptionEffect, wire } from './option-effect.ts';
import { type QemuBinary, QemuUnderTest, qemuBinaries, qemuFor } from './qemu-under-test.ts';
import { targetEffects } from './target-effects.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'qmpd-options-'));
after(() => rmSync(directory, { recursive: true }));
for (const name of ['disk.img', 'a,b.img', 'cd.iso', 'floppy.img']) {
  writeFileSync(path.join(directory, name), Buffer.alloc(1_474_560));
}

const effects = allEffects(directory);
const proved = new Set<string>();

function prove(binary: QemuBinary, effect: OptionEffect): void {
  if (binary.major < (effect.since ?? 0) || binary.major > (effect.until ?? 99)) return;
  const options = wire(effect.options);
  assert(isJsonObject(options));
  const [name = ''] = Object.keys(options);
  const skip = reasonToSkip(effect);
  test(`${name} = ${JSON.stringify(effect.options[name])} has its effect`, { skip }, async () => {
    const words = [...(effect.before ?? []), ...argvOf(options, binary)];
    const start = QemuUnderTest.start(binary, words, effect.tracer);
    if (effect.refused === undefined) {
      await using qemu = await start;
      await effect.see?.(qemu, binary);
    } else {
      await assert.rejects(start, effect.refused);
    }
    proved.add(name);
  });
}

function reasonToSkip({ asRoot, tracer }: OptionEffect): string | false {
  if (asRoot === true && process.getuid?.() !== 0) return 'only root can see it';
  const program = tracer?.[0];
  return program !== undefined && !existsSync(`/usr/bin/${program}`) && `${program} is not installed`;
}

for (const binary of qemuBinaries) {
  describe(`QEMU ${binary.major}.${binary.minor}`, () => {
    for (const effect of effects) prove(binary, effect);
  });
}

describe('QEMU for other machines', () => {
  for (const effect of targetEffects(directory)) {
    const binary = qemuFor(effect.target);
    if (binary !== undefined) prove(binary, effect);
  }
});

after(() => console.log(`options proved by an effect: ${proved.size} (${[...proved].sort().join(' ')})`));
