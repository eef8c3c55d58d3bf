// Each option of `machine-set` has the effect on a real QEMU that it is said to have.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { argvOf, optionTable } from '../../../../src/engines/qemu/options/index.ts';
import { isJsonObject } from '../../../../src/json/value.ts';
import { type QemuBinary, QemuUnderTest, qemuBinaries, qemuFor } from '../../../kit/qemu/qemu-under-test.ts';
import { allEffects } from './all-effects.ts';
import { type OptionEffect, wire } from './option-effect.ts';
import { notForPcs, targetEffects } from './target-effects.ts';

const root = mkdtempSync(path.join(tmpdir(), 'qmpd-options-'));
after(() => rmSync(root, { recursive: true }));

/** Images that nobody else has locked. */
function directoryFor(binary: QemuBinary): string {
  const directory = mkdtempSync(path.join(root, `${binary.major}-`));
  for (const name of ['disk.img', 'a,b.img', 'cd.iso', 'floppy.img']) {
    writeFileSync(path.join(directory, name), Buffer.alloc(1_474_560));
  }
  return directory;
}

const proved = new Set<string>();
/** For want of a package. */
const skipped = new Set<string>();
/** By what QEMU says when it refuses them. */
const given = new Set<string>();

function prove(binary: QemuBinary, effect: OptionEffect): void {
  if (binary.major < (effect.since ?? 0) || binary.major > (effect.until ?? 99)) return;
  const options = wire(effect.options);
  assert(isJsonObject(options));
  const [name = ''] = Object.keys(options);
  const skip = reasonToSkip(effect);
  test(`${name} = ${JSON.stringify(effect.options[name])} has its effect`, { skip }, async (t) => {
    const words = [...(effect.before ?? []), ...argvOf(options, binary)];
    const start = QemuUnderTest.start(binary, words, effect.tracer);
    if (effect.refused === undefined) {
      try {
        await using qemu = await start;
        await effect.see?.(qemu, binary);
      } catch (thrown) {
        // Debian has parts of QEMU in packages of their own.
        const missing = /Perhaps you want to install \S+ package|no default audio driver available/.exec(
          String(thrown),
        );
        if (missing === null) throw thrown;
        t.skip(`QEMU says: ${missing[0]}`);
        skipped.add(name);
        return;
      }
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

describe('options of machines', { concurrency: 2 }, () => {
  for (const binary of qemuBinaries) {
    describe(`QEMU ${binary.major}.${binary.minor}`, { concurrency: 1 }, () => {
      for (const effect of allEffects(directoryFor(binary))) prove(binary, effect);
      for (const [options, word] of notForPcs) {
        test(`${word} reaches a QEMU that does not have it`, async () => {
          const start = QemuUnderTest.start(binary, argvOf(options, binary));
          await assert.rejects(start, new RegExp(`${word}: Option not supported for this target`));
          for (const name of Object.keys(options)) given.add(name);
        });
      }
    });
  }

  describe('QEMU for other machines', { concurrency: 1 }, () => {
    for (const effect of targetEffects(root)) {
      const binary = qemuFor(effect.target);
      if (binary !== undefined) prove(binary, effect);
    }
  });
});

/** They have no words: whole servers show them (option-changes.test.ts). */
const ofTheEngine = ['engine', 'autostart'];
/** QEMUs before 9.1 for ARM machines have it. */
const older = ['old-param'];

test('every option has its effect, or QEMU says that it does not have it', {
  skip:
    !(qemuBinaries.some(({ major }) => major < 8) && qemuBinaries.some(({ major }) => major >= 8)) &&
    'needs two QEMUs: one before 8.0, one since',
}, () => {
  const names = optionTable.map(({ name }) => name).filter((name) => !ofTheEngine.includes(name));
  const missing = names.filter(
    (name) => ![proved, given, skipped].some((set) => set.has(name)) && !older.includes(name),
  );
  assert.deepEqual(missing, []);
});

after(() => {
  const only = [...given].filter((name) => !proved.has(name)).sort();
  const lines = [
    `options proved by an effect at creation: ${proved.size} of ${optionTable.length} (${[...proved].sort().join(' ')})`,
    `given to a QEMU that does not have them: ${only.join(' ') || 'none'}`,
    `shown by whole servers: ${ofTheEngine.join(' ')}`,
  ];
  console.log(lines.join('\n'));
});
