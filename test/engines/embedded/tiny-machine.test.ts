import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createEmbeddedEngine } from '../../../src/engines/embedded/index.ts';
import { jsonObject } from '../../../src/json/value.ts';
import type { EmulatedMachine, MachineConfiguration } from '../../../src/machine/engine.ts';
import { RecordingHost } from './recording-host.ts';
import type { TerminalChardev } from './terminal-chardev.ts';

const greeting = 'QMPD TINY GUEST READY\r\n';

interface Running {
  readonly host: RecordingHost;
  readonly terminal: TerminalChardev;
  readonly machine: EmulatedMachine;
}

const machines: EmulatedMachine[] = [];
after(() => Promise.all(machines.map((machine) => machine.destroy())));

async function createTiny(options: MachineConfiguration['options'] = {}): Promise<Running> {
  const host = new RecordingHost();
  const terminal = host.terminal('s0');
  const configuration = { options: jsonObject({ serial: ['s0'], ...options }), declarations: [] };
  const machine = await createEmbeddedEngine().create(configuration, host);
  assert.equal(machine.kind, 'emulated');
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
  await machine.destroy();
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
  await machine.destroy();
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
  await machine.destroy();
});
