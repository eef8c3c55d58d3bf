import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { connect, type LocalError, QmpCommandError } from '../../src/client/index.ts';
import { native } from '../../src/transports/unix/native.ts';
import { listenUnix } from '../../src/transports/unix/unix.ts';
import { startQemu } from '../kit/qemu/qemu.ts';
import { greetingLine, startScriptedServer } from '../kit/server/scripted-server.ts';
import { startTestServer } from '../kit/server/test-server.ts';

const stop = '{"event": "STOP", "timestamp": {"seconds": 1, "microseconds": 2}}\r\n';

// The same things are asked of a real QEMU and of qmpd.
for (const peer of ['QEMU', 'qmpd'] as const) {
  const start = peer === 'QEMU' ? startQemu : startTestServer;

  test(`${peer}: a client negotiates, executes and gets typed answers`, async () => {
    await using server = await start();
    await using vm = await connect(`unix:${server.path}`);
    assert.deepEqual(vm.capabilities, ['oob']);
    assert.ok(vm.greeting.version.major >= 7);
    const status = await vm.execute('query-status');
    assert.equal(typeof status.running, 'boolean');
    const answers = await Promise.all(Array.from({ length: 200 }, () => vm.execute('query-status')));
    assert.equal(answers.length, 200);
    const kvm = vm.executeAny('query-no-such-thing');
    await assert.rejects(kvm, (thrown: QmpCommandError) => {
      assert.ok(thrown instanceof QmpCommandError);
      assert.equal(thrown.class, 'CommandNotFound');
      assert.equal(thrown.command, 'query-no-such-thing');
      assert.equal(thrown.desc, 'The command query-no-such-thing has not been found');
      return true;
    });
  });

  test(`${peer}: a path alone is an address, and oob can be left out`, async () => {
    await using server = await start();
    await using vm = await connect({ address: server.path, oob: false });
    assert.deepEqual(vm.capabilities, []);
    await assert.rejects(vm.executeAny('query-yank', undefined, { oob: true }), { code: 'ERR_QMPD_NO_OOB' });
  });

  test(`${peer}: a passed descriptor arrives, and stays the caller’s`, async () => {
    await using server = await start();
    await using vm = await connect(server.path);
    if (!vm.canPassFds) return;
    await using file = await open('/dev/null');
    await vm.execute('getfd', { fdname: 'a' }, { fds: [file] });
    await vm.execute('closefd', { fdname: 'a' });
    await assert.rejects(vm.execute('getfd', { fdname: 'b' }), QmpCommandError);
    assert.ok((await file.stat()).isCharacterDevice());
  });
}

test('a killed QEMU ends commands and events with an error that says so', async () => {
  await using qemu = await startQemu();
  await using vm = await connect(qemu.path);
  const events = vm.events();
  const lost = assert.rejects(events.next(), { code: 'ERR_QMPD_DISCONNECTED' });
  await vm.execute('query-status');
  await qemu.kill();
  await lost;
  assert.equal((await vm.closed).code, 'ERR_QMPD_DISCONNECTED');
  assert.equal(vm.isOpen, false);
  await assert.rejects(vm.execute('query-status'), { code: 'ERR_QMPD_DISCONNECTED' });
});

test('commands in flight are told when the server goes away in the middle of an answer', async () => {
  await using server = await startScriptedServer();
  await using vm = await connect(server.address);
  const commands = [vm.executeAny('a'), vm.executeAny('b')];
  const { id } = await server.saw('a');
  server.say(`{"return": {"half": `);
  server.socket().end();
  for (const [index, command] of commands.entries()) {
    await assert.rejects(command, (error: LocalError) => {
      assert.equal(error.code, 'ERR_QMPD_DISCONNECTED');
      assert.match(error.message, index === 0 ? /^a: no answer: / : /^b: no answer: /);
      return true;
    });
  }
  assert.ok(id.length > 8);
});

test('a command gives up after its time, and the late answer is nobody’s', async () => {
  await using server = await startScriptedServer({ answers: { quick: '1' } });
  await using vm = await connect(server.address);
  await assert.rejects(vm.executeAny('slow', undefined, { timeoutMs: 30 }), {
    code: 'ERR_QMPD_TIMEOUT',
    message: 'slow: no answer in 30 ms',
  });
  server.say(`{"return": {}, "id": "${server.received[0]?.id}"}\r\n`);
  assert.equal(await vm.executeAny('quick', undefined, { timeoutMs: 5000 }), 1);
});

test('an AbortSignal ends the waiting, before or after sending', async () => {
  await using server = await startScriptedServer();
  await using vm = await connect(server.address);
  const controller = new AbortController();
  const command = vm.executeAny('slow', undefined, { signal: controller.signal });
  await server.saw('slow');
  const reason = new Error('changed my mind');
  controller.abort(reason);
  await assert.rejects(command, { code: 'ERR_QMPD_ABORTED', cause: reason });
  await assert.rejects(vm.executeAny('never', undefined, { signal: controller.signal }), {
    code: 'ERR_QMPD_ABORTED',
  });
  assert.deepEqual(
    server.received.map((message) => message.execute),
    ['slow'],
  );
});

