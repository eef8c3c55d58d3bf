// A connected QMP client: commands as promises, events as async iterators. `connect` and `launch` make them. The
// protocol itself is in src/qmp/client/core.ts; here are the connection, the timers and the types from the schema.

import type { JsonValue } from '../json/value.ts';
import { ClientCore, type Outcome } from '../qmp/client/core.ts';
import type { EventQueue, EventQueueOptions } from '../qmp/client/events.ts';
import type { EventMessage } from '../qmp/client/messages.ts';
import type { CloseReason, Connection } from '../qmp/connection.ts';
import type { Greeting } from '../qmp/greeting.ts';
import type { CommandMap, CommandName, EventMap, EventName } from '../schema/index.ts';
import { LocalError } from '../util/local-error.ts';
import type { OwnedFd } from '../util/owned-fd.ts';
import { abortedError, QmpCommandError, timeoutError } from './errors.ts';
import { EventStream } from './event-stream.ts';
import { toArguments } from './json-arguments.ts';

/** An event of the schema: `event.data` has the type that belongs to `event.event`. */
export type QmpEvent<Name extends EventName = EventName> = {
  [N in Name]: Omit<EventMessage, 'event' | 'data'> & { readonly event: N; readonly data: EventMap[N] };
}[Name];

/** An open descriptor: its number, or something that has one (a FileHandle, a received descriptor). */
export type Descriptor = number | { readonly fd: number };

export interface CommandOptions {
  /** Gives up waiting; a command that has been sent is carried out all the same. */
  readonly signal?: AbortSignal;
  /** Gives up after so long; none by default, since some commands take their time. */
  readonly timeoutMs?: number;
  /** Descriptors to hand over with the command. They stay the caller's: keep them open until the promise settles. */
  readonly fds?: readonly Descriptor[];
  /** Send out-of-band: overtakes commands that are being carried out. */
  readonly oob?: boolean;
}

/** An answer with the descriptors that came with it; they are the caller's to close. */
export interface Reply<Value> {
  readonly value: Value;
  readonly fds: readonly OwnedFd[];
}

export interface EventOptions extends EventQueueOptions {
  /** Only events with these names. */
  readonly names?: readonly string[];
}

type ArgumentsOf<Name extends CommandName> = CommandMap[Name]['arguments'];
type ReturnsOf<Name extends CommandName> = CommandMap[Name]['returns'];
/** Arguments may be left out where none is mandatory. */
type Parameters<Name extends CommandName> =
  Record<never, never> extends ArgumentsOf<Name>
    ? [args?: ArgumentsOf<Name>, options?: CommandOptions]
    : [args: ArgumentsOf<Name>, options?: CommandOptions];

/** What `connect` waits for: the outcome of greeting and negotiation. */
export interface Negotiation {
  ready(): void;
  failed(error: LocalError): void;
}

/**
 * Values are typed by the schema that this package was built with and are not checked again when they arrive: a newer
 * server may send more than the types know.
 */
export class QmpClient implements AsyncDisposable {
  readonly #connection: Connection;
  readonly #core: ClientCore;
  readonly #queues = new Set<{ names: ReadonlySet<string> | undefined; queue: EventQueue<EventMessage> }>();
  readonly #closed: Promise<LocalError>;
  #greeting: Greeting | undefined;
  #capabilities: readonly string[] = [];
  /** Commands that leave with the next microtask. */
  #unsent = '';
  /** Set once: why nothing more can be sent. */
  #ending: LocalError | undefined;

