// Whose command goes to the server next. Sessions take turns; each session's in-band commands go in its own order;
// out-of-band ones go at once. Identical queries of several sessions that wait are sent once and answered to all,
// but only while unsent: nobody gets a state older than the question. Constant answers are kept.
//
// The queues have no limit of their own: a session has at most its own queue's length in flight here (src/qmp), and
// what it waits for is counted there.

import type { ForwardReply } from '../../machine/instance.ts';
import { QmpError } from '../../qmp/error.ts';
import type { CommandTraits } from '../../qmp/traits.ts';
import type { CancelTimer, Clock } from '../../util/clock.ts';
import { Polling, type PollingOptions } from './polling.ts';
import { ReplyCache } from './reply-cache.ts';
import type { UpstreamConnection } from './upstream-connection.ts';

/** Questions that are remembered to be popular; further ones are sent as if they were not. */
const popularMax = 256;

export interface Submission {
  readonly session: string;
  readonly command: string;
  readonly argumentsText: string | undefined;
  /** Of the command's traits; absent: each one is sent. */
  readonly answer?: CommandTraits['answer'] | undefined;
  readonly outOfBand: boolean;
  readonly timeoutMs?: number | undefined;
  readonly fds?: readonly number[] | undefined;
}

interface Waiter {
  readonly session: string;
  readonly resolve: (reply: ForwardReply) => void;
  readonly reject: (error: QmpError) => void;
  cancelTimer: CancelTimer | undefined;
  /** Answered, timed out, or its session gone. */
  done: boolean;
}

interface Job {
  readonly submission: Submission;
  readonly outOfBand: boolean;
  /** Undefined when it must not be shared. */
  readonly key: string | undefined;
  readonly waiters: Waiter[];
  sentMs: number | undefined;
}

export interface InFlight {
  readonly command: string;
  readonly session: string;
  readonly sinceMs: number;
}

export class Scheduler {
  readonly #clock: Clock;
  readonly #log: (message: string) => void;
  readonly #cache: ReplyCache = new ReplyCache();
  /** Unsent in-band jobs by session; the order of the map is the order of turns. */
  readonly #queues: Map<string, Job[]> = new Map();
  readonly #shared: Map<string, Job> = new Map();
  readonly #outOfBand: Job[] = [];
  readonly #inFlight: Set<Job> = new Set();
  readonly #keysInFlight: Set<string> = new Set();
  /** Questions that several sessions waited for when they were last sent. */
  readonly #popular: Set<string> = new Set();
  /** In flight when the connection broke; see `failLost`. */
  readonly #lost: Set<Job> = new Set();
  /** In-band commands of a session that are not answered; sharing is only for a session that has no other. */
  readonly #open: Map<string, number> = new Map();
  readonly #polling: Polling;
  #connection: UpstreamConnection | undefined;

  constructor(clock: Clock, polling: PollingOptions, log: (message: string) => void) {
    this.#clock = clock;
    this.#log = log;
    this.#polling = new Polling(polling);
  }

  /** Sends to this server from now on; undefined: waits. */
  use(connection: UpstreamConnection | undefined): void {
    this.#connection = connection;
    this.pump();
  }