test('closing ends commands with ERR_QMPD_CLOSED and events without an error', async () => {
  await using server = await startScriptedServer();
  const vm = await connect(server.address);
  const command = vm.executeAny('slow');
  const events = vm.events();
  const refused = assert.rejects(command, { code: 'ERR_QMPD_CLOSED' });
  await vm.close();
  await refused;
  assert.equal((await events.next()).done, true);
  assert.equal((await vm.events().next()).done, true);
  await vm.close();
});

test('events by the thousand reach every consumer, in order, while commands are answered', async () => {
  await using server = await startScriptedServer({ answers: { ping: '"pong"' } });
  await using vm = await connect(server.address);
  const counted = 20_000;
  const all = vm.eventsAny({ queuedMax: counted + 1 });
  const some = vm.eventsAny({ names: ['N7'], queuedMax: counted });
  let text = '';
  for (let index = 0; index < counted; index += 1) {
    text += `{"event": "N${index % 10}", "data": {"n": ${index}}, "timestamp": {"seconds": 1, "microseconds": 0}}\r\n`;
  }
  server.say(text);
  server.say(stop);
  assert.equal(await vm.executeAny('ping'), 'pong');
  let expected = 0;
  for await (const event of all) {
    if (event.event === 'STOP') break;
    assert.equal(event.data.n, expected);
    expected += 1;
  }
  assert.equal(expected, counted);
  for (let index = 7; index < counted; index += 10) assert.equal((await some.next()).value?.data.n, index);
});

test('a consumer that does not take its events harms neither commands nor other consumers', async () => {
  await using server = await startScriptedServer({ answers: { ping: '"pong"' } });
  await using vm = await connect(server.address);
  const slow = vm.events({ queuedMax: 10 });
  const display = vm.events({ queuedMax: 10, overflow: 'drop-oldest' });
  const patient = vm.events({ names: ['STOP'] });
  server.say(stop.repeat(1000));
  assert.equal(await vm.executeAny('ping'), 'pong');
  for (let index = 0; index < 10; index += 1) assert.equal((await slow.next()).done, false);
  await assert.rejects(slow.next(), { code: 'ERR_QMPD_EVENTS_LOST' });
  assert.equal(display.lost, 990);
  for (let index = 0; index < 1000; index += 1) assert.equal((await patient.next()).value?.event, 'STOP');
});

test('leaving the loop unsubscribes', async () => {
  await using server = await startScriptedServer({ answers: { ping: '1' } });
  await using vm = await connect(server.address);
  const events = vm.events();
  server.say(stop.repeat(3));
  for await (const event of events) {
    assert.equal(event.event, 'STOP');
    break;
  }
  await vm.executeAny('ping');
  assert.equal((await events.next()).done, true);
});

test('a server that does not greet is given up, with a hint at why', async () => {
  await using server = await startScriptedServer({ greet: false });
  await assert.rejects(connect({ address: server.address, timeoutMs: 50 }), {
    code: 'ERR_QMPD_NO_GREETING',
    message: /no QMP greeting in 50 ms/,
  });
});

test('a second client of a stock QEMU hears nothing and gives up', async () => {
  await using qemu = await startQemu();
  await using first = await connect(qemu.path);
  await assert.rejects(connect({ address: qemu.path, timeoutMs: 200 }), { code: 'ERR_QMPD_NO_GREETING' });
  assert.ok(first.isOpen);
});

test('connecting can be aborted', async () => {
  await using server = await startScriptedServer({ greet: false });
  const controller = new AbortController();
  const connecting = connect({ address: server.address, signal: controller.signal });
  setImmediate(() => controller.abort());
  await assert.rejects(connecting, { code: 'ERR_QMPD_ABORTED' });
  await assert.rejects(connect({ address: server.address, signal: AbortSignal.abort() }), {
    code: 'ERR_QMPD_ABORTED',
  });
});

for (const [address, code, message] of [
  ['unix:/nonexistent/qmp.sock', 'ERR_QMPD_CONNECT', /\/nonexistent\/qmp\.sock/],
  ['/nonexistent/qmp.sock', 'ERR_QMPD_CONNECT', /no such socket/],
  ['tcp:127.0.0.1:1', 'ERR_QMPD_CONNECT', /tcp:127\.0\.0\.1:1/],
  ['nonsense', 'ERR_QMPD_ADDRESS', /expected unix:PATH/],
  ['fd:9999', 'ERR_QMPD_FD', /9999/],
] as const) {
  test(`connecting to ${address} fails with ${code}`, async () => {
    await assert.rejects(connect(address), { code, message });
  });
}

