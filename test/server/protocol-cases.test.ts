// The recorded conversations with QEMU 7.2 and 10.0, had with a blank qmpd: the same lines, to the byte.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { type FrontDoor, frontDoors } from './front-doors.ts';
import { RawClient } from './raw-client.ts';
import { installedQemu } from './test-server.ts';

interface Case {
  readonly name: string;
  readonly negotiate: boolean;
  readonly oob?: boolean;
  readonly send: string;
  readonly sendEncoding?: 'latin1';
  readonly raw: readonly string[];
  readonly closed?: boolean;
  readonly mon?: string;
  readonly versions: readonly string[];
}

/** Cases whose command needs a QEMU that runs, or whose answer names what only that QEMU has. */
const needQemu: ReadonlyMap<string, string> = new Map([
  ['oob-yank-ok', 'names the chardev of QEMU’s own monitor; a blank qmpd has nothing to yank'],
  ['arg-size-negative', 'aborts QEMU; refused by qmpd (test/engines/qemu)'],
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

/** Events that QEMU does not have; a client that knows only QEMU ignores them, and so does this comparison. */
const ownEvents: ReadonlySet<string> = new Set([
  'SESSION_OPENED',
  'SESSION_CLOSED',
  'PHASE_CHANGED',
  'MACHINE_OPTION_CHANGED',
]);

/** This test compares with what 10.0 says, whose wire behaviour qmpd follows where the two differ. */
const cases = readFileSync(new URL('../../../test/cases/protocol.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line): Case => JSON.parse(line))
  .filter(({ versions }) => versions.includes('10.0'));

/** The recordings have version, package and time of day masked. */
function masked(line: string): string {
  return line
    .replace(/"(micro|minor|major)": \d+/g, '"$1": 0')
    .replace(/"(seconds|microseconds)": \d+/g, '"$1": 0')
    .replace(/"package": "[^"]*"/g, '"package": ""');
}

function isOwnEvent(line: string): boolean {
  const { event } = JSON.parse(line);
  return ownEvents.has(event);
}

async function prepare(path: string, commands: readonly string[]): Promise<void> {
  if (commands.length === 0) return;
  const client = await RawClient.negotiated(path);
  for (const command of commands) {
    await client.execute(command, command === 'machine-set' ? { engine: 'embedded' } : undefined);
  }
  client.close();
}

for (const door of frontDoors) {
  describe(`recorded conversations with QEMU, had with a blank qmpd through ${door.name}`, () => {
    for (const recorded of cases) {
      const reason = needQemu.get(recorded.name);
      it(recorded.name, { skip: reason ?? false }, () => converse(door, recorded));
    }
  });
}

async function converse(door: FrontDoor, recorded: Case): Promise<void> {
  const pretty = recorded.mon?.includes('pretty=on') ?? false;
  // One of them with a QEMU in sight, which takes its time, the others without.
  const qemu = door === frontDoors[0] ? { qemuBinary: installedQemu } : {};
  await using opened = await door.open({ pretty, ...qemu });
  await prepare(opened.server.path, prepared.get(recorded.name) ?? []);
  const client = recorded.negotiate
    ? await RawClient.negotiated(opened.where, recorded.oob ? ['oob'] : [])
    : await RawClient.connect(opened.where);
  client.send(Buffer.from(recorded.send, recorded.sendEncoding ?? 'utf8'));
  // Half closed: qmpd answers what it has, then ends the session. No waiting for lines that do not come.
  client.socket.end();
  const lines = await client.untilClosed();
  const text = pretty
    ? [masked(`${lines.join('\r\n')}\r\n`)]
    : lines.filter((line) => !isOwnEvent(line)).map(masked);
  assert.deepEqual(text, recorded.raw);
}