  /** Made by `connect`; takes the connection over and starts it. */
  constructor(connection: Connection, options: { idPrefix: string; oob: boolean }, negotiation: Negotiation) {
    this.#connection = connection;
    this.#core = new ClientCore(
      {
        send: (text, fds) => this.#send(text, fds),
        ready: (greeting, enabled) => {
          this.#greeting = greeting;
          this.#capabilities = enabled;
          negotiation.ready();
        },
        event: (event) => this.#publish(event),
        failed: (error) => {
          this.#end(error);
          connection.destroy();
        },
      },
      options,
    );
    this.#closed = new Promise((resolve) => {
      connection.start({
        data: (chunk, fds) => this.#core.receive(chunk, fds),
        end: () => {
          this.#end(closeError({ kind: 'peer-closed' }));
          connection.destroy();
        },
        drain: () => undefined,
        close: (reason) => {
          const error = this.#end(closeError(reason));
          negotiation.failed(error);
          resolve(error);
        },
      });
    });
  }

  /** Version and capabilities as the server introduced itself. */
  get greeting(): Greeting {
    if (this.#greeting === undefined) throw new LocalError('ERR_QMPD_NO_GREETING', 'not greeted yet');
    return this.#greeting;
  }

  /** What was negotiated: `oob`, or nothing. */
  get capabilities(): readonly string[] {
    return this.#capabilities;
  }

  /** False when descriptors cannot travel over this connection. */
  get canPassFds(): boolean {
    return this.#connection.canPassFds;
  }

  /** False once the connection has ended, for whatever reason. */
  get isOpen(): boolean {
    return this.#ending === undefined;
  }

  /** Resolves when the connection has ended, with the reason; never rejects. */
  get closed(): Promise<LocalError> {
    return this.#closed;
  }

  /** Carries out a command of the schema. Rejects with a QmpCommandError or a LocalError. */
  async execute<Name extends CommandName>(
    command: Name,
    ...[args, options]: Parameters<Name>
  ): Promise<ReturnsOf<Name>> {
    return (await this.executeAny(command, args, options)) as ReturnsOf<Name>;
  }

  /** The same for a command that the schema does not know. Descriptors that come with the answer are closed. */
  async executeAny(command: string, args?: object, options: CommandOptions = {}): Promise<JsonValue> {
    const { value, fds } = await this.request(command, args, options);
    for (const fd of fds) fd.close();
    return value;
  }

  /** The same, with the descriptors of the answer. */
  request(command: string, args?: object, options: CommandOptions = {}): Promise<Reply<JsonValue>> {
    return new Promise((resolve, reject) => {
      const fds = this.#descriptors(options.fds ?? []);
      const given = args === undefined ? undefined : toArguments(command, args);
      const { signal, timeoutMs } = options;
      if (signal?.aborted === true) throw abortedError(command, signal);
      let timer: NodeJS.Timeout | undefined;
      const giveUp = (error: LocalError): void => {
        finish();
        this.#core.abandon(id);
        reject(error);
      };
      const aborted = (): void => {
        if (signal !== undefined) giveUp(abortedError(command, signal));
      };
      const finish = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', aborted);
      };
      const id = this.#core.submit({
        command,
        fds,
        ...(given === undefined ? {} : { arguments: given }),
        ...(options.oob === true ? { outOfBand: true } : {}),
        settled: (outcome) => {
          finish();
          settle(command, outcome, resolve, reject);
        },
        failed: (error) => {
          finish();
          reject(unanswered(command, error));
        },
      });
      signal?.addEventListener('abort', aborted, { once: true });
      if (timeoutMs !== undefined) {
        timer = setTimeout(() => giveUp(timeoutError(command, timeoutMs)), timeoutMs);
      }
    });
  }

  /** Events of the schema, all or those named. A newer server may send others too: give a `switch` a default. */
  events<Name extends EventName = EventName>(
    options: EventOptions & { readonly names?: readonly Name[] } = {},
  ): EventStream<QmpEvent<Name>> {
    return this.eventsAny(options) as unknown as EventStream<QmpEvent<Name>>;
  }

  /** The same without types. */
  eventsAny(options: EventOptions = {}): EventStream<EventMessage> {
    const names = options.names === undefined ? undefined : new Set(options.names);
    return new EventStream(options, (queue) => {
      const subscription = { names, queue };
      if (this.#ending === undefined) this.#queues.add(subscription);
      else this.#endQueue(queue, this.#ending);
      return () => this.#queues.delete(subscription);
    });
  }

  /** Ends the connection; commands without an answer reject with ERR_QMPD_CLOSED, event streams end. */
  async close(): Promise<void> {
    this.#end(new LocalError('ERR_QMPD_CLOSED', 'the client was closed'));
    this.#connection.destroy();
    await this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Commands of one turn of the event loop leave in one write; one with descriptors leaves at once, after the others. */
  #send(text: string, fds: readonly number[]): void {
    if (fds.length > 0) {
      this.#flush();
      this.#connection.write(text, fds);
      return;
    }
    if (this.#unsent === '') queueMicrotask(() => this.#flush());
    this.#unsent += text;
  }

  #flush(): void {
    const text = this.#unsent;
    this.#unsent = '';
    if (text !== '' && this.isOpen) this.#connection.write(text);
  }

  #descriptors(descriptors: readonly Descriptor[]): number[] {
    if (descriptors.length > 0 && !this.#connection.canPassFds) {
      const why = this.#connection.whyNoFds ?? `not over ${this.#connection.transport}`;
      throw new LocalError('ERR_QMPD_NO_FDS', `descriptors cannot be passed to this server: ${why}`);
    }
    return descriptors.map((descriptor) => (typeof descriptor === 'number' ? descriptor : descriptor.fd));
  }

  #publish(event: EventMessage): void {
    for (const subscription of this.#queues) {
      if (subscription.names?.has(event.event) === false) continue;
      if (!subscription.queue.push(event)) this.#queues.delete(subscription);
    }
  }

  /** Tells everybody who waits; the first reason stays. */
  #end(error: LocalError): LocalError {
    if (this.#ending !== undefined) return this.#ending;
    this.#ending = error;
    this.#core.peerGone(error);
    for (const { queue } of this.#queues) this.#endQueue(queue, error);
    this.#queues.clear();
    return error;
  }

  #endQueue(queue: EventQueue<EventMessage>, error: LocalError): void {
    queue.end(error.code === 'ERR_QMPD_CLOSED' ? undefined : error);
  }
}

function settle(
  command: string,
  outcome: Outcome,
  resolve: (reply: Reply<JsonValue>) => void,
  reject: (error: Error) => void,
): void {
  if (outcome.kind === 'return') resolve({ value: outcome.value, fds: outcome.fds });
  else reject(new QmpCommandError(command, outcome.class, outcome.desc));
}

/** Each caller gets an error of its own, with a stack of its own and the name of its command. */
function unanswered(command: string, error: LocalError): LocalError {
  return new LocalError(error.code, `${command}: no answer: ${error.message}`, { cause: error });
}

function closeError(reason: CloseReason): LocalError {
  switch (reason.kind) {
    case 'peer-closed':
      return new LocalError('ERR_QMPD_DISCONNECTED', 'the server closed the connection');
    case 'local':
      return new LocalError('ERR_QMPD_CLOSED', 'the client was closed');
    case 'fds-truncated':
      return new LocalError(
        'ERR_QMPD_DISCONNECTED',
        'descriptors were lost on the way in: too many open files',
      );
    case 'error':
      return new LocalError('ERR_QMPD_DISCONNECTED', `the connection to the server broke: ${reason.message}`);
  }
}
