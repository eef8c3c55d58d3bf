// Guests of random code: whatever they do, the process, and the way to end the machine, remain.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedEngine } from '../../../src/engines/embedded/index.ts';
import { jsonObject } from '../../../src/json/value.ts';
import { RecordingHost } from './recording-host.ts';

const romBytes = 0x10000;
const runMs = 60;
/** Where the CPU starts: a jump to the ROM's first byte. */
const resetVector = { at: 0xfff0, code: [0xea, 0x00, 0x00, 0x00, 0xf0] };
/** Control registers, string and I/O instructions, far jumps, prefixes: more of what hurts than pure chance gives. */
const harmful = [
  0x0f, 0x22, 0xc0, 0xe0, 0xcd, 0x66, 0x67, 0xea, 0xcf, 0xec, 0xee, 0xef, 0xed, 0xf3, 0xa5, 0xab,
];

/** So many guests of the code that the seed gives, one after the other. */
export async function runRandomGuests(guests: number, seed: number): Promise<void> {
  let state = seed >>> 0 || 1;
  const random = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  const folder = await mkdtemp(path.join(tmpdir(), 'qmpd-random-'));
  const firmware = path.join(folder, 'random.rom');
  try {
    for (let guest = 0; guest < guests; guest++) {
      const rom = Buffer.alloc(romBytes);
      for (let at = 0; at < romBytes; at++) {
        const value = random();
        rom[at] =
          guest % 2 === 0 ? value & 0xff : (harmful[value % (harmful.length + 2)] ?? (value >>> 8) & 0xff);
      }
      rom.set(resetVector.code, resetVector.at);
      await writeFile(firmware, rom);
      await runGuest(firmware);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function runGuest(firmware: string): Promise<void> {
  const host = new RecordingHost();
  host.terminal('s0');
  const options = jsonObject({ firmware, serial: ['s0'], memory: jsonObject({ size: 1 << 20 }) });
  const machine = await new EmbeddedEngine().create({ options, declarations: [] }, host);
  await machine.cont();
  await delay(runMs);
  await machine.end();
  assert.equal(host.terminal('s0').attached, false);
}
