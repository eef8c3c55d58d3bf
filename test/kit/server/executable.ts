// Runs the built executable as a user would, and collects what it says.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const executablePath: string = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));

export interface Finished {
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs it to its end with this text as its standard input. */
export async function runQmpd(
  args: readonly string[],
  input = '',
  environment: NodeJS.ProcessEnv = {},
): Promise<Finished> {
  const child = spawn(process.execPath, [executablePath, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [status] = await once(child, 'close');
  return { status, output, errors };
}

/** A process and its output, to talk with step by step. */
export class Dialogue implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #text = '';

  constructor(command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    this.#child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...environment },
    });
    this.#ended = once(this.#child, 'close');
    this.#child.stdin?.on('error', () => undefined);
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#text += text;
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Takes the output up to this text, which has to come within a minute: others may want the processors. */
  async until(text: string): Promise<string> {
    const limit = AbortSignal.timeout(60_000);
    while (!this.#text.includes(text)) {
      await once(this.#child.stdout as NodeJS.ReadableStream, 'data', { signal: limit }).catch(() => {
        throw new Error(`${JSON.stringify(text)} did not come after ${JSON.stringify(this.#text)}`);
      });
    }
    const end = this.#text.indexOf(text) + text.length;
    const taken = this.#text.slice(0, end);
    this.#text = this.#text.slice(end);
    return taken;
  }

  async status(): Promise<number | null> {
    await this.#ended;
    return this.#child.exitCode;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Lets it end in order: a qmpd that is killed leaves its QEMU running. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin?.end();
    this.#child.kill('SIGTERM');
    const killing = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    await this.#ended;
    clearTimeout(killing);
  }
}
