import assert from 'node:assert/strict';
import test from 'node:test';
import { type JsonObject, jsonObject } from '../../../src/json/value.ts';
import {
  ClientCore,
  type CommandRequest,
  fdsPendingMax,
  inBandOnWireMax,
  type Outcome,
  pendingCommandsMax,
} from '../../../src/qmp/client/core.ts';
import type { EventMessage } from '../../../src/qmp/client/messages.ts';
import { LocalError } from '../../../src/util/local-error.ts';
import type { OwnedFd } from '../../../src/util/owned-fd.ts';

const greeting =
  '{"QMP": {"version": {"qemu": {"micro": 2, "minor": 0, "major": 10}, "package": "p"}, "capabilities": ["oob"]}}\r\n';

interface Sent {
  readonly execute?: string;
  readonly 'exec-oob'?: string;
  readonly arguments?: unknown;
  readonly id: string;
}

/** A core with everything that it did, and what its commands came to. */
class Rig {
  readonly sent: Sent[] = [];
  readonly events: EventMessage[] = [];
  readonly outcomes: (Outcome | LocalError)[] = [];
  failure: LocalError | undefined;
  ready = 0;
  readonly core: ClientCore;

  constructor(oob = false) {
    this.core = new ClientCore(
      {
        send: (text) => {
          assert.ok(text.endsWith('\n'));
          this.sent.push(JSON.parse(text));
        },
        ready: () => {
          this.ready += 1;
        },
        event: (event) => {
          this.events.push(event);
        },
        failed: (error) => {
          this.failure = error;
        },
      },
      { idPrefix: 'x-', oob },
    );
  }

  receive(text: string, fds: readonly OwnedFd[] = []): void {
    this.core.receive(new TextEncoder().encode(text), fds);
  }

  negotiate(): this {
    this.receive(greeting);
    this.answer(this.sent.pop()?.id ?? '');
    return this;
  }

  answer(id: string, value = '{}', fds: readonly OwnedFd[] = []): void {
    this.receive(`{"return": ${value}, "id": "${id}"}\r\n`, fds);
  }

  submit(command: string, more: Partial<CommandRequest> = {}): string {
    return this.core.submit({
      command,
      settled: (outcome) => this.outcomes.push(outcome),
      failed: (error) => this.outcomes.push(error),
      ...more,
    });
  }
}

function fakeFd(): OwnedFd & { closed: boolean } {
  return {
    fd: 99,
    closed: false,
    close() {
      this.closed = true;
    },
    release: () => 99,
  };
}

test('commands wait for the greeting and the negotiation', () => {
  const rig = new Rig();
  rig.submit('query-status');
  assert.deepEqual(rig.sent, []);
  rig.receive(greeting.slice(0, 30));
  rig.receive(greeting.slice(30));
  assert.deepEqual(rig.sent, [{ execute: 'qmp_capabilities', id: 'x-2' }]);
  rig.answer('x-2');
  assert.equal(rig.ready, 1);
  assert.deepEqual(rig.sent[1], { execute: 'query-status', id: 'x-1' });
  rig.answer('x-1', '{"running": true}');
  assert.deepEqual(rig.outcomes, [{ kind: 'return', value: jsonObject({ running: true }), fds: [] }]);
});

test('oob is enabled when it is wanted and offered', () => {
  const rig = new Rig(true);
  rig.receive(greeting);
  assert.deepEqual(rig.sent[0]?.arguments, { enable: ['oob'] });
  const without = new Rig(true);
  without.receive(greeting.replace('"oob"', ''));
  assert.equal(without.sent[0]?.arguments, undefined);
});

test('answers are matched by id, whatever their order', () => {
  const rig = new Rig().negotiate();
  rig.submit('a');
  rig.submit('b');
  rig.receive(
    '{"error": {"class": "GenericError", "desc": "no"}, "id": "x-3"}\r\n{"return": 1, "id": "x-2"}\r\n',
  );
  assert.deepEqual(rig.outcomes, [
    { kind: 'error', class: 'GenericError', desc: 'no' },
    { kind: 'return', value: 1, fds: [] },
  ]);
});

