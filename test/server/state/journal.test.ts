// The journal: what was acknowledged is there after any death; what cannot be believed is refused and left as it is.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { JsonValue } from '../../../src/json/value.ts';
import { Journal } from '../../../src/server/state/journal.ts';

function scratch(context: { after(fn: () => void): void }): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'qmpd-journal-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return path.join(directory, 'machine.journal');
}

function plain(journal: Journal): Record<string, unknown> {
  return Object.fromEntries(
    [...journal.entries].map(([key, value]) => [key, JSON.parse(JSON.stringify(value))]),
  );
}

describe('the journal', () => {
  test('gives back what was changed, dropped keys left out', async (context) => {
    const file = scratch(context);
    const journal = await Journal.open(file);
    await journal.change(
      new Map<string, JsonValue>([
        ['a', 1],
        ['b', 'zwei'],
        ['c', [true, null]],
      ]),
    );
    await journal.change(
      new Map<string, JsonValue | undefined>([
        ['a', 2],
        ['b', undefined],
      ]),
    );
    await journal.close();
    const again = await Journal.open(file);
    assert.deepEqual(plain(again), { c: [true, null], a: 2 });
    assert.equal(again.get('b'), undefined);
    await again.close();
  });

  test('is readable by its owner only', async (context) => {
    const file = scratch(context);
    await (await Journal.open(file)).close();
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  test('keeps integers beyond 2^53', async (context) => {
    const file = scratch(context);
    const journal = await Journal.open(file);
    await journal.change(new Map([['n', 2n ** 64n - 1n]]));
    await journal.close();
    const again = await Journal.open(file);
    assert.equal(again.get('n'), 2n ** 64n - 1n);
    await again.close();
  });

  test('has every acknowledged change after a death at any byte of what followed', async (context) => {
    const file = scratch(context);
    const value = fc.oneof(fc.integer(), fc.string(), fc.array(fc.boolean()));
    const step = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.option(value, { nil: undefined }));
    const plan = fc.tuple(fc.array(step, { minLength: 1, maxLength: 12 }), fc.nat(), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(plan, async ([steps, cut, garbage]) => {
        rmSync(file, { force: true });
        const journal = await Journal.open(file);
        const states: { readonly state: Record<string, unknown>; readonly end: number }[] = [];
        for (const each of steps) {
          await journal.change(new Map(Object.entries(each) as [string, JsonValue | undefined][]));
          states.push({ state: plain(journal), end: statSync(file).size });
        }
        await journal.close();
        const [acknowledged, last] = [states.at(-2), states.at(-1)!];
        const from = acknowledged?.end ?? last.end;
        // The last record may be there, or a part of it, or something else where it was to be.
        const torn = from + (cut % Math.max(1, last.end - from));
        const bytes = readFileSync(file).subarray(0, torn);
        writeFileSync(file, garbage % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.from([garbage])]));
        const again = await Journal.open(file);
        assert.deepEqual(plain(again), torn === last.end ? last.state : (acknowledged?.state ?? last.state));
        // And it goes on from there.
        await again.change(new Map([['next', 1]]));
        await again.close();
        const third = await Journal.open(file);
        assert.equal(third.get('next'), 1);
        await third.close();
      }),
      { numRuns: 60 },
    );
  });

  test('refuses damage that records follow, and leaves the file as it is', async (context) => {
    const file = scratch(context);
    const journal = await Journal.open(file);
    for (const key of ['a', 'b', 'c']) await journal.change(new Map([[key, key]]));
    await journal.close();
    const bytes = readFileSync(file);
    bytes[bytes.indexOf('"a"')] = 0x21;
    writeFileSync(file, bytes);
    await assert.rejects(Journal.open(file), /state file '.*machine\.journal' is damaged/);
    assert.deepEqual(readFileSync(file), bytes);
  });

  for (const [what, text] of [
    ['no header', ''],
    ['another program’s file', 'hello\n'],
    ['zeros', '\0\0\0\0'],
  ] as const) {
    test(`refuses ${what}`, async (context) => {
      const file = scratch(context);
      writeFileSync(file, text);
      await assert.rejects(Journal.open(file), { code: 'ERR_QMPD_STATE_FILE' });
      assert.equal(readFileSync(file, 'latin1'), text);
    });
  }

  test('refuses a newer format and says which one it reads', async (context) => {
    const file = scratch(context);
    const header = '{"format":3}';
    const { crc32 } = await import('node:zlib');
    const text = `${crc32(header).toString(16).padStart(8, '0')} ${header}\n`;
    writeFileSync(file, text);
    await assert.rejects(Journal.open(file), /has the format 3: this qmpd reads 2/);
    assert.equal(readFileSync(file, 'latin1'), text);
  });

  test('writes what waits together', async (context) => {
    const file = scratch(context);
    const journal = await Journal.open(file);
    await Promise.all(Array.from({ length: 500 }, (_, index) => journal.change(new Map([['n', index]]))));
    await journal.close();
    const lines = readFileSync(file, 'latin1').split('\n').length;
    assert.ok(lines < 20, `${lines} lines for 500 changes in one turn`);
  });

  test('stays small however often a key changes', async (context) => {
    const file = scratch(context);
    const journal = await Journal.open(file);
    const text = 'x'.repeat(5000);
    for (let index = 0; index < 300; index += 1) await journal.change(new Map([['n', `${index}${text}`]]));
    await journal.close();
    assert.ok(statSync(file).size < 512 * 1024, String(statSync(file).size));
    const again = await Journal.open(file);
    assert.equal(again.get('n'), `299${text}`);
    await again.close();
  });

  test('forgets a torn record even when a shorter one takes its place', async (context) => {
    const file = scratch(context);
    const journal = await Journal.open(file);
    await journal.change(new Map([['a', 1]]));
    await journal.change(new Map([['long', 'y'.repeat(3000)]]));
    await journal.close();
    truncateSync(file, statSync(file).size - 7);
    const again = await Journal.open(file);
    await again.change(new Map([['b', 2]]));
    await again.close();
    const third = await Journal.open(file);
    assert.deepEqual(plain(third), { a: 1, b: 2 });
    await third.close();
  });
});

