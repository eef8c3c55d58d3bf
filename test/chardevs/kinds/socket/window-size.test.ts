// The size of a telnet client's window, told between the bytes that are for the guest.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ChardevRegistry } from '../../../../src/chardevs/index.ts';
import { type JsonObject, jsonObject } from '../../../../src/json/value.ts';
import { RecordingFrontend } from '../../../kit/chardevs/recording-frontend.ts';
import { dial } from '../../../kit/clients/peer.ts';

let directory = '';
before(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'qmpd-window-'));
});
after(() => rm(directory, { recursive: true }));

function consoleAt(file: string): JsonObject {
  const addr = jsonObject({ type: 'unix', data: jsonObject({ path: file }) });
  return jsonObject({ type: 'console', data: jsonObject({ addr, telnet: true }) });
}

const size = (...bytes: number[]): string => String.fromCharCode(255, 250, 31, ...bytes, 255, 240);

/** What a client sends after the negotiation, and what comes of it. */
const cases: readonly (readonly [name: string, sent: string, seen: string, sizes: readonly string[]])[] = [
  ['a size', `a${size(0, 80, 0, 24)}b`, 'ab', ['80x24']],
  ['two sizes, the second the same', `${size(0, 80, 0, 24)}x${size(0, 80, 0, 24)}y`, 'xy', ['80x24']],
  ['a size with a doubled byte of 255', `${size(0, 255, 255, 1, 0)}z`, 'z', ['255x256']],
  ['a size of a client that does not know', `${size(0, 0, 0, 24)}n`, 'n', []],
  ['a size that is too short', `${size(0, 80)}s`, 's', []],
  ['a byte of 255 for the guest', '1\xff\xff2', '1\xff2', []],
  ['a break after a size', `${size(0, 90, 0, 30)}\xff\xf3e`, '<BREAK>e', ['90x30']],
];

for (const [name, sent, seen, sizes] of cases) {
  for (const step of [1, sent.length]) {
    test(`${name}, ${step === 1 ? 'byte by byte' : 'at once'}`, async () => {
      const told: string[] = [];
      const registry = new ChardevRegistry({
        objects: { object: () => undefined },
        log: () => {},
        consoleResized: (id, cols, rows) => told.push(`${id === 'c' ? '' : id}${cols}x${rows}`),
      });
      const file = path.join(directory, 'console');
      await registry.add('c', consoleAt(file), 'created');
      const frontend = new RecordingFrontend().attach(await registry.open('c'));
      const viewer = await dial(file);
      assert.ok((await viewer.receive(15)).includes('\xff\xfd\x1f'));
      viewer.send('\xff\xfb\x1f');
      for (let at = 0; at < sent.length; at += step) {
        viewer.send(sent.slice(at, at + step));
        await new Promise((resolve) => setImmediate(resolve));
      }
      await frontend.until((all) => all === `<OPENED>${seen}`);
      assert.deepEqual(told, sizes);
      viewer.close();
      await registry.closeAll();
    });
  }
}
