// `launch`: a qmpd of one's own, for one program: started, connected to, and taken down with everything that it made,
// also when the program dies without a word (the child then reads the end of its standard input and ends).

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { LocalError, messageOf } from '../util/local-error.ts';
import type { QmpClient } from './client.ts';
import { type ConnectOptions, connect } from './connect.ts';

/** From the start of the process to the first answer. */
export const launchTimeoutMs = 20_000;

/** For each step of the way down: asked by QMP, by the end of its input, by SIGTERM; SIGKILL comes last. */
const stepTimeoutMs = 3000;

/** Of what the process wrote to its error output, for the message when it does not start. */
const errorTextMax = 4096;

export interface LaunchOptions {
  /** The QEMU that runs machines; unset: the one in PATH, if there is one. */
  readonly qemuBinary?: string;
  /** More options for the command line of `qmpd`, such as `--qmp` and an address for other clients. */
  readonly args?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  /** Where the process's log goes (default: 'ignore'). */
  readonly log?: 'ignore' | 'inherit';
  /** Default: `launchTimeoutMs`. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** How the process ended. */
export interface ProcessEnd {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running private qmpd. Dispose of it (`await using`) or `close` it. */
export class QmpdInstance implements AsyncDisposable {
  /** The first client, connected already; closed with the instance. */
  readonly vm: QmpClient;
  /** For further clients of the same user: "unix:PATH". */
  readonly address: string;
  readonly pid: number;
  /** Resolves when the process has ended, for whatever reason; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess;

  /** Made by `launch`. */
  constructor(child: ChildProcess, ended: Promise<ProcessEnd>, address: string, vm: QmpClient) {
    this.#child = child;
    this.ended = ended;
    this.address = address;
    this.vm = vm;
    this.pid = child.pid ?? -1;
  }

  /** One more client of the same server. The caller closes it. */
  connect(options: Omit<ConnectOptions, 'address' | 'fd'> = {}): Promise<QmpClient> {
    return connect({ ...options, address: this.address });
  }

  /** Ends machine, process and directory; resolves when nothing of it is left. */
  async close(): Promise<void> {
    if (this.vm.isOpen)
      await this.vm.executeAny('quit', undefined, { timeoutMs: stepTimeoutMs }).catch(ignore);
    await this.vm.close();
    await endProcess(this.#child, this.ended);
    await removeDirectory(this.address);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Rejects with a LocalError ERR_QMPD_LAUNCH that carries the process's own words. */
export async function launch(options: LaunchOptions = {}): Promise<QmpdInstance> {
  options.signal?.throwIfAborted();
  const child = spawn(process.execPath, commandLine(options), {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: options.environment ?? process.env,
  });
  const ended = processEnd(child);
  const errorText = collectErrors(child, options.log ?? 'ignore');
  child.stdin?.on('error', ignore);
  let address: string | undefined;
  try {
    const timeoutMs = options.timeoutMs ?? launchTimeoutMs;
    const limit = AbortSignal.any([
      AbortSignal.timeout(timeoutMs),
      ...(options.signal ? [options.signal] : []),
    ]);
    address = await announcedAddress(child, ended, limit);
    const vm = await connect({ address, signal: limit, timeoutMs });
    return new QmpdInstance(child, ended, address, vm);
  } catch (thrown) {
    await endProcess(child, ended);
    if (address !== undefined) await removeDirectory(address);
    const words = errorText().trim();
    const message = `qmpd did not start: ${messageOf(thrown)}${words === '' ? '' : `\n${words}`}`;
    throw new LocalError('ERR_QMPD_LAUNCH', message, { cause: thrown });
  }
}

function commandLine({ args = [], qemuBinary }: LaunchOptions): string[] {
  const executable = fileURLToPath(new URL('../cli/main.js', import.meta.url));
  return [executable, '--private', ...(qemuBinary === undefined ? [] : ['--qemu', qemuBinary]), ...args];
}

function processEnd(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.once('exit', (status, signal) => resolve({ status, signal }));
    child.once('error', () => resolve({ status: null, signal: null }));
  });
}

/** Keeps the last words; shows them too when that is wanted. */
function collectErrors(child: ChildProcess, log: 'ignore' | 'inherit'): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (part: string) => {
    text = (text + part).slice(-errorTextMax);
    if (log === 'inherit') process.stderr.write(part);
  });
  return () => text;
}

/** The first line of the standard output (src/cli/serve.ts, --private). */
async function announcedAddress(
  child: ChildProcess,
  ended: Promise<ProcessEnd>,
  limit: AbortSignal,
): Promise<string> {
  if (child.stdout === null) throw new LocalError('ERR_QMPD_LAUNCH', 'no output to read');
  const lines = createInterface({ input: child.stdout });
  const cancel = new AbortController();
  const signal = AbortSignal.any([limit, cancel.signal]);
  try {
    const line = once(lines, 'line', { signal });
    const early = ended.then(({ status, signal: by }): never => {
      throw new LocalError('ERR_QMPD_LAUNCH', `the process ended with ${by ?? `status ${status}`}`);
    });
    const [address] = await Promise.race([line, early]);
    return String(address);
  } finally {
    cancel.abort();
    lines.close();
    // Nobody reads the rest of its output, but it must not fill the pipe.
    child.stdout.resume();
  }
}

async function endProcess(child: ChildProcess, ended: Promise<ProcessEnd>): Promise<void> {
  const steps = [() => child.stdin?.end(), () => child.kill('SIGTERM'), () => child.kill('SIGKILL')];
  for (const step of steps) {
    step();
    if (await endsInTime(ended)) break;
  }
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
}

async function endsInTime(ended: Promise<ProcessEnd>): Promise<boolean> {
  const cancel = new AbortController();
  const late = delay(stepTimeoutMs, false, { signal: cancel.signal }).catch(() => false);
  const inTime = await Promise.race([ended.then(() => true), late]);
  cancel.abort();
  return inTime;
}

/** The process removes its directory itself, unless it was killed. */
async function removeDirectory(address: string): Promise<void> {
  const directory = path.dirname(address.replace(/^unix:/, ''));
  await rm(directory, { recursive: true, force: true });
}

function ignore(): void {
  // What failed is on its way out.
}
