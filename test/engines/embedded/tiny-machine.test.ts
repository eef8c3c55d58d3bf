import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { EmbeddedEngine } from '../../../src/engines/embedded/index.ts';
import type { EmbeddedInstance } from '../../../src/engines/embedded/instance.ts';
import { jsonObject } from '../../../src/json/value.ts';
import type { MachineConfiguration } from '../../../src/machine/engine.ts';
import { RecordingHost } from './recording-host.ts';
import type { TerminalChardev } from './terminal-chardev.ts';

const greeting = 'QMPD TINY GUEST READY\r\n';

interface Running {
  readonly host: RecordingHost;
  readonly terminal: TerminalChardev;
  readonly machine: EmbeddedInstance;
}

const machines: EmbeddedInstance[] = [];
after(() => Promise.all(machines.map((machine) => machine.end())));

async function createTiny(options: MachineConfiguration['options'] = {}): Promise<Running> {
  const host = new RecordingHost();
  const terminal = host.terminal('s0');
  const configuration = { options: jsonObject({ serial: ['s0'], ...options }), declarations: [] };
  const machine = await new EmbeddedEngine().create(configuration, host);
  machines.push(machine);
  return { host, terminal, machine };
}

async function startTiny(options: MachineConfiguration['options'] = {}): Promise<Running> {
  const running = await createTiny(options);
  await running.machine.cont();
  await running.terminal.waitFor(greeting);
  return running;
}

test('a machine is silent until it is continued, then greets and echoes', async () => {
  const { host, terminal, machine } = await createTiny();
  assert.deepEqual(host.story, []);
  assert.equal(terminal.text, '');
  await machine.cont();
  await terminal.waitFor(greeting);
  terminal.type('hello');
  await terminal.waitFor('hello');
  assert.deepEqual(host.story, ['RESUME', '=running']);
  await machine.end();
});

test('a stopped machine does not execute, and goes on where it was', async () => {
  const { host, terminal, machine } = await startTiny();
  await machine.stop();
  const length = terminal.text.length;
  terminal.type('abc');
  await machine.screen();
  assert.equal(terminal.text.length, length);
  await machine.cont();
  await terminal.waitFor('abc', length);
  assert.deepEqual(host.story, ['RESUME', '=running', '=paused', 'STOP', 'RESUME', '=running']);
  await machine.end();
});

test('system_reset starts the guest again and says so', async () => {
  const { host, terminal, machine } = await startTiny();
  const before = terminal.text.length;
  await machine.reset();
  await terminal.waitFor(greeting, before);
  assert.deepEqual(host.events.at(-1), {
    name: 'RESET',
    data: { guest: false, reason: 'host-qmp-system-reset' },
  });
  await machine.end();
});

test("a guest's own reset is told apart from system_reset", async () => {
  const { host, terminal, machine } = await startTiny();
  const before = terminal.text.length;
  terminal.type('R');
  await terminal.waitFor(greeting, before);
  await host.until('RESET');
  assert.deepEqual(host.events.at(-1), { name: 'RESET', data: { guest: true, reason: 'guest-reset' } });
  await machine.end();
});

test('a triple fault resets the machine as on a PC', async () => {
  const { host, terminal, machine } = await startTiny();
  const before = terminal.text.length;
  terminal.type('T');
  await terminal.waitFor(greeting, before);
  await host.until('RESET');
  assert.deepEqual(host.events.at(-1), { name: 'RESET', data: { guest: true, reason: 'guest-reset' } });
  terminal.type('still here');
  await terminal.waitFor('still here');
  await machine.end();
});

test('a guest that powers off ends its machine', async () => {
  const { host, terminal, machine } = await startTiny();
  terminal.type('Q');
  await host.until('ended');
  assert.deepEqual(host.events.at(-1), {
    name: 'SHUTDOWN',
    data: { guest: true, reason: 'guest-shutdown' },
  });
  assert.deepEqual(host.story, ['RESUME', '=running', 'SHUTDOWN', 'ended']);
  assert.equal(terminal.attached, false);
  await assert.rejects(machine.cont(), /The machine has ended/);
  await machine.end();
});

test('the power button reaches the guest', async () => {
  const { host, machine } = await startTiny();
  await machine.powerdown();
  await host.until('ended');
  assert.deepEqual(host.story, ['RESUME', '=running', 'POWERDOWN', 'SHUTDOWN', 'ended']);
  await machine.end();
});

test('with shutdown=pause a machine that powered off stays and can be reset', async () => {
  const { host, terminal, machine } = await startTiny();
  machine.setActions({ shutdown: 'pause' });
  const before = terminal.text.length;
  terminal.type('Q');
  await host.until('STOP');
  assert.deepEqual(host.story.slice(2), ['SHUTDOWN', '=shutdown', 'STOP']);
  await assert.rejects(machine.cont(), /Resetting the Virtual Machine is required/);
  await machine.reset();
  assert.deepEqual(host.story.slice(5), ['RESET', '=prelaunch']);
  await machine.cont();
  await terminal.waitFor(greeting, before);
  await machine.end();
});

