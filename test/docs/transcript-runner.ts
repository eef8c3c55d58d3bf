// Has the conversations of a transcript: starts real qmpd processes, connects clients, sends what they send and waits
// for what they read.

import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { matches, parseShown, type Step } from './transcript.ts';

const cli = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

/** How long a line may take to come; creating a machine under load is the slowest. */
const lineLimitMs = 20_000;

class Client {
  readonly #socket: Socket;
  readonly #lines: unknown[] = [];
  #text = '';
  #ended = false;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('error', () => undefined);
    socket.on('data', (text: string) => this.#receive(text));
    socket.on('close', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  static async connect(socketPath: string): Promise<Client> {
    const socket = createConnection(socketPath);
    const client = new Client(socket);
    await once(socket, 'connect');
    socket.write('{"execute":"qmp_capabilities"}\n');
    await client.until(() => client.#lines.length >= 2, 'the negotiation');
    client.#lines.length = 0;
    return client;
  }

  send(json: string): void {
    this.#socket.write(`${json}\n`);
  }

  async expect(step: Step, shown: unknown): Promise<void> {
    const find = (): number => this.#lines.findIndex((line) => matches(shown, line));
    await this.until(() => find() >= 0, `line ${step.line} of the page: ${step.text}`);
    this.#lines.splice(0, find() + 1);
  }

  async expectEnd(step: Step): Promise<void> {
    await this.until(() => this.#ended, `line ${step.line} of the page: ${step.text}`);
  }

  close(): void {
    this.#socket.destroy();
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
  #process: ChildProcess | undefined;

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
    const { text } = step;
    if (text === 'continue') return;
    if (text.startsWith('start qmpd')) return await this.#start();
    if (text === 'kill -9 qmpd') return await this.#kill();
    const conversation = /^(\w+) (->|<-) (.*)$/.exec(text);
    assert.ok(conversation, `line ${step.line}: what is '${text}'?`);
    const [, name = '', direction, json = ''] = conversation;
    const client = await this.#client(name);
    if (direction === '->') client.send(json);
    else if (json === 'end of file') await client.expectEnd(step);
    else await client.expect(step, parseShown(step, json));
  }

  async #client(name: string): Promise<Client> {
    const known = this.#clients.get(name);
    if (known !== undefined) return known;
    const client = await Client.connect(this.#socket);
    this.#clients.set(name, client);
    return client;
  }

  async #start(): Promise<void> {
    const state = ['--state', path.join(this.#directory, 'state')];
    const args = [cli, '--qmp', `unix:${this.#socket}`, ...state];
    const env = { ...process.env, XDG_RUNTIME_DIR: this.#directory };
    const child = spawn(process.execPath, args, {
      cwd: this.#directory,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#process = child;
    // The first line that it prints is the address: it listens.
    await once(child.stdout, 'data');
    child.stdout.resume();
  }

  async #kill(): Promise<void> {
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
    const ended = this.#process && once(this.#process, 'exit');
    this.#process?.kill('SIGKILL');
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients.values()) client.close();
    const child = this.#process;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