const small = { skip: process.getuid?.() === 0 ? false : 'mounting a small file system needs root' };
describe('on a full disk', small, () => {
  function smallDisk(context: { after(fn: () => void): void }): string {
    const directory = mkdtempSync(path.join(tmpdir(), 'qmpd-journal-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', directory]);
    context.after(() => {
      execFileSync('umount', [directory]);
      rmSync(directory, { recursive: true });
    });
    return directory;
  }

  function fill(directory: string): string {
    const file = path.join(directory, 'other');
    assert.throws(() => writeFileSync(file, Buffer.alloc(1024 * 1024)), { code: 'ENOSPC' });
    return file;
  }

  test('a change that was reserved for is written; one that finds no room rejects, and is there later', async (context) => {
    const directory = smallDisk(context);
    const file = path.join(directory, 'machine.journal');
    const journal = await Journal.open(file);
    await journal.reserve(10_000);
    const other = fill(directory);
    await journal.change(new Map([['reserved', 'z'.repeat(9_000)]]));
    await assert.rejects(journal.reserve(200_000), /cannot be written: ENOSPC/);
    await assert.rejects(journal.change(new Map([['large', 'w'.repeat(200_000)]])), {
      code: 'ERR_QMPD_STATE_FILE',
    });
    assert.equal(String(journal.get('large')).length, 200_000);
    rmSync(other);
    await journal.change(new Map([['after', 1]]));
    await journal.close();
    const again = await Journal.open(file);
    assert.deepEqual([...again.entries.keys()].sort(), ['after', 'large', 'reserved']);
    await again.close();
  });
});