  submit(submission: Submission): Promise<ForwardReply> {
    const { command, argumentsText, answer } = submission;
    const kept = answer === 'once' ? this.#cache.get(command, argumentsText) : undefined;
    if (kept !== undefined && !this.#open.has(submission.session)) return Promise.resolve(kept);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        session: submission.session,
        resolve,
        reject,
        cancelTimer: undefined,
        done: false,
      };
      const job = this.#enqueue(submission, waiter);
      this.#limitTime(job, waiter, submission.timeoutMs);
      this.pump();
    });
  }

  #enqueue(submission: Submission, waiter: Waiter): Job {
    const key = sharingKey(submission);
    const shared = key === undefined ? undefined : this.#shared.get(key);
    if (shared !== undefined && !this.#open.has(submission.session)) {
      shared.waiters.push(waiter);
      this.#opened(submission.session);
      return shared;
    }
    // A server that executes nothing out-of-band gets such commands in their turn.
    const outOfBand = submission.outOfBand && this.#connection?.hasOob !== false;
    const job: Job = { submission, outOfBand, key, waiters: [waiter], sentMs: undefined };
    if (outOfBand) {
      this.#outOfBand.push(job);
      return job;
    }
    this.#opened(submission.session);
    const queue = this.#queues.get(submission.session);
    if (queue === undefined) this.#queues.set(submission.session, [job]);
    else queue.push(job);
    if (key !== undefined && shared === undefined) this.#shared.set(key, job);
    return job;
  }

  /** Sends what can be sent. */
  pump(): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    while (this.#outOfBand.length > 0 && connection.canSendOutOfBand) {
      const job = this.#outOfBand.shift();
      if (job !== undefined) this.#send(job, connection);
    }
    while (connection.freeInBand > 0) {
      const job = this.#nextInTurn(connection.inBandInFlight > 0);
      if (job === undefined) return;
      this.#send(job, connection);
    }
  }

  /**
   * A question waits while the same one is in flight, and a popular one while anything is (`busy`): the server carries
   * out one command after the other anyway, and meanwhile others join. Of 16 clients that poll two questions, 8 get
   * each answer then, instead of 4. Nothing overtakes the popular question, or it might wait for ever. Other
   * questions are sent ahead as commands are: of 16 different ones, a quarter more are answered that way.
   */
  #nextInTurn(busy: boolean): Job | undefined {
    for (const [session, queue] of this.#queues) {
      const [job] = queue;
      if (job?.key !== undefined && busy) {
        if (job.waiters.length > 1 || this.#popular.has(job.key)) return undefined;
        if (this.#keysInFlight.has(job.key)) continue;
      }
      queue.shift();
      this.#queues.delete(session);
      if (queue.length > 0) this.#queues.set(session, queue);
      if (job === undefined) continue;
      this.#noLongerShared(job);
      if (isWanted(job)) return job;
    }
    return undefined;
  }

  #send(job: Job, connection: UpstreamConnection): void {
    const { command, argumentsText, answer, fds } = job.submission;
    job.sentMs = this.#clock.monotonicMs();
    this.#inFlight.add(job);
    if (job.key !== undefined) this.#noteQuestion(job.key, job.waiters.length);
    this.#stayAwake();
    connection.send({
      command,
      argumentsText,
      outOfBand: job.outOfBand,
      ...(fds === undefined ? {} : { fds }),
      answered: (reply) => {
        if (reply.kind === 'return' && answer === 'once') this.#cache.keep(command, argumentsText, reply);
        this.#finish(job, (waiter) => waiter.resolve(reply));
      },
      lost: () => {
        this.#landed(job);
        this.#lost.add(job);
      },
    });
  }

  #noteQuestion(key: string, waiters: number): void {
    this.#keysInFlight.add(key);
    if (waiters === 1) this.#popular.delete(key);
    else if (this.#popular.size < popularMax) this.#popular.add(key);
  }

  /**
   * Only for a session that is alone: while several ask there is always something to do, and a processor that is not
   * kept busy waiting is one more for QEMU and the clients.
   */
  #stayAwake(): void {
    if (this.#open.size <= 1) this.#polling.active();
  }

  #finish(job: Job, tell: (waiter: Waiter) => void): void {
    this.#landed(job);
    this.#stayAwake();
    let told = 0;
    for (const waiter of job.waiters) {
      if (this.#settle(job, waiter, tell)) told += 1;
    }
    if (told === 0) {
      const { command, session } = job.submission;
      this.#log(
        `the answer to ${command} was dropped: nobody waits for it any more (it was asked by ${session})`,
      );
    }
  }

  #landed(job: Job): void {
    this.#inFlight.delete(job);
    if (job.key !== undefined) this.#keysInFlight.delete(job.key);
  }

  /** False when the waiter had been settled before. */
  #settle(job: Job, waiter: Waiter, tell: (waiter: Waiter) => void): boolean {
    if (waiter.done) return false;
    waiter.done = true;
    waiter.cancelTimer?.();
    if (!job.outOfBand) this.#closed(waiter.session);
    tell(waiter);
    return true;
  }

  #limitTime(job: Job, waiter: Waiter, timeoutMs: number | undefined): void {
    if (timeoutMs === undefined || waiter.done) return;
    waiter.cancelTimer = this.#clock.after(timeoutMs, () => {
      const { command } = job.submission;
      const state = job.sentMs === undefined ? 'it was not sent' : 'it may still take effect';
      const error = new QmpError(`The command ${command} was not answered within ${timeoutMs} ms; ${state}`);
      this.#settle(job, waiter, () => waiter.reject(error));
    });
  }

  /** Drops what the session has not sent, and the answers to what it has. */
  sessionEnded(session: string): void {
    const gone = new QmpError('The session has ended');
    for (const job of this.#jobs()) {
      for (const waiter of job.waiters) {
        if (waiter.session === session) this.#settle(job, waiter, () => waiter.reject(gone));
      }
    }
    const rest: Job[] = [];
    for (const job of this.#queues.get(session) ?? []) {
      if (isWanted(job)) rest.push(job);
      else this.#noLongerShared(job);
    }
    if (rest.length === 0) this.#queues.delete(session);
    else this.#queues.set(session, rest);
  }

  /** Rejects what was in flight on a connection that broke. Until then it waits, for the reason to become known. */
  failLost(error: (command: string) => QmpError): void {
    const jobs = [...this.#lost];
    this.#lost.clear();
    this.#reject(jobs, error);
  }

  /** Rejects everything that waits, sent or not; answers that come later are dropped. */
  failAll(error: (command: string) => QmpError): void {
    const jobs = this.#jobs();
    this.#queues.clear();
    this.#shared.clear();
    this.#lost.clear();
    this.#outOfBand.length = 0;
    this.#reject(jobs, error);
  }

  #reject(jobs: readonly Job[], error: (command: string) => QmpError): void {
    for (const job of jobs) {
      for (const waiter of job.waiters) {
        this.#settle(job, waiter, () => waiter.reject(error(job.submission.command)));
      }
    }
  }

  /** An in-band command is in flight on a server that could answer an out-of-band one meanwhile. */
  get busyInBand(): boolean {
    const connection = this.#connection;
    return connection?.hasOob === true && connection.inBandInFlight > 0;
  }

  get inFlight(): InFlight[] {
    return [...this.#inFlight].map(({ submission: { command, session }, sentMs }) => ({
      command,
      session,
      sinceMs: sentMs ?? 0,
    }));
  }

  get queued(): number {
    let count = this.#outOfBand.length;
    for (const queue of this.#queues.values()) count += queue.length;
    return count;
  }

  #jobs(): Job[] {
    return [...this.#inFlight, ...this.#lost, ...this.#outOfBand, ...[...this.#queues.values()].flat()];
  }

  #noLongerShared(job: Job): void {
    if (job.key !== undefined && this.#shared.get(job.key) === job) this.#shared.delete(job.key);
  }

  #opened(session: string): void {
    this.#open.set(session, (this.#open.get(session) ?? 0) + 1);
  }

  #closed(session: string): void {
    const count = (this.#open.get(session) ?? 1) - 1;
    if (count === 0) this.#open.delete(session);
    else this.#open.set(session, count);
  }
}

function isWanted(job: Job): boolean {
  return job.waiters.some((waiter) => !waiter.done);
}

function sharingKey({ command, argumentsText, answer, outOfBand, fds }: Submission): string | undefined {
  if (outOfBand || fds !== undefined || answer === undefined) return undefined;
  return argumentsText === undefined ? command : `${command} ${argumentsText}`;
}