test('the answer to a command of the client before us is nobody’s', () => {
  const rig = new Rig();
  rig.receive(greeting);
  rig.receive('{"return": {}, "id": "old"}\r\n{"return": {}, "id": 1}\r\n{"return": {}}\r\n');
  assert.equal(rig.ready, 0);
  rig.answer('x-1');
  assert.equal(rig.ready, 1);
  assert.equal(rig.failure, undefined);
});

test('an error without an id answers the oldest in-band command', () => {
  const rig = new Rig().negotiate();
  rig.submit('a');
  rig.submit('b');
  rig.receive('{"error": {"class": "GenericError", "desc": "JSON token size limit exceeded"}}\r\n');
  rig.answer('x-3', '7');
  assert.deepEqual(rig.outcomes, [
    { kind: 'error', class: 'GenericError', desc: 'JSON token size limit exceeded' },
    { kind: 'return', value: 7, fds: [] },
  ]);
});

test('with oob few in-band commands are on the wire, and an out-of-band one overtakes the rest', () => {
  const rig = new Rig(true).negotiate();
  for (let index = 0; index < 20; index += 1) rig.submit(`c${index}`);
  assert.equal(rig.sent.length, inBandOnWireMax);
  rig.submit('migrate-pause', { outOfBand: true });
  assert.equal(rig.sent.at(-1)?.['exec-oob'], 'migrate-pause');
  rig.answer(rig.sent[0]?.id ?? '');
  assert.equal(rig.sent.length, inBandOnWireMax + 2);
  assert.equal(rig.sent.at(-1)?.execute, `c${inBandOnWireMax}`);
});

test('out-of-band without the capability is refused at once', () => {
  const rig = new Rig().negotiate();
  assert.throws(() => rig.submit('migrate-pause', { outOfBand: true }), { code: 'ERR_QMPD_NO_OOB' });
});

test('an abandoned command that was not sent never is; one that was is forgotten when its answer comes', () => {
  const rig = new Rig(true).negotiate();
  const ids = Array.from({ length: 9 }, (_, index) => rig.submit(`c${index}`));
  assert.equal(rig.core.abandon(ids[8] ?? ''), 'not-sent');
  assert.equal(rig.core.abandon(ids[0] ?? ''), 'sent');
  const fd = fakeFd();
  rig.answer(ids[0] ?? '', '{}', [fd]);
  assert.deepEqual(rig.outcomes, []);
  assert.ok(fd.closed);
  assert.deepEqual(
    rig.sent.map((message) => message.execute),
    ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7'],
  );
  assert.equal(rig.core.abandon(ids[0] ?? ''), 'settled');
});

test('descriptors go to the last message of their chunk, or to the one that it leaves unfinished', () => {
  const rig = new Rig().negotiate();
  const [a, b] = [rig.submit('a'), rig.submit('b')];
  const [first, second] = [fakeFd(), fakeFd()];
  rig.receive(`{"return": 1, "id": "${a}"}\r\n{"return": 2, `, [first]);
  assert.deepEqual(rig.outcomes, [{ kind: 'return', value: 1, fds: [] }]);
  rig.receive(`"id": "${b}"}\r\n`, [second]);
  assert.deepEqual(rig.outcomes[1], { kind: 'return', value: 2, fds: [first, second] });
});

test('descriptors that nobody asked for are closed', () => {
  const rig = new Rig().negotiate();
  const fds = [fakeFd(), fakeFd(), fakeFd()];
  rig.receive('{"event": "STOP", "timestamp": {"seconds": 1, "microseconds": 2}}\r\n', [fds[0] as OwnedFd]);
  rig.answer('nobody', '{}', [fds[1] as OwnedFd]);
  rig.receive('{"return": ', [fds[2] as OwnedFd]);
  rig.core.peerGone(new LocalError('ERR_QMPD_DISCONNECTED', 'gone'));
  assert.deepEqual(
    fds.map((fd) => fd.closed),
    [true, true, true],
  );
});

