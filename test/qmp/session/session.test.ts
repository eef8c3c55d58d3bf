// The session's state machine without a socket: what QEMU's monitor/qmp.c does, and what is ours (limits, ends).

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EventBus } from '../../../src/qmp/events/bus.ts';
import { ManualClock } from '../../kit/manual-clock.ts';
import { greeting, SessionRig, settled } from '../../kit/session-rig.ts';

const expecting =
  '{"error": {"class": "CommandNotFound", "desc": "Expecting capabilities negotiation with \'qmp_capabilities\'"}}';

describe('negotiation', () => {
  it('begins with the greeting, before the peer has said anything', () => {
    const rig = new SessionRig();
    assert.deepEqual(rig.take(), [greeting]);
    assert.equal(rig.session.state, 'negotiating');
  });

  it('refuses every other command, known or not, and echoes its id', () => {
    const rig = new SessionRig();
    rig.take();
    rig.execute('now');
    rig.execute('no-such');
    rig.execute('now', 7);
    const withId = expecting.replace('{', '{"id": 7, ');
    assert.deepEqual(rig.take(), [expecting, expecting, withId]);
    assert.deepEqual(rig.host.begun, []);
  });

  it('can be tried again after a refusal', () => {
    const rig = new SessionRig();
    rig.take();
    rig.send('{"execute": "qmp_capabilities", "arguments": {"enable": ["bogus"]}}');
    assert.match(rig.takeText(), /^\{"error": \{"class": "GenericError"/);
    assert.equal(rig.session.state, 'negotiating');
    rig.send('{"execute": "qmp_capabilities"}');
    assert.deepEqual(rig.take(), ['{"return": {}}']);
    assert.equal(rig.session.state, 'open');
  });

  it('happens once', () => {
    const rig = SessionRig.negotiated();
    rig.execute('qmp_capabilities', 'again');
    assert.deepEqual(rig.take(), [
      '{"id": "again", "error": {"class": "CommandNotFound", "desc": "Capabilities negotiation is already complete, command ignored"}}',
    ]);
    assert.equal(rig.host.negotiations, 1);
  });

  it('may be pipelined with what follows it', () => {
    const rig = new SessionRig();
    rig.take();
    rig.send('{"execute":"qmp_capabilities","id":1}{"execute":"now","id":2}');
    assert.deepEqual(rig.takeIds(), [1, 2]);
  });

  it("does not know 'exec-oob' yet", () => {
    const rig = new SessionRig();
    rig.take();
    rig.executeOutOfBand('qmp_capabilities');
    assert.deepEqual(rig.take(), [
      '{"error": {"class": "GenericError", "desc": "QMP input member \'exec-oob\' is unexpected"}}',
    ]);
  });

  it('is complete before any event is heard', () => {
    const bus = new EventBus(new ManualClock());
    const rig = new SessionRig({ bus });
    rig.take();
    bus.emit('STOP');
    assert.deepEqual(rig.take(), []);
    rig.send('{"execute":"qmp_capabilities"}');
    bus.emit('RESUME');
    assert.deepEqual(
      rig.take().map((line) => JSON.parse(line).event ?? 'reply'),
      ['reply', 'RESUME'],
    );
  });

  it('switches on only what was asked for', () => {
    assert.deepEqual(SessionRig.negotiated().session.capabilities, []);
    assert.deepEqual(SessionRig.negotiated(['oob', 'oob']).session.capabilities, ['oob']);
  });
});

describe('in-band requests', () => {
  it('run one at a time, in order, and are answered in order', async () => {
    const rig = SessionRig.negotiated();
    rig.send(
      '{"execute":"hold","id":1}{"execute":"now","id":2}{"execute":"hold","id":3}{"execute":"now","id":4}',
    );
    assert.deepEqual(rig.host.begun, ['hold']);
    assert.deepEqual(rig.take(), []);
    await rig.answer();
    assert.deepEqual(rig.takeIds(), [1, 2]);
    await rig.answer();
    assert.deepEqual(rig.takeIds(), [3, 4]);
  });

  it('keep their place among faults of the input', async () => {
    const rig = SessionRig.negotiated();
    rig.send('{"execute":"hold","id":1} ] {"execute":"now","id":2} 42 {"execute":"now","id":3}');
    assert.deepEqual(rig.take(), []);
    await rig.answer();
    assert.deepEqual(rig.takeIds(), [1, undefined, 2, undefined, 3]);
  });

  it('stop the reading while one runs, and start it again after', async () => {
    const rig = SessionRig.negotiated();
    rig.execute('hold', 1);
    // What comes while reading stops is what was on its way already: one chunk.
    rig.execute('now', 2);
    assert.equal(rig.channel.paused, true);
    await rig.answer();
    assert.equal(rig.channel.paused, false);
    assert.deepEqual(rig.takeIds(), [1, 2]);
  });

  it('are found again in chunks of any size', async () => {
    const text = '{"execute":"hold","id":1}{"execute":"now","id":"}{"}{"execute":"hold","id":3}';
    for (let size = 1; size < text.length; size += 1) {
      const rig = SessionRig.negotiated();
      for (let at = 0; at < text.length; at += size) rig.send(text.slice(at, at + size));
      await rig.answer();
      await rig.answer();
      assert.deepEqual(rig.takeIds(), [1, '}{', 3], `in chunks of ${size}`);
    }
  });

  it('answered by one chunk leave in one write', () => {
    const rig = SessionRig.negotiated();
    const before = rig.channel.writes;
    rig.send('{"execute":"now"}'.repeat(100));
    assert.equal(rig.channel.writes - before, 1);
    assert.equal(rig.take().length, 100);
  });

  it('have their error answered with the id first, as QEMU orders it', () => {
    const rig = SessionRig.negotiated();
    rig.execute('fail', { a: 1 });
    assert.deepEqual(rig.take(), [
      '{"id": {"a": 1}, "error": {"class": "GenericError", "desc": "it failed"}}',
    ]);
  });
});

describe('ids', () => {
  const ids = [
    'null',
    'true',
    '0',
    '-1',
    '9007199254740993',
    '18446744073709551615',
    '-9223372036854775808',
    '""',
    '"\\u0000\\n\\"\\\\"',
    '"\\uD83D\\uDE00"',
    '[]',
    '{}',
    '[[1, 2], {"a": [null]}]',
    '{"execute": "quit"}',
  ];
  for (const id of ids) {
    it(`are echoed with every digit: ${id}`, () => {
      const rig = SessionRig.negotiated();
      rig.send(`{"execute":"now","id":${id}}`);
      assert.deepEqual(rig.take(), [`{"return": {}, "id": ${id}}`]);
    });
  }

  it('that are absent stay absent', () => {
    const rig = SessionRig.negotiated();
    rig.execute('now');
    assert.deepEqual(rig.take(), ['{"return": {}}']);
  });

  it('are echoed in faults of the request, but not in faults of the text', () => {
    const rig = SessionRig.negotiated();
    rig.send('{"id":1}{"id":2,"execute":1}{"id":3,"execute":"now","arguments":[]}{"id":4,"bad":0}{"id":5,}');
    assert.deepEqual(rig.takeIds(), [1, 2, 3, 4, undefined]);
  });
});

describe('out-of-band requests', () => {
  it('are answered while an in-band one runs', async () => {
    const rig = SessionRig.negotiated(['oob']);
    rig.execute('hold', 'in-band');
    rig.executeOutOfBand('now', 'oob');
    assert.deepEqual(rig.takeIds(), ['oob']);
    await rig.answer();
    assert.deepEqual(rig.takeIds(), ['in-band']);
  });

  it('get through while one runs and seven wait; with eight waiting they wait, too', async () => {
    const rig = SessionRig.negotiated(['oob']);
    for (let n = 0; n < 8; n += 1) rig.execute('hold', n);
    rig.executeOutOfBand('now', 'first');
    assert.deepEqual(rig.takeIds(), ['first']);
    assert.equal(rig.session.queueLength, 8);
    rig.execute('hold', 8);
    rig.executeOutOfBand('now', 'second');
    assert.deepEqual(rig.takeIds(), []);
    assert.equal(rig.session.queueLength, 9);
    assert.equal(rig.channel.paused, true);
    await rig.answer();
    assert.deepEqual(rig.takeIds(), [0, 'second']);
    assert.equal(rig.channel.paused, false);
  });

  it('keep no place in the queue of the others', async () => {
    const rig = SessionRig.negotiated(['oob']);
    rig.execute('hold', 1);
    rig.execute('now', 2);
    rig.executeOutOfBand('hold', 3);
    rig.executeOutOfBand('now', 4);
    const [first, outOfBand] = rig.host.held;
    outOfBand?.answer();
    await settled();
    assert.deepEqual(rig.takeIds(), [4, 3]);
    first?.answer();
    await settled();
    assert.deepEqual(rig.takeIds(), [1, 2]);
  });

  it('are in-band faults when they say execute, too', async () => {
    const rig = SessionRig.negotiated(['oob']);
    rig.execute('hold', 1);
    rig.send('{"execute":"now","exec-oob":"now","id":2}');
    assert.deepEqual(rig.takeIds(), []);
    await rig.answer();
    assert.deepEqual(rig.takeIds(), [1, 2]);
  });

  it('have their own faults answered at once', () => {
    const rig = SessionRig.negotiated(['oob']);
    rig.execute('hold', 1);
    rig.send('{"exec-oob":1,"id":2}{"exec-oob":"now","bad":1,"id":3}');
    assert.deepEqual(rig.takeIds(), [2, 3]);
  });

  it('are answered before the session of a peer that half closed ends', async () => {
    const rig = SessionRig.negotiated(['oob']);
    rig.executeOutOfBand('hold', 1);
    rig.session.receiveEnd();
    assert.equal(rig.endReason(), undefined);
    await rig.answer();
    assert.deepEqual(rig.takeIds(), [1]);
    assert.equal(rig.endReason(), 'peer-closed');
  });

  it('are not read any more when their answers are not', () => {
    const limits = { requestsMax: 8, outputHighWaterBytes: 1000, outputBytesMax: 10_000 };
    const rig = SessionRig.negotiated(['oob'], { limits });
    rig.channel.bufferedBytes = 1001;
    rig.send('{"exec-oob":"now"}'.repeat(1000));
    const begun = rig.host.begun.length;
    assert.ok(begun <= 1, `${begun} were carried out for a peer that does not read`);
    rig.send('{"exec-oob":"now"}');
    assert.equal(rig.channel.paused, true);
    rig.channel.bufferedBytes = 0;
    rig.session.drained();
    assert.equal(rig.host.begun.length, 1001);
    assert.equal(rig.channel.paused, false);
  });
});

describe('events', () => {
  it('that a command causes come before its answer', () => {
    const rig = SessionRig.negotiated();
    rig.send('{"execute":"now","id":1}{"execute":"emit","id":2}{"execute":"now","id":3}');
    assert.deepEqual(rig.takeIds(), [1, 'STOP', 2, 3]);
  });

  it('come between the answers while a command runs', async () => {
    const rig = SessionRig.negotiated();
    rig.execute('hold', 1);
    rig.host.bus.emit('RESUME');
    assert.deepEqual(rig.takeIds(), ['RESUME']);
    await rig.answer();
    assert.deepEqual(rig.takeIds(), [1]);
  });

  it('have their members in the order of QEMU', () => {
    const rig = SessionRig.negotiated();
    rig.host.bus.emit('STOP');
    assert.deepEqual(rig.take(), [
      '{"timestamp": {"seconds": 1700000000, "microseconds": 0}, "event": "STOP"}',
    ]);
  });

  it('end a session whose peer has left too much unread, and disturb no other', () => {
    const limits = { requestsMax: 8, outputHighWaterBytes: 1000, outputBytesMax: 10_000 };
    const bus = new EventBus(new ManualClock());
    const slow = SessionRig.negotiated([], { limits, bus });
    const other = SessionRig.negotiated([], { limits, bus });
    slow.channel.bufferedBytes = 10_000;
    bus.emit('STOP');
    assert.equal(slow.endReason(), undefined);
    slow.channel.bufferedBytes = 10_001;
    bus.emit('RESUME');
    assert.equal(slow.endReason(), 'output-limit');
    assert.equal(slow.channel.over, 'destroy');
    assert.deepEqual(other.takeIds(), ['STOP', 'RESUME']);
  });
});

describe('a peer that does not read', () => {
  const limits = { requestsMax: 8, outputHighWaterBytes: 10_000, outputBytesMax: 1 << 20 };

  it('has its next command wait until it has read, and nothing more is read from it', () => {
    const rig = SessionRig.negotiated([], { limits });
    rig.channel.bufferedBytes = 10_001;
    rig.execute('now', 1);
    assert.deepEqual(rig.takeIds(), []);
    rig.execute('now', 2);
    assert.equal(rig.channel.paused, true);
    assert.deepEqual(rig.host.begun, []);
    rig.channel.bufferedBytes = 0;
    rig.session.drained();
    assert.deepEqual(rig.takeIds(), [1, 2]);
    assert.equal(rig.channel.paused, false);
  });

  it('takes no memory by pipelining commands with large answers', () => {
    const rig = SessionRig.negotiated([], { limits });
    const { channel } = rig;
    // A socket that takes nothing: everything written waits.
    const write = channel.write.bind(channel);
    channel.write = (data) => {
      channel.bufferedBytes += data.length;
      write(data);
    };
    rig.send('{"execute":"large"}'.repeat(3000));
    assert.ok(channel.bufferedBytes < 100_000, `${channel.bufferedBytes} bytes wait`);
    for (let rounds = 0; rig.host.begun.length < 3000; rounds += 1) {
      assert.ok(rounds < 100, 'it does not go on');
      channel.bufferedBytes = 0;
      rig.session.drained();
    }
    assert.equal(rig.take().length, 3000);
  });

  it('still gets everything when it has half closed', () => {
    const rig = SessionRig.negotiated([], { limits });
    rig.channel.bufferedBytes = 10_001;
    rig.send('{"execute":"now","id":1}{"execute":"now","id":2}');
    rig.session.receiveEnd();
    assert.equal(rig.endReason(), undefined);
    rig.channel.bufferedBytes = 0;
    rig.session.drained();
    assert.deepEqual(rig.takeIds(), [1, 2]);
    assert.equal(rig.channel.over, 'end');
  });
});

describe('the end', () => {
  it('of a peer that half closed comes when all it asked is answered', async () => {
    const rig = SessionRig.negotiated();
    rig.send('{"execute":"hold","id":1}{"execute":"hold","id":2}{"execute":"now","id":3}');
    rig.session.receiveEnd();
    await rig.answer();
    assert.equal(rig.endReason(), undefined);
    await rig.answer();
    assert.deepEqual(rig.takeIds(), [1, 2, 3]);
    assert.deepEqual(rig.host.ended, { reason: 'peer-closed', fdsClosed: 0 });
    assert.equal(rig.channel.over, 'end');
  });

  it('of a peer that half closed in the middle of a message drops the half', () => {
    const rig = SessionRig.negotiated();
    rig.send('{"execute":"now","id":1}{"execute":"now"');
    rig.session.receiveEnd();
    assert.deepEqual(rig.takeIds(), [1]);
    assert.equal(rig.endReason(), 'peer-closed');
  });

  it('after an answer drops what was pipelined after it', () => {
    const rig = SessionRig.negotiated();
    rig.send('{"execute":"now","id":1}{"execute":"last","id":2}{"execute":"now","id":3}');
    assert.deepEqual(rig.takeIds(), [1, 2]);
    assert.deepEqual(rig.host.ended, { reason: 'session-close', fdsClosed: 0 });
    assert.equal(rig.channel.over, 'end');
    assert.deepEqual(rig.host.begun, ['now', 'last']);
    rig.execute('now', 4);
    assert.deepEqual(rig.takeIds(), []);
  });

  it('comes once, whatever else happens after it', async () => {
    const rig = SessionRig.negotiated();
    rig.execute('hold', 1);
    rig.execute('now', 2);
    rig.session.close('session-close');
    rig.session.close('shutdown');
    rig.session.drain('shutdown');
    rig.session.receiveEnd();
    rig.session.channelClosed('peer-closed');
    rig.host.bus.emit('STOP');
    await rig.answer();
    rig.session.drained();
    assert.deepEqual(rig.take(), []);
    assert.deepEqual(rig.host.begun, ['hold']);
    assert.equal(rig.endReason(), 'session-close');
  });

  it('while a command runs: its answer reaches nobody', async () => {
    const rig = SessionRig.negotiated();
    rig.execute('hold', 1);
    rig.session.channelClosed('peer-closed');
    await rig.answer();
    assert.deepEqual(rig.take(), []);
  });

  it('by drain writes what is there and closes gently; by close at once', () => {
    const gentle = SessionRig.negotiated();
    gentle.session.drain('shutdown');
    assert.equal(gentle.channel.over, 'end');
    const sudden = SessionRig.negotiated();
    sudden.session.close('shutdown');
    assert.equal(sudden.channel.over, 'destroy');
  });
});

describe('pretty mode', () => {
  it('indents replies, errors, events and ids by four, every line with CRLF', () => {
    const rig = SessionRig.negotiated([], { pretty: true });
    rig.execute('now', { a: [1] });
    rig.host.bus.emit('STOP');
    rig.execute('fail');
    assert.equal(
      rig.takeText(),
      [
        '{',
        '    "return": {',
        '    },',
        '    "id": {',
        '        "a": [',
        '            1',
        '        ]',
        '    }',
        '}',
        '{',
        '    "timestamp": {',
        '        "seconds": 1700000000,',
        '        "microseconds": 0',
        '    },',
        '    "event": "STOP"',
        '}',
        '{',
        '    "error": {',
        '        "class": "GenericError",',
        '        "desc": "it failed"',
        '    }',
        '}',
        '',
      ].join('\r\n'),
    );
  });
});

describe('the counts of a session', () => {
  it('tell commands, bytes and what waits', async () => {
    const rig = SessionRig.negotiated(['oob']);
    const { session, channel } = rig;
    const bytes = session.bytesIn;
    rig.execute('now');
    assert.equal(session.bytesIn - bytes, '{"execute":"now"}'.length);
    assert.equal(session.served, 2);
    assert.equal(session.bytesOut, channel.text.length);
    rig.execute('hold');
    rig.execute('now');
    rig.execute('now');
    assert.equal(session.queueLength, 3);
    await rig.answer();
    assert.equal(session.queueLength, 0);
    assert.equal(session.served, 5);
  });
});
