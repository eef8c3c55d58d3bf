// `npm run demo`: qmpd from nothing to a talking guest in a few seconds. Starts a private server, connects two clients,
// lets the one build and run a machine and the other watch, and ends by itself. Prints a transcript:
//   builder> what a client sends        builder< the answer        watcher* an event that a client sees

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  type CommandName,
  launch,
  type QmpClient,
  QmpCommandError,
  type QmpEvent,
} from '../src/client/index.ts';

const timeoutMs = 10_000;

function say(text = ''): void {
  process.stdout.write(`${text}\n`);
}

function step(title: string): void {
  say(`\n== ${title}`);
}

function short(value: unknown): string {
  const text = JSON.stringify(value, (_key, member) =>
    typeof member === 'bigint' ? Number(member) : member,
  );
  return text.length > 160 ? `${text.slice(0, 157)}...` : text;
}

/** A client that writes down what it sends, what it gets, and the events as they come. */
class Speaker {
  readonly name: string;
  readonly vm: QmpClient;
  readonly #seen: string[] = [];
  #noticed: () => void = () => undefined;

  constructor(name: string, vm: QmpClient) {
    this.name = name;
    this.vm = vm;
    void this.#listen(vm.events({ names: ['STOP', 'RESUME', 'RESET', 'SHUTDOWN', 'SESSION_CLOSED'] }));
  }

  async tell(command: CommandName, args?: object): Promise<void> {
    say(`${this.name}> ${command}${args === undefined ? '' : ` ${short(args)}`}`);
    try {
      const value = await this.vm.executeAny(command, args, { timeoutMs });
      say(`${this.name}< ${short(value)}`);
    } catch (thrown) {
      if (!(thrown instanceof QmpCommandError)) throw thrown;
      say(`${this.name}< error ${thrown.class}: ${thrown.desc}`);
    }
  }

  /** Waits until an event of this name has come, since the last one that was waited for. */
  async sees(name: string): Promise<void> {
    while (!this.#seen.includes(name)) {
      await new Promise<void>((resolve) => {
        this.#noticed = resolve;
      });
    }
    this.#seen.splice(0, this.#seen.indexOf(name) + 1);
  }

  async #listen(events: AsyncIterable<QmpEvent>): Promise<void> {
    try {
      for await (const event of events) {
        say(`${this.name}* ${event.event} ${short(event.data)}`);
        this.#seen.push(event.event);
        this.#noticed();
      }
    } catch (thrown) {
      say(`${this.name}  ${thrown instanceof Error ? thrown.message : thrown}`);
    }
  }
}

/** The other end of the guest's serial port. */
class Terminal {
  readonly #socket: net.Socket;
  #text = '';

  constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.#text += text;
    });
  }

  type(text: string): void {
    say(`serial> ${text}`);
    this.#socket.write(text);
  }

  /** Waits until the guest has printed this, and shows what it printed. */
  async until(text: string): Promise<void> {
    while (!this.#text.includes(text)) await once(this.#socket, 'data');
    say(`serial< ${this.#text.trim()}`);
    this.#text = '';
  }

  close(): void {
    this.#socket.destroy();
  }
}

async function watch(speakers: readonly Speaker[], event: string): Promise<void> {
  for (const speaker of speakers) await speaker.sees(event);
}

async function buildMachine(builder: Speaker, serialPath: string): Promise<Terminal> {
  step('one client declares a machine: embedded engine, built-in guest, a serial port on a character device');
  await builder.tell('query-status');
  await builder.tell('cont');
  await builder.tell('machine-set', { engine: 'embedded', memory: { size: 16 * 1_048_576 }, serial: ['s0'] });
  const addr = { type: 'unix', data: { path: serialPath } };
  await builder.tell('chardev-add', {
    id: 's0',
    backend: { type: 'socket', data: { addr, server: true, wait: false } },
  });
  step('and creates it');
  await builder.tell('x-exit-preconfig');
  await builder.tell('query-status');
  const socket = net.connect(serialPath);
  await once(socket, 'connect');
  return new Terminal(socket);
}

async function runGuest(builder: Speaker, watcher: Speaker, terminal: Terminal): Promise<void> {
  const everybody = [builder, watcher];
  step('the guest runs and talks on its serial port; both clients see the events');
  await builder.tell('cont');
  await watch(everybody, 'RESUME');
  await terminal.until('READY');
  terminal.type('hello');
  await terminal.until('hello');
  step('stop, continue, reset');
  await watcher.tell('stop');
  await watch(everybody, 'STOP');
  await watcher.tell('cont');
  await watch(everybody, 'RESUME');
  await builder.tell('system_reset');
  await watch(everybody, 'RESET');
  await terminal.until('READY');
}

/** A third client passes a descriptor and is killed; what it held must be gone with it. */
async function loseClient(watcher: Speaker, address: string, file: string): Promise<void> {
  step('a third client passes a file descriptor, and is killed without warning');
  const holder = spawn(
    process.execPath,
    [fileURLToPath(new URL('./fd-holder.js', import.meta.url)), address, file],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(createInterface({ input: holder.stdout }), 'line');
  await watcher.tell('query-fds');
  holder.kill('SIGKILL');
  say(`(SIGKILL to client process ${holder.pid})`);
  await watcher.sees('SESSION_CLOSED');
  await watcher.tell('query-fds');
}

async function main(): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), 'qmpd-demo-'));
  try {
    step('qmpd starts with nothing: no options, no machine');
    await using qmpd = await launch();
    say(`qmpd, process ${qmpd.pid}, listens on ${qmpd.address}`);
    await using second = await qmpd.connect();
    const builder = new Speaker('builder', qmpd.vm);
    const watcher = new Speaker('watcher', second);
    const terminal = await buildMachine(builder, path.join(directory, 'serial.sock'));
    await runGuest(builder, watcher, terminal);
    const file = path.join(directory, 'disk.img');
    await writeFile(file, 'not much of a disk\n');
    if (second.canPassFds) await loseClient(watcher, qmpd.address, file);
    else say('\n(descriptors are not passed: qmpd was built without its native part)');
    step('the end');
    terminal.close();
    await builder.tell('quit');
    await watch([watcher], 'SHUTDOWN');
    const { status } = await qmpd.ended;
    say(`qmpd ended with status ${status}`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

await main();