test('events are delivered in every state, with the data that they have', () => {
  const rig = new Rig();
  rig.receive('{"event": "RESUME", "timestamp": {"seconds": 1, "microseconds": 2}}\r\n');
  rig.receive(
    '{"event": "X", "data": {"a": 9007199254740993}, "timestamp": {"seconds": -1, "microseconds": -1}}\r\n',
  );
  assert.deepEqual(rig.events, [
    { event: 'RESUME', data: jsonObject(), timestamp: { seconds: 1, microseconds: 2 } },
    { event: 'X', data: jsonObject({ a: 9007199254740993n }), timestamp: { seconds: -1, microseconds: -1 } },
  ]);
});

test('when the peer goes away everybody who waits is told once, and nothing more is taken', () => {
  const rig = new Rig(true).negotiate();
  for (let index = 0; index < 12; index += 1) rig.submit(`c${index}`);
  const error = new LocalError('ERR_QMPD_DISCONNECTED', 'gone');
  rig.core.peerGone(error);
  rig.core.peerGone(new LocalError('ERR_QMPD_CLOSED', 'later'));
  assert.deepEqual(rig.outcomes, Array(12).fill(error));
  assert.equal(rig.failure, undefined);
  assert.throws(() => rig.submit('late'), error);
});

for (const [what, text] of [
  ['bytes that are not JSON', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['JSON that is no message', '{"hello": 1}\r\n'],
  ['a message that is not an object', '[1, 2]\r\n'],
  ['an error without a description', '{"error": {"class": "GenericError"}}\r\n'],
  ['a second greeting', greeting],
] as const) {
  test(`${what} ends the conversation with an error that quotes it`, () => {
    const rig = new Rig().negotiate();
    rig.submit('a');
    rig.receive(text);
    assert.equal(rig.failure?.code, 'ERR_QMPD_PROTOCOL');
    assert.deepEqual(rig.outcomes, [rig.failure]);
  });
}

test('a refused negotiation ends the conversation', () => {
  const rig = new Rig();
  rig.receive(greeting);
  rig.receive('{"error": {"class": "GenericError", "desc": "not you"}, "id": "x-1"}\r\n');
  assert.match(rig.failure?.message ?? '', /qmp_capabilities was refused: not you/);
});

test('there is a limit to the commands that wait', () => {
  const rig = new Rig();
  for (let index = 0; index < pendingCommandsMax; index += 1) rig.submit('c');
  assert.throws(() => rig.submit('c'), { code: 'ERR_QMPD_TOO_MANY_COMMANDS' });
});

test('any split of the bytes gives the same conversation', () => {
  const text = `{"return": {"text": "\\u00e4 \\\\ }{"}, "id": "x-2"}\r\n{"event": "STOP", "timestamp": {"seconds": 1, "microseconds": 2}}\r\n{"return": [], "id": "x-3"}\r\n`;
  for (let at = 0; at <= text.length; at += 1) {
    const rig = new Rig().negotiate();
    rig.submit('a');
    rig.submit('b');
    rig.receive(text.slice(0, at));
    rig.receive(text.slice(at));
    const values = rig.outcomes.map((outcome) => (outcome as Outcome & { kind: 'return' }).value);
    assert.deepEqual(values, [jsonObject({ text: 'ä \\ }{' }) as JsonObject, []], `split at ${at}`);
    assert.equal(rig.events.length, 1);
  }
});

test('as many descriptors as are allowed may wait for their answer; one more ends the connection, and all are closed', () => {
  const closes = new Map<number, number>();
  const make = (fd: number): OwnedFd => ({
    fd,
    close: () => closes.set(fd, (closes.get(fd) ?? 0) + 1),
    release: () => fd,
  });
  const rig = new Rig().negotiate();
  const fds = Array.from({ length: fdsPendingMax }, (_, fd) => make(fd));
  rig.receive('{"return": ', fds);
  assert.deepEqual([rig.failure, closes.size], [undefined, 0]);
  rig.receive('{', [make(fdsPendingMax)]);
  assert.match(rig.failure?.message ?? '', /too many descriptors/);
  assert.deepEqual(
    [closes.size, [...closes.values()].every((count) => count === 1)],
    [fdsPendingMax + 1, true],
  );
});
