// QEMU's monitor as one thing that outlives its connections: commands go in, whoever they are of; events come out;
// when the connection breaks while QEMU lives, QEMU dials again and what was not yet sent goes on.

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
import { Upstream } from './upstream-connection.ts';

export interface MonitorHandler {
  event(event: MachineEvent): void;
  /** The connection broke; another one may follow. What was in flight waits until `giveUp` is called. */
  disconnected(reason: string, giveUp: () => void): void;
  /** The next connection will be of another generation, which a restarted qmpd must know. */
  generation(next: number): void;
  log(message: string): void;
}

export interface MonitorOptions {
  readonly clock: Clock;
  /** Of the first connection; see UpstreamOptions. */
  readonly generation: number;
  readonly endLines: boolean;
  readonly polling: PollingOptions;
}

export class Monitor {
  readonly scheduler: Scheduler;
  readonly #options: MonitorOptions;
  readonly #handler: MonitorHandler;
  #generation: number;
  #upstream: Upstream | undefined;
  #greeting: Greeting | undefined;
  readonly #first = deferred<Greeting>();

  constructor(options: MonitorOptions, handler: MonitorHandler) {
    this.#options = options;
    this.#handler = handler;
    this.#generation = options.generation;
    this.scheduler = new Scheduler(options.clock, options.polling, (message) => handler.log(message));
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
    return this.#upstream !== undefined;
  }

  /** Resolves with the first connection that was negotiated; rejects when that one failed. */
  get ready(): Promise<Greeting> {
    return this.#first.promise;
  }

  /** Takes over a connection to the server; a second one at the same time is closed. */
  accept(connection: Connection): void {
    if (this.#upstream !== undefined) {
      connection.destroy();
      return;
    }
    const upstream: Upstream = new Upstream(
      connection,
      { generation: this.#generation, endLines: this.#options.endLines },
      {
        event: (event) => this.#handler.event(event),
        free: () => this.scheduler.pump(),
        closed: (reason) => this.#closed(reason),
        log: (message) => this.#handler.log(message),
      },
    );
    this.#upstream = upstream;
    upstream.ready.then(
      (greeting) => {
        this.#greeting = greeting;
        this.scheduler.use(upstream);
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
    this.#upstream?.close();
  }

  #closed(reason: string): void {
    this.#upstream = undefined;
    this.#generation += 1;
    this.scheduler.use(undefined);
    this.#handler.generation(this.#generation);
    const error = (command: string): QmpError =>
      new QmpError(
        `The command ${command} was not answered, since the connection to the monitor broke: ${reason}`,
      );
    this.#handler.disconnected(reason, () => this.scheduler.failLost(error));
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