test('a peer that is not a QMP server is recognized', async () => {
  await using server = await startScriptedServer({ greet: false });
  const connecting = connect(server.address);
  const refused = assert.rejects(connecting, { code: 'ERR_QMPD_PROTOCOL', message: /HTTP|stray/ });
  while (true) {
    try {
      server.say('HTTP/1.1 400 Bad Request\r\n\r\n');
      break;
    } catch {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  await refused;
});

test('qmpd can be reached over TCP, where descriptors are refused before anything is sent', async () => {
  await using server = await startTestServer({ listeners: ['tcp:127.0.0.1:0'] });
  const [address = ''] = server.server.addresses;
  await using vm = await connect(address);
  assert.equal((await vm.execute('query-status')).running, false);
  await assert.rejects(vm.execute('getfd', { fdname: 'a' }, { fds: [0] }), { code: 'ERR_QMPD_NO_FDS' });
});

test('arguments that JSON has no form for are refused with their place', async () => {
  await using server = await startScriptedServer();
  await using vm = await connect(server.address);
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  for (const [args, message] of [
    [{ a: { b: [1, Number.NaN] } }, /c: argument 'a\.b\[1\]': NaN has no form/],
    [{ a: () => 1 }, /argument 'a': a function has no form/],
    [{ a: 2 ** 60 }, /pass a bigint/],
    [{ a: 2n ** 64n }, /does not fit 64 bits/],
    [cycle, /nested deeper/],
  ] as const) {
    await assert.rejects(vm.executeAny('c', args), { code: 'ERR_QMPD_ARGUMENTS', message });
  }
  const good = vm.executeAny('good', { a: undefined, b: 2n ** 63n, c: [null, 'ä', 1.5] });
  const message = await server.saw('good');
  assert.deepEqual(message, {
    execute: 'good',
    arguments: { b: 2 ** 63, c: [null, 'ä', 1.5] },
    id: message.id,
  });
  server.say(`{"return": 18446744073709551615, "id": "${message.id}"}\r\n`);
  assert.equal(await good, 18446744073709551615n);
});

test('clients leave no descriptor behind', async () => {
  await using server = await startScriptedServer();
  await (await connect(server.address)).close();
  const before = readdirSync('/proc/self/fd').length;
  for (let index = 0; index < 50; index += 1) await (await connect(server.address)).close();
  await assert.rejects(connect('/nonexistent/x'));
  for (let tries = 0; readdirSync('/proc/self/fd').length > before && tries < 100; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.ok(readdirSync('/proc/self/fd').length <= before);
});

test('an open socket can be taken over by its number', { skip: native === undefined }, async () => {
  await using server = await startScriptedServer({ answers: { ping: '1' } });
  const fd = native?.connect(server.address.slice('unix:'.length)) ?? -1;
  await using vm = await connect({ fd });
  assert.equal(await vm.executeAny('ping'), 1);
});

test('descriptors that come with an answer belong to the caller', {
  skip: native === undefined,
}, async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'qmpd-test-'));
  const socket = path.join(directory, 'qmp.sock');
  await using file = await open('/dev/null');
  const listener = await listenUnix({ path: socket }, (connection) => {
    connection.start({
      data: (chunk) => {
        for (const line of Buffer.from(chunk).toString().trim().split('\n')) {
          const { execute, id } = JSON.parse(line);
          const fds = execute === 'give' ? [file.fd] : [];
          connection.write(`{"return": {}, "id": "${id}"}\r\n`, fds);
        }
      },
      end: () => connection.end(),
      drain: () => undefined,
      close: () => undefined,
    });
    connection.write(greetingLine);
  });
  try {
    await using vm = await connect(socket);
    const before = readdirSync('/proc/self/fd').length;
    const { fds } = await vm.request('give');
    assert.deepEqual(
      fds.map((fd) => readlinkSync(`/proc/self/fd/${fd.fd}`)),
      ['/dev/null'],
    );
    for (const fd of fds) fd.close();
    await vm.executeAny('give');
    const controller = new AbortController();
    const abandoned = vm.request('give', undefined, { signal: controller.signal });
    controller.abort();
    await assert.rejects(abandoned, { code: 'ERR_QMPD_ABORTED' });
    await vm.executeAny('take');
    assert.equal(readdirSync('/proc/self/fd').length, before);
  } finally {
    await listener.close();
    await rm(directory, { recursive: true });
  }
});

test('the types of the schema hold arguments, answers and events to it', async () => {
  await using server = await startTestServer();
  await using vm = await connect(server.path);
  // @ts-expect-error: a mandatory argument is missing
  await assert.rejects(vm.execute('getfd', {}), QmpCommandError);
  // @ts-expect-error: no such command in the schema
  await assert.rejects(vm.execute('no-such-command'), QmpCommandError);
  // @ts-expect-error: not one of the schema's values
  await assert.rejects(vm.execute('machine-set', { engine: 'steam' }), QmpCommandError);
  const status: 'prelaunch' | string = (await vm.execute('query-status')).status;
  assert.equal(status, 'prelaunch');
  const events = vm.events({ names: ['MACHINE_OPTION_CHANGED'] });
  await vm.execute('machine-set', { name: 'typed' });
  const { value: event } = await events.next();
  const option: string | undefined = event?.data.option;
  assert.equal(option, 'name');
});
