// The recorded conversations with QEMU, had with a blank qmpd: the same lines, to the byte. With no QEMU in sight, and for
// an engine of its own, it answers as 10.0.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type RecordedCase, recordedCases } from '../kit/cases/recorded-cases.ts';
import { conversationWith, isPretty } from '../kit/cases/recorded-conversation.ts';
import { RawClient } from '../kit/clients/raw-client.ts';
import { chardevDoors } from '../kit/server/chardev-doors.ts';
import { type FrontDoor, frontDoors } from '../kit/server/front-doors.ts';
import { installedQemu } from '../kit/server/test-server.ts';

/** Cases whose command needs a QEMU that runs, or whose answer names what only that QEMU has. */
const needQemu: ReadonlyMap<string, string> = new Map([
  ['oob-yank-ok', 'names the chardev of QEMU’s own monitor; a blank qmpd has nothing to yank'],
  ['arg-size-negative', 'aborts QEMU; refused by qmpd (test/engines/upstream)'],
  ['hmp', 'the human monitor is QEMU’s'],
]);

/** Cases recorded with `-M none`, where a machine exists: had after these commands, with the embedded engine. */
const created: readonly string[] = ['machine-set', 'x-exit-preconfig', 'cont'];
const prepared: ReadonlyMap<string, readonly string[]> = new Map([
  ['arg-missing', created],
  ['arg-type-int-float', created],
  ['arg-dup-error-order', created],
  ['event-stop-when-stopped', created],
  ['preconfig-exit-then-again', ['machine-set']],
]);

/** This test compares with what 10.0 says, whose wire behaviour qmpd follows where the two differ. */
const cases = recordedCases('10.0');

async function prepare(path: string, commands: readonly string[]): Promise<void> {
  if (commands.length === 0) return;
  const client = await RawClient.negotiated(path);
  for (const command of commands) {
    await client.execute(command, command === 'machine-set' ? { engine: 'embedded' } : undefined);
  }
  client.close();
}

for (const door of [...frontDoors, ...chardevDoors]) {
  describe(`recorded conversations with QEMU, had with a blank qmpd through ${door.name}`, () => {
    for (const recorded of cases) {
      if (losesAnswer(door, recorded)) continue;
      const reason = needQemu.get(recorded.name) ?? tooLong(door, recorded);
      it(recorded.name, { skip: reason ?? false }, () => converse(door, recorded));
    }
  });
}

/** A terminal takes what nobody has read yet with it when its process ends. */
function losesAnswer(door: FrontDoor, { name }: RecordedCase): boolean {
  return door.halfCloses === false && name.startsWith('quit');
}

/** Its peer here is a reader in the same thread, and what a terminal holds is written in one go. */
function tooLong(door: FrontDoor, { raw }: RecordedCase): string | undefined {
  const bytes = raw.reduce((sum, line) => sum + line.length, 0);
  return door.halfCloses === false && bytes > 16_384 ? 'more than a terminal holds' : undefined;
}

async function converse(door: FrontDoor, recorded: RecordedCase): Promise<void> {
  const pretty = isPretty(recorded);
  // One of them with a QEMU in sight, which takes its time, the others without.
  const qemu = door === frontDoors[0] ? { qemuBinary: installedQemu } : {};
  await using opened = await door.open({ pretty, ...qemu });
  await prepare(opened.server.path, prepared.get(recorded.name) ?? []);
  assert.deepEqual(await conversationWith(opened.where, recorded, door.halfCloses), recorded.raw);
}