test("with reboot=shutdown a guest's reset ends the machine before it starts again", async () => {
  const { host, terminal, machine } = await startTiny();
  machine.setActions({ reboot: 'shutdown' });
  terminal.type('R');
  await host.until('ended');
  assert.deepEqual(host.events.at(-1), { name: 'SHUTDOWN', data: { guest: true, reason: 'guest-reset' } });
  assert.equal(terminal.text, `${greeting}R`);
  await machine.end();
});

test('a guest that makes the emulator fail stops its machine, not the process, and a reset repairs it', async () => {
  const { host, terminal, machine } = await startTiny();
  const before = terminal.text.length;
  terminal.type('F');
  await host.until('STOP');
  assert.deepEqual(host.story.slice(2), ['=internal-error', 'STOP']);
  assert.match(host.logs.join('\n'), /the emulator failed/);
  await assert.rejects(machine.cont(), /Resetting the Virtual Machine is required/);
  const reset = await machine.readMemory('physical', 0xffff0n, 1);
  assert.equal(reset[0], 0xea);
  await machine.reset();
  await machine.cont();
  await terminal.waitFor(greeting, before);
  await machine.end();
});

test('a guest that spins can be stopped, and the process stays responsive', async () => {
  const { host, terminal, machine } = await startTiny();
  terminal.type('S');
  await terminal.waitFor('S', greeting.length);
  await machine.stop();
  await machine.cont();
  terminal.type('x');
  await terminal.waitFor('x');
  assert.deepEqual(host.story.slice(2), ['=paused', 'STOP', 'RESUME', '=running']);
  await machine.end();
});

test('a break on the line reaches the guest', async () => {
  const { terminal, machine } = await startTiny();
  terminal.sendBreak();
  terminal.type('after');
  await terminal.waitFor('[BREAK]after');
  await machine.end();
});

test('all four serial ports have a character device of their own', async () => {
  const host = new RecordingHost();
  const ids = ['s0', 's1', 's2', 's3'];
  const terminals = ids.map((id) => host.terminal(id));
  const machine = await new EmbeddedEngine().create(
    { options: jsonObject({ serial: ids }), declarations: [] },
    host,
  );
  machines.push(machine);
  await machine.cont();
  for (const [index, terminal] of terminals.entries()) {
    await terminal.waitFor(greeting);
    terminal.type(`port ${index}`);
    await terminal.waitFor(`port ${index}`);
  }
  await machine.end();
});

test('guest time stands still while the machine is stopped', async () => {
  const { terminal, machine } = await startTiny();
  const timer = async (): Promise<number> => {
    const from = terminal.text.length;
    terminal.type('P');
    const text = await terminal.waitFor(/P[0-9A-F]{8}/, from);
    return Number.parseInt(text.slice(1), 16);
  };
  const before = await timer();
  await machine.stop();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await machine.cont();
  const elapsedMs = ((((await timer()) - before) & 0xffffff) / 3_579_545) * 1000;
  assert.ok(elapsedMs < 800, `the guest saw ${elapsedMs} ms of a stop of 1000 ms`);
  await machine.end();
});

test('output waits while the character device takes none, and none is lost', async () => {
  const { terminal, machine } = await startTiny();
  const from = terminal.text.length;
  terminal.roomBytes = 10;
  const typed = 'abcdefgh'.repeat(32 * 1024);
  terminal.type(typed);
  await machine.screen();
  assert.ok(terminal.untypedBytes > 0, 'the guest took everything');
  terminal.makeRoom(Number.POSITIVE_INFINITY);
  const text = await terminal.waitFor(/h$/, from + typed.length - 1).then(() => terminal.text.slice(from));
  assert.equal(text.length, typed.length);
  assert.equal(text, typed);
  await machine.end();
});

test('the screen shows what the guest writes in text mode', async () => {
  const { terminal, machine } = await startTiny();
  terminal.type('V.');
  await terminal.waitFor('V.');
  const { width, height, rgba } = await machine.screen();
  assert.deepEqual([width, height], [640, 400]);
  const colours = new Set<string>();
  for (let at = 0; at < rgba.length; at += 4)
    colours.add(Buffer.from(rgba.subarray(at, at + 4)).toString('hex'));
  assert.deepEqual([...colours].sort(), ['0000a8ff', 'ffffffff']);
  const text = await machine.readMemory('physical', 0xb8000n + 0x7c0n, 30);
  assert.equal(Buffer.from(text.filter((_, index) => index % 2 === 0)).toString(), 'QMPD TINY GUEST');
  await machine.end();
});
