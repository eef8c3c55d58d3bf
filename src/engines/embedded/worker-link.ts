// The machine's worker thread as the main thread sees it: starts it, pairs requests with answers, and ends it. It
// knows the messages, not what they mean.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { QmpError } from '../../qmp/error.ts';
import { messageOf } from '../../util/local-error.ts';
import type { FromWorker, MachinePlan, ToWorker, Verb, Verbs, WorkerData } from './worker/messages.ts';

/** A worker that takes longer is taken for dead. */
const startTimeMsMax = 30_000;
/** One instruction of a guest can keep the emulator busy for long; who only looks on need not wait for it. */
const answerTimeMsMax = 30_000;
/** Verbs that change the machine are waited for, so that its state is never in doubt; `close` ends the waiting. */
const patientVerbs: ReadonlySet<Verb> = new Set<Verb>(['cont', 'stop', 'reset', 'setMedium']);
/** How long a worker may take to write out disk contents before it is ended all the same. */
const closeTimeMsMax = 5_000;
/** JavaScript objects of the emulator; guest memory is not counted. At the limit the worker ends, not the process. */
const heapMebibytesMax = 1_024;

/** Messages that are not answers. */
export type Notice = Exclude<FromWorker, { kind: 'ready' | 'failed' | 'answer' | 'refusal' }>;

export interface WorkerListener {
  notice(notice: Notice): void;
  /** The worker ended without being told to. Called once. */
  died(reason: string): void;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: QmpError) => void;
  readonly timer: NodeJS.Timeout | undefined;
}

export class WorkerLink {
  readonly #worker: Worker;
  readonly #listener: WorkerListener;
  readonly #waiting = new Map<number, Waiting>();
  #lastNumber = 0;
  #state: 'starting' | 'running' | 'closing' | 'gone' = 'starting';
  #deathReason: string | undefined;

  private constructor(worker: Worker, listener: WorkerListener) {
    this.#worker = worker;
    this.#listener = listener;
  }

  /** Resolves when the machine is made; rejects with a QmpError, with nothing left behind. */
  static async start(plan: MachinePlan, listener: WorkerListener): Promise<WorkerLink> {
    const data: WorkerData = { plan, module: await compiledModule() };
    const worker = new Worker(new URL('./worker/main.js', import.meta.url), {
      name: 'qmpd-machine',
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: heapMebibytesMax },
    });
    const link = new WorkerLink(worker, listener);
    try {
      await link.#ready();
    } catch (thrown) {
      link.#state = 'gone';
      await worker.terminate();
      throw thrown;
    }
    return link;
  }

  tell(message: ToWorker): void {
    if (this.#state === 'running') this.#worker.postMessage(message);
  }

  request<V extends Verb>(verb: V, argument: Verbs[V]['takes']): Promise<Verbs[V]['answers']> {
    if (this.#state !== 'running') return Promise.reject(new QmpError('The machine has ended'));
    const timeMsMax = patientVerbs.has(verb) ? undefined : answerTimeMsMax;
    return this.#ask(verb, argument, timeMsMax) as Promise<Verbs[V]['answers']>;
  }

  /** Lets the worker write out disk contents, then ends it. Resolves when its memory is given back. */
  async close(): Promise<void> {
    if (this.#state === 'gone') return;
    if (this.#state === 'running') {
      this.#state = 'closing';
      await this.#ask('close', undefined, closeTimeMsMax).catch(() => {});
    }
    this.#state = 'gone';
    await this.#worker.terminate();
    this.#rejectAll('The machine has ended');
  }

  #ask(verb: Verb, argument: unknown, timeMsMax: number | undefined): Promise<unknown> {
    const number = ++this.#lastNumber;
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.#waiting.delete(number);
        reject(new QmpError('The embedded machine does not answer'));
      };
      const timer = timeMsMax === undefined ? undefined : setTimeout(giveUp, timeMsMax);
      this.#waiting.set(number, { resolve, reject, timer });
      this.#worker.postMessage({ kind: 'request', number, verb, argument } satisfies ToWorker);
    });
  }

  #ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new QmpError('The embedded machine does not start')),
        startTimeMsMax,
      );
      const settle = (error: QmpError | undefined): void => {
        clearTimeout(timer);
        if (error === undefined) resolve();
        else reject(error);
      };
      this.#worker.on('message', (message: FromWorker) => {
        if (message.kind === 'ready') {
          this.#state = 'running';
          settle(undefined);
        } else if (message.kind === 'failed') {
          settle(new QmpError(`The embedded machine cannot be made: ${message.message}`));
        } else {
          this.#receive(message);
        }
      });
      this.#worker.on('error', (thrown) => {
        this.#deathReason = messageOf(thrown);
        settle(new QmpError(`The embedded machine cannot be made: ${this.#deathReason}`));
      });
      this.#worker.on('exit', () => {
        settle(new QmpError('The embedded machine ended while it was made'));
        this.#exited();
      });
    });
  }

  #receive(message: Exclude<FromWorker, { kind: 'ready' | 'failed' }>): void {
    if (message.kind !== 'answer' && message.kind !== 'refusal') {
      this.#listener.notice(message);
      return;
    }
    const waiting = this.#waiting.get(message.number);
    if (waiting === undefined) return;
    this.#waiting.delete(message.number);
    clearTimeout(waiting.timer);
    if (message.kind === 'answer') waiting.resolve(message.value);
    else waiting.reject(new QmpError(message.message));
  }

  #exited(): void {
    const unexpected = this.#state === 'running';
    this.#state = 'gone';
    const reason = `the emulator's thread ended: ${this.#deathReason ?? 'no reason given'}`;
    this.#rejectAll(unexpected ? `The machine has ended: ${reason}` : 'The machine has ended');
    if (unexpected) this.#listener.died(reason);
  }

  #rejectAll(message: string): void {
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new QmpError(message));
    }
    this.#waiting.clear();
  }
}

interface WasmCompiler {
  compile(bytes: Uint8Array): Promise<object>;
}

let compiled: Promise<object> | undefined;

/** Compiled once for all machines of the process: threads share the code. */
function compiledModule(): Promise<object> {
  compiled ??= compileModule().catch((thrown: unknown) => {
    compiled = undefined;
    throw new QmpError(`The embedded engine cannot be loaded: ${messageOf(thrown)}`);
  });
  return compiled;
}

async function compileModule(): Promise<object> {
  const file = createRequire(import.meta.url).resolve('v86/build/v86.wasm');
  const wasm = Reflect.get(globalThis, 'WebAssembly') as WasmCompiler;
  return wasm.compile(await readFile(file));
}
