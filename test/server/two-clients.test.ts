// From nothing to a guest that talks, by two clients at once: one builds and runs the machine, the other watches. The
// embedded engine runs the built-in guest; its serial port is a socket chardev with a terminal on it.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { tinyGuestGreeting } from '../../src/engines/embedded/guest/tiny-guest.ts';
import { RawClient } from '../kit/clients/raw-client.ts';
import { startTestServer, type TestServer } from '../kit/server/test-server.ts';

/** What a person at the serial port sees and types. */
class Terminal {
  readonly socket: Socket;
  text = '';
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1').on('data', (data: string) => {
      this.text += data;
      this.#wake();
    });
    socket.on('error', () => undefined);
  }

  static async connect(where: string): Promise<Terminal> {
    const socket = connect(where);
    await once(socket, 'connect');
    return new Terminal(socket);
  }

  /** Resolves when the text has been seen after what was seen before. */
  async sees(wanted: string): Promise<void> {
    while (!this.text.includes(wanted)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.text = this.text.slice(this.text.indexOf(wanted) + wanted.length);
  }

  type(text: string): void {
    this.socket.write(text);
  }
}

describe('two clients', () => {
  let server: TestServer;
  let builder: RawClient;
  let watcher: RawClient;
  let serial: string;
  let present: Terminal | undefined;

  beforeEach(async () => {
    server = await startTestServer();
    builder = await RawClient.negotiated(server.path);
    watcher = await RawClient.negotiated(server.path);
    serial = path.join(server.directory, 'serial.sock');
    // The port is named before the device that it is on: the order of declarations does not matter.
    await builder.ask('machine-set', { engine: 'embedded', serial: ['s0'], name: 'tiny' });
    await addSerial();
  });

  afterEach(async () => {
    present?.socket.destroy();
    present = undefined;
    await server[Symbol.asyncDispose]();
  });

  async function addSerial(): Promise<void> {
    const data = { addr: { type: 'unix', data: { path: serial } }, server: true, wait: false };
    await builder.ask('chardev-add', { id: 's0', backend: { type: 'socket', data } });
  }

  /** A machine that runs, with a terminal that has seen its greeting. The chardev has one peer at a time. */
  async function boot(): Promise<Terminal> {
    await builder.ask('x-exit-preconfig');
    present?.socket.destroy();
    const terminal = await Terminal.connect(serial);
    present = terminal;
    await builder.ask('cont');
    await terminal.sees(tinyGuestGreeting);
    return terminal;
  }

  const told = (client: RawClient): string[] =>
    client.events
      .filter(({ event }) => !event.startsWith('SESSION_') && event !== 'MACHINE_OPTION_CHANGED')
      .map(({ event, data }) => (event === 'PHASE_CHANGED' ? `${data?.from} -> ${data?.to}` : event));

  const status = async (): Promise<string> => (await watcher.ask('query-status')).status;

  it('build, boot, use and take down a machine, and both hear the same', async () => {
    const terminal = await boot();
    terminal.type('hello');
    await terminal.sees('hello');
    await builder.ask('stop');
    assert.equal(await status(), 'paused');
    await watcher.ask('cont');
    await builder.ask('system_reset');
    await terminal.sees(tinyGuestGreeting);
    assert.equal(await status(), 'running');
    await builder.ask('machine-destroy');
    assert.deepEqual(await watcher.ask('query-status'), { running: false, status: 'prelaunch' });
    const story = [
      'blank -> creating',
      'creating -> created',
      'RESUME',
      'STOP',
      'RESUME',
      'RESET',
      'created -> ending',
      'ending -> blank',
    ];
    assert.deepEqual(told(builder), story);
    assert.deepEqual(told(watcher), story);
  });

  it('keep the configuration when the machine ends, and can make it again at once', async () => {
    for (let round = 0; round < 3; round += 1) {
      const terminal = await boot();
      terminal.type(`round ${round}`);
      await terminal.sees(`round ${round}`);
      await watcher.ask('machine-destroy');
    }
    assert.deepEqual(await builder.ask('query-name'), { name: 'tiny' });
    const chardevs: { label: string }[] = await builder.ask('query-chardev');
    assert.deepEqual(
      chardevs.map(({ label }) => label),
      ['s0'],
    );
  });

  it('can make at the second try what failed at the first', async () => {
    await builder.ask('chardev-remove', { id: 's0' });
    assert.equal(await builder.refusal('x-exit-preconfig'), "Option 'serial': Chardev 's0' not found");
    assert.deepEqual(told(watcher), ['blank -> creating', 'creating -> blank']);
    await addSerial();
    await boot();
  });

  it('set what is set during the creation for the next machine, and are told so', async () => {
    const created = builder.execute('x-exit-preconfig');
    while ((await watcher.event('PHASE_CHANGED')).data?.to !== 'creating');
    const [set] = await watcher.ask('machine-set', { memory: { size: 4 << 20 } });
    assert.deepEqual(set, { option: 'memory', result: 'recorded' });
    assert.deepEqual(await created, { return: {} });
    const [memory] = await watcher.ask('query-machine-options', { options: ['memory'] });
    assert.deepEqual([memory.value, memory.pending], [undefined, { size: 4 << 20 }]);
    const before = await watcher.ask('query-memory-size-summary');
    await builder.ask('machine-destroy');
    await builder.ask('x-exit-preconfig');
    const after = await watcher.ask('query-memory-size-summary');
    assert.notEqual(before['base-memory'], after['base-memory']);
    assert.equal(after['base-memory'], 4 << 20);
  });

  it('see a guest that powers off, and qmpd go back to blank', async () => {
    const terminal = await boot();
    terminal.type('Q');
    const { data } = await watcher.event('SHUTDOWN');
    assert.deepEqual(data, { guest: true, reason: 'guest-shutdown' });
    while ((await watcher.event('PHASE_CHANGED')).data?.to !== 'blank');
    const machine = await builder.ask('query-machine');
    assert.equal(machine.phase, 'blank');
    assert.match(machine['last-end'].reason, /./);
    assert.match(await builder.refusal('cont'), /permitted only after machine initialization/);
    await boot();
  });

  it('can have a guest pause where it would power off', async () => {
    const terminal = await boot();
    await watcher.ask('set-action', { shutdown: 'pause' });
    terminal.type('Q');
    await watcher.event('STOP');
    assert.equal(await status(), 'shutdown');
    assert.equal(await builder.refusal('cont'), 'Resetting the Virtual Machine is required');
    await builder.ask('system_reset');
    await builder.ask('cont');
    await terminal.sees(tinyGuestGreeting);
  });

  it('can have a guest end where it would start again', async () => {
    const terminal = await boot();
    await builder.ask('set-action', { reboot: 'shutdown' });
    terminal.type('R');
    assert.deepEqual((await watcher.event('SHUTDOWN')).data, { guest: true, reason: 'guest-reset' });
    while ((await watcher.event('PHASE_CHANGED')).data?.to !== 'blank');
  });

  it('see a triple fault as the reset that it is', async () => {
    const terminal = await boot();
    terminal.type('T');
    assert.deepEqual((await watcher.event('RESET')).data, { guest: true, reason: 'guest-reset' });
    await terminal.sees(tinyGuestGreeting);
  });

  it('keep their sessions when a guest makes the emulator fail; a reset repairs it', async () => {
    const terminal = await boot();
    terminal.type('F');
    await watcher.event('STOP');
    assert.equal(await status(), 'internal-error');
    assert.equal(await builder.refusal('cont'), 'Resetting the Virtual Machine is required');
    await watcher.ask('system_reset');
    await builder.ask('cont');
    await terminal.sees(tinyGuestGreeting);
    await builder.ask('machine-destroy');
    await boot();
  });

  it('are answered while a guest spins', async () => {
    const terminal = await boot();
    terminal.type('S');
    await terminal.sees('S');
    for (let n = 0; n < 20; n += 1) assert.equal(await status(), 'running');
    await builder.ask('stop');
    assert.equal(await status(), 'paused');
    await builder.ask('machine-destroy');
  });

  it('may come and go, like the one at the serial port, without the guest noticing', async () => {
    const first = await boot();
    builder.close();
    await watcher.event('SESSION_CLOSED');
    first.type('one');
    await first.sees('one');
    first.socket.destroy();
    const second = await Terminal.connect(serial);
    second.type('two');
    await second.sees('two');
    builder = await RawClient.negotiated(server.path);
    assert.equal((await builder.ask('query-status')).running, true);
  });

  it('may do everything at once: each command is carried out or refused, and the machine is one', async () => {
    const seed = Number(process.env.QMPD_SEED ?? Date.now() % 1_000_000);
    let state = seed;
    const pick = <T>(choices: readonly T[]): T => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
      return choices[(state >>> 16) % choices.length] as T;
    };
    const commands: readonly (readonly [string, object?])[] = [
      ['x-exit-preconfig'],
      ['machine-destroy'],
      ['cont'],
      ['stop'],
      ['system_reset'],
      ['query-block'],
      ['eject', { id: 'cdrom' }],
      ['blockdev-close-tray', { id: 'cdrom' }],
      ['blockdev-open-tray', { id: 'cdrom' }],
      ['blockdev-change-medium', { id: 'cdrom', filename: '/dev/null' }],
      ['machine-set', { cdrom: null }],
      ['machine-set', { memory: { size: 4 << 20 } }],
      ['machine-unset', { options: ['cdrom', 'memory'] }],
      ['screendump', { filename: path.join(server.directory, 'screen') }],
      ['pmemsave', { val: 0, size: 1 << 16, filename: path.join(server.directory, 'memory') }],
      ['send-key', { keys: [{ type: 'qcode', data: 'a' }], 'hold-time': 0 }],
      ['query-machine'],
      ['query-machine-options'],
      ['query-chardev'],
      ['set-action', { shutdown: 'poweroff', reboot: 'reset' }],
    ];
    const storm = async (client: RawClient): Promise<void> => {
      for (let n = 0; n < 60; n += 1) {
        const [command, args] = pick(commands);
        const reply = await client.execute(command, args);
        const hint = `QMPD_SEED=${seed}: ${command}: ${JSON.stringify(reply)}`;
        assert.ok(reply !== undefined, hint);
        assert.doesNotMatch(reply.error?.desc ?? '', /^The command \S+ failed/, hint);
      }
    };
    await Promise.all([storm(builder), storm(watcher), storm(await RawClient.negotiated(server.path))]);
    await builder.execute('machine-destroy');
    await builder.ask('machine-unset', { options: ['cdrom', 'memory'] });
    await boot();
  });
});
