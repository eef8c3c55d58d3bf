// Our client towards one QMP server behind us, as one thing that outlives its connections: commands of all
// sessions go in; events come out, and are kept until somebody listens; when the connection breaks while the server lives, it
// dials again (or is dialled) and what was not yet sent goes on.

import { parseJson } from '../../json/parse.ts';
import { printCompact } from '../../json/print.ts';
import type { JsonObject, JsonValue } from '../../json/value.ts';
import type { ForwardReply } from '../../machine/instance.ts';
import { ownSession } from '../../machine/instance.ts';
import type { Connection } from '../../qmp/connection.ts';
import { type ErrorClass, QmpError } from '../../qmp/error.ts';
import type { MachineEvent } from '../../qmp/events/event.ts';
import type { Greeting } from '../../qmp/greeting.ts';
import type { Clock } from '../../util/clock.ts';
import { deferred } from '../../util/deferred.ts';
import { messageOf } from '../../util/local-error.ts';
import { parseObject } from './json-text.ts';
import type { PollingOptions } from './polling.ts';
import { Scheduler } from './scheduler.ts';
import { UpstreamConnection } from './upstream-connection.ts';

/** Whose the server is: what came before somebody listened is told at once. */
export interface UpstreamListener {
  event(event: MachineEvent): void;
  /** The connection broke; another one may follow. What was in flight waits until `giveUp` is called. */
  disconnected(reason: string, giveUp: () => void): void;
}

export interface UpstreamOptions {
  readonly clock: Clock;
  /** Of the first connection; see ConnectionOptions. */
  readonly generation: number;
  readonly endLines: boolean;
  readonly polling: PollingOptions;
  /** The next connection will be of another generation, which a restarted qmpd must know. */
  readonly generationChanged?: () => void;
  readonly log: (message: string) => void;
}

/** Between finding a server and listening to it; more events than that are a guest's noise. */
const keptEventsMax = 1_000;

export class Upstream {
  readonly scheduler: Scheduler;
  readonly #options: UpstreamOptions;
  #listener: UpstreamListener | undefined;
  #kept: MachineEvent[] = [];
  #generation: number;
  #connection: UpstreamConnection | undefined;
  #greeting: Greeting | undefined;
  readonly #first = deferred<Greeting>();

  constructor(options: UpstreamOptions) {
    this.#options = options;
    this.#generation = options.generation;
    this.scheduler = new Scheduler(options.clock, options.polling, (message) => options.log(message));
    this.#first.promise.catch(() => undefined);
  }

  /** Of the connection that is, or the next one: to be kept for the time after a restart of qmpd. */
  get generation(): number {
    return this.#generation;
  }

  /** What the server said of itself; once `ready` has resolved. */
  get greeting(): Greeting | undefined {
    return this.#greeting;
  }

  get connected(): boolean {
    return this.#connection !== undefined;
  }

  /** Resolves with the first connection that was negotiated; rejects when that one failed. */
  get ready(): Promise<Greeting> {
    return this.#first.promise;
  }

  /** From now on, in place of who listened before. */
  listen(listener: UpstreamListener): void {
    this.#listener = listener;
    for (const event of this.#kept.splice(0)) listener.event(event);
  }

  #event(event: MachineEvent): void {
    if (this.#listener !== undefined) this.#listener.event(event);
    else if (this.#kept.length < keptEventsMax) this.#kept.push(event);
  }

  /** Takes over a connection to the server; a second one at the same time is closed. */
  accept(connection: Connection): void {
    if (this.#connection !== undefined) {
      connection.destroy();
      return;
    }
    const client: UpstreamConnection = new UpstreamConnection(
      connection,
      { generation: this.#generation, endLines: this.#options.endLines },
      {
        event: (event) => this.#event(event),
        free: () => this.scheduler.pump(),
        closed: (reason) => this.#closed(reason),
        log: (message) => this.#options.log(message),
      },
    );
    this.#connection = client;
    client.ready.then(
      (greeting) => {
        this.#greeting = greeting;
        this.scheduler.use(client);
        this.#first.resolve(greeting);
      },
      (thrown) => this.#first.reject(new QmpError(messageOf(thrown))),
    );
  }

  /** A command of qmpd's own. Rejects with the server's error as a QmpError. */
  ask(command: string, args?: JsonObject): Promise<JsonValue> {
    return this.tell(command, args === undefined ? undefined : printCompact(args));
  }

  /** The same with arguments that are printed already. */
  async tell(command: string, argumentsText: string | undefined): Promise<JsonValue> {
    const reply = await this.scheduler.submit({
      session: ownSession,
      command,
      argumentsText,
      outOfBand: false,
    });
    return replyValue(reply);
  }

  close(): void {
    this.#connection?.close();
  }

  #closed(reason: string): void {
    this.#connection = undefined;
    this.#generation += 1;
    this.scheduler.use(undefined);
    this.#options.generationChanged?.();
    const error = (command: string): QmpError =>
      new QmpError(
        `The command ${command} was not answered, since the connection to the monitor broke: ${reason}`,
      );
    const giveUp = (): void => this.scheduler.failLost(error);
    if (this.#listener === undefined) giveUp();
    else this.#listener.disconnected(reason, giveUp);
  }
}

/** The value of an answer; throws the error that it is. */
export function replyValue(reply: ForwardReply): JsonValue {
  if (reply.kind === 'error') throw errorOf(reply.text);
  return parseJson(reply.text) ?? null;
}

const classes: readonly string[] = ['CommandNotFound', 'DeviceNotActive', 'DeviceNotFound', 'KVMMissingCap'];

function errorOf(text: string | Uint8Array): QmpError {
  const { class: name, desc } = parseObject(text);
  const known = typeof name === 'string' && classes.includes(name) ? (name as ErrorClass) : 'GenericError';
  return new QmpError(typeof desc === 'string' ? desc : String(text), known);
}
