// Has the conversations of a transcript: starts real qmpd processes, connects clients, sends what they send and waits
// for what they read.

import assert from 'node:assert/strict';
import { type ChildProcess, type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { matches, parseShown, type Step } from './transcript.ts';
import { Viewer } from './viewer.ts';

const cli = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

/** How long a line may take to come; creating a machine under load is the slowest. */
const lineLimitMs = 20_000;

const clientProgram = fileURLToPath(new URL('./client-process.js', import.meta.url));

class Client {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: unknown[] = [];
  #text = '';
  #ended = false;
  #wake: () => void = () => undefined;

  private constructor(socketPath: string) {
    this.#process = spawn(process.execPath, [clientProgram, socketPath], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#process.stdin.on('error', () => undefined);
    this.#process.stdout.setEncoding('utf8').on('data', (text: string) => this.#receive(text));
    this.#process.on('exit', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  static async connect(socketPath: string): Promise<Client> {
    const client = new Client(socketPath);
    client.send('{"execute":"qmp_capabilities"}');
    await client.until(() => client.#lines.length >= 2, 'the negotiation');
    client.#lines.length = 0;
    return client;
  }

  send(json: string, file = '-'): void {
    this.#process.stdin.write(`${file} ${json}\n`);
  }

  async expect(step: Step, shown: unknown): Promise<void> {
    const find = (): number => this.#lines.findIndex((line) => matches(shown, line));
    await this.until(() => find() >= 0, `line ${step.line} of the page: ${step.text}`);
    this.#lines.splice(0, find() + 1);
  }

  async expectEnd(step: Step): Promise<void> {
    await this.until(() => this.#ended, `line ${step.line} of the page: ${step.text}`);
  }

  async kill(): Promise<void> {
    if (this.#ended) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }

  async until(condition: () => boolean, what: string): Promise<void> {
    const limit = setTimeout(() => this.#wake(), lineLimitMs);
    const start = Date.now();
    while (!condition()) {
      assert.ok(Date.now() - start < lineLimitMs && (!this.#ended || condition()), this.#missing(what));
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    clearTimeout(limit);
  }

  #missing(what: string): string {
    return `did not come: ${what}\nwhat came:\n${this.#lines.map((line) => JSON.stringify(line)).join('\n')}`;
  }

  #receive(text: string): void {
    const lines = (this.#text + text).split('\r\n');
    this.#text = lines.pop() ?? '';
    this.#lines.push(...lines.map((line): unknown => JSON.parse(line)));
    this.#wake();
  }
}

/** One qmpd with its clients, in a directory of its own. */
export class TranscriptRunner implements AsyncDisposable {
  readonly #directory: string = mkdtempSync(path.join(tmpdir(), 'qmpd-docs-'));
  readonly #clients: Map<string, Client> = new Map();
  readonly #viewers: Map<string, Viewer> = new Map();
  readonly #processes: Map<string, ChildProcess> = new Map();

  get #socket(): string {
    return path.join(this.#directory, 'qmp.sock');
  }

  /** The disk that the page says is there. */
  prepareDisk(): void {
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', 'disk.qcow2', '64M'], { cwd: this.#directory });
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const step of steps) await this.#step(step);
  }

  async #step(step: Step): Promise<void> {
    const [verb = '', ...words] = step.text.split(' ');
    if (verb === 'continue') return;
    if (verb === 'start') return await this.#start(words);
    if (verb === 'kill') return await this.#kill(words.at(-1) ?? '');
    if (verb === 'connect' || verb === 'view') return await this.#connect(verb, words);
    const conversation = /^(\w+) (->|<-) (?:\[descriptor of (\S+)\] )?(.*)$/.exec(step.text);
    assert.ok(conversation, `line ${step.line}: what is '${step.text}'?`);
    const [, name = '', direction, file, json = ''] = conversation;
    const viewer = this.#viewers.get(name);
    if (viewer !== undefined) return await view(viewer, direction, String(parseShown(step, json)));
    const client = await this.#client(name);
    if (direction === '->') client.send(json, file);
    else if (json === 'end of file') await client.expectEnd(step);
    else await client.expect(step, parseShown(step, json));
  }

  async #connect(verb: string, [name = '', socket = '']: readonly string[]): Promise<void> {
    const socketPath = path.join(this.#directory, socket);
    if (verb === 'view') this.#viewers.set(name, await Viewer.connect(socketPath));
    else this.#clients.set(name, await Client.connect(socketPath));
  }

  async #client(name: string): Promise<Client> {
    const known = this.#clients.get(name);
    if (known !== undefined) return known;
    const client = await Client.connect(this.#socket);
    this.#clients.set(name, client);
    return client;
  }

  async #start([program = '', ...given]: readonly string[]): Promise<void> {
    if (program !== 'qmpd') return await this.#startOther(program, given);
    const own = ['--qmp', `unix:${this.#socket}`, '--state', path.join(this.#directory, 'state')];
    const args = given[0] === 'attach' ? given : own;
    const child = spawn(process.execPath, [cli, ...args, '--quiet'], {
      cwd: this.#directory,
      env: { ...process.env, XDG_RUNTIME_DIR: this.#directory },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#processes.set(program, child);
    // The first line that it prints is the address: it listens.
    await once(child.stdout, 'data');
    child.stdout.resume();
  }

  /** A QEMU that somebody else starts; it is there when its socket is. */
  async #startOther(program: string, args: readonly string[]): Promise<void> {
    const child = spawn(program, args, { cwd: this.#directory, stdio: 'ignore' });
    this.#processes.set(program, child);
    const [, socket = ''] = /unix:([^,]+)/.exec(args.join(' ')) ?? [];
    while (!existsSync(path.join(this.#directory, socket))) {
      assert.equal(child.exitCode, null, `${program} ended`);
      await nextTurn();
    }
  }

  async #kill(name: string): Promise<void> {
    const child = this.#processes.get(name);
    if (child === undefined) {
      await this.#clients.get(name)?.kill();
      this.#clients.delete(name);
      return;
    }
    await end(child, 'SIGKILL');
    this.#processes.delete(name);
    if (name === 'qmpd') await this.#closeClients();
  }

  async #closeClients(): Promise<void> {
    for (const client of this.#clients.values()) await client.kill();
    this.#clients.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closeClients();
    for (const viewer of this.#viewers.values()) viewer.close();
    for (const child of this.#processes.values()) await end(child, 'SIGTERM');
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

async function view(viewer: Viewer, direction: string | undefined, text: string): Promise<void> {
  if (direction === '->') viewer.type(text);
  else await viewer.until(text, lineLimitMs);
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}
