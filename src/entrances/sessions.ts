// All sessions of the server: makes one of each connection, carries their requests to the dispatcher, tells everybody
// of openings and ends, and closes them when the server ends.

import { roleOfEverySession } from '../commands/authorize.ts';
import type { SessionRecord } from '../commands/context.ts';
import type { JsonDialect } from '../json/lex/dialect.ts';
import { type JsonObject, type JsonValue, jsonObject } from '../json/value.ts';
import type { CloseReason, Connection, ConnectionHandler } from '../qmp/connection.ts';
import { QmpError } from '../qmp/error.ts';
import type { EventBus } from '../qmp/events/bus.ts';
import type { FdBudget } from '../qmp/fds/budget.ts';
import { DeclaredFds } from '../qmp/fds/declared.ts';
import type { Fdsets } from '../qmp/fds/fdsets.ts';
import { SessionFds } from '../qmp/fds/session-fds.ts';
import { type Outcome, replyLine } from '../qmp/session/reply.ts';
import type { Request } from '../qmp/session/request.ts';
import { Session, type SessionHost } from '../qmp/session/session.ts';
import type { SessionCloseReason } from '../schema/index.ts';
import { withoutHttp } from '../transports/layers/http-guard.ts';
import type { Clock } from '../util/clock.ts';
import { contain, type Owner } from '../util/contain.ts';
import { SessionNews } from './session-news.ts';

/** The object whose address a session came in by. */
export interface SessionOwner {
  /** Its id. */
  readonly server: string;
  readonly pretty: boolean;
}

export interface Greeted {
  /** The line, without its end. */
  readonly greeting: string;
  readonly dialect: JsonDialect;
}

export interface SessionSetOptions {
  readonly clock: Clock;
  readonly events: EventBus;
  readonly fdsets: Fdsets;
  readonly fdBudget: FdBudget;
  readonly pretty: boolean;
  /** Connections at once; a further one is told so, instead of greeted, and closed. */
  readonly sessionsMax: number;
  /** What a session that begins now is greeted with, and how it is spoken to. */
  readonly greet: (pretty: boolean) => Greeted;
  readonly checkCapabilities: (args: JsonObject) => readonly string[];
  readonly execute: (session: Session, request: Request) => Outcome | Promise<Outcome>;
  readonly closed: (session: Session) => void;
  /** What comes and goes. */
  readonly trace: (message: string) => void;
  /** Faults. */
  readonly log: (message: string) => void;
}

export class SessionSet implements SessionHost {
  readonly #options: SessionSetOptions;
  readonly #entries: Map<string, SessionRecord> = new Map();
  readonly #news: SessionNews;
  /** Connections outlive their sessions while they write what is left. */
  readonly #connections: Set<Connection> = new Set();
  #whenEmpty: () => void = () => undefined;
  readonly #endWaiters: Map<Session, () => void> = new Map();
  readonly #declared: DeclaredFds;
  #count = 0;

  constructor(options: SessionSetOptions) {
    this.#options = options;
    this.#declared = new DeclaredFds(options.fdBudget);
    this.#news = new SessionNews(options.clock, options.events);
  }

  get size(): number {
    return this.#entries.size;
  }

  get records(): readonly SessionRecord[] {
    return [...this.#entries.values()];
  }

  find(id: string): Session | undefined {
    return this.#entries.get(id)?.session;
  }

  /** A session of a connection that has just been made; without an owner, of one by an address of the command line. */
  open(connection: Connection, owner?: SessionOwner): void {
    const { address } = connection.peer;
    const connected: Owner = {
      name: `the connection of ${address}`,
      log: this.#options.log,
      end: () => connection.destroy(),
    };
    contain('connection-accepted', connected, () => this.#open(connection, owner));
  }

  #open(connection: Connection, owner: SessionOwner | undefined): void {
    if (this.#connections.size >= this.#options.sessionsMax + reservedFor(connection)) {
      this.#turnAway(connection);
      return;
    }
    this.#count += 1;
    const id = String(this.#count);
    const handler: { session: Session | undefined } = { session: undefined };
    const events: ConnectionHandler = {
      data: (chunk, fds) => handler.session?.receive(chunk, fds),
      end: () => handler.session?.receiveEnd(),
      drain: () => handler.session?.drained(),
      close: (reason) => {
        this.#connections.delete(connection);
        handler.session?.channelClosed(endOf(reason));
        if (this.#connections.size === 0) this.#whenEmpty();
      },
    };
    connection.start(isInReachOfBrowsers(connection) ? withoutHttp(connection, events) : events);
    this.#connections.add(connection);
    const { transport, peer } = connection;
    const session = this.#sessionOn(connection, id, owner?.pretty ?? this.#options.pretty);
    handler.session = session;
    const record: SessionRecord = {
      session,
      transport,
      server: owner?.server,
      peer,
      role: roleOfEverySession,
    };
    this.#entries.set(id, record);
    this.#news.opened(describeOpening(record));
    this.#options.trace(`session ${id}: opened by ${peer.address} over ${transport}`);
  }

  #sessionOn(connection: Connection, id: string, pretty: boolean): Session {
    const { clock, fdBudget, fdsets, greet } = this.#options;
    const whyNone = connection.whyNoFds;
    return new Session({
      id,
      channel: connection,
      host: this,
      fds: new SessionFds({ owner: id, budget: fdBudget, fdsets, declared: this.#declared, whyNone }),
      clock,
      ...greet(pretty),
      pretty,
    });
  }

  #turnAway(connection: Connection): void {
    const { sessionsMax, trace } = this.#options;
    connection.start({
      data: (_chunk, fds) => {
        for (const fd of fds) fd.close();
      },
      end: () => undefined,
      drain: () => undefined,
      close: () => undefined,
    });
    const error = new QmpError(`There are ${sessionsMax} sessions already: this connection is closed`);
    for (const piece of replyLine({ kind: 'error', error }, undefined)) connection.write(piece);
    connection.end();
    trace(`${connection.peer.address}: turned away: there are ${sessionsMax} sessions already`);
  }

  execute(session: Session, request: Request): Outcome | Promise<Outcome> {
    return this.#options.execute(session, request);
  }

  checkCapabilities(args: JsonObject): readonly string[] {
    return this.#options.checkCapabilities(args);
  }

  negotiated(session: Session): void {
    this.#options.events.subscribe(session);
  }

  closed(session: Session, reason: SessionCloseReason, fdsClosed: number): void {
    this.#options.events.unsubscribe(session);
    this.#entries.delete(session.id);
    this.#news.closed(jsonObject({ id: session.id, reason, 'fds-closed': fdsClosed }));
    this.#options.trace(`session ${session.id}: closed (${reason})`);
    this.#options.closed(session);
    this.#endWaiters.get(session)?.();
    this.#endWaiters.delete(session);
  }

  trace(line: string): void {
    this.#options.trace(line);
  }

  log(line: string): void {
    this.#options.log(line);
  }

  /** The server is ending: do not announce that its sessions end. */
  ending(): void {
    this.#news.mute();
  }

  /** Calls `then` when the session has ended, at once if it has already. */
  onceClosed(session: Session, then: () => void): void {
    if (session.state === 'closed') then();
    else this.#endWaiters.set(session, then);
  }

  /** Resolves when every connection has ended; those that do not within `limitMs` are cut. */
  async allGone(limitMs: number): Promise<void> {
    const gone = new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
      if (this.#connections.size === 0) resolve();
    });
    const cancel = this.#options.clock.after(limitMs, () => {
      for (const connection of this.#connections) connection.destroy();
    });
    await gone;
    cancel();
  }

  /**
   * Ends the sessions of one listener's object, or all of them: what is buffered is still written. One that is going
   * to end by itself first gets the answer that it waits for.
   */
  drain(reason: SessionCloseReason, server?: string): void {
    for (const record of [...this.#entries.values()]) {
      const { session } = record;
      if ((server === undefined || record.server === server) && !session.ending) session.drain(reason);
    }
  }
}

/** Places beyond the limit for those who can put things right: our own user, and root. */
const reservedPlaces = 4;

function reservedFor({ peer: { uid } }: Connection): number {
  return uid !== undefined && (uid === 0 || uid === process.geteuid?.()) ? reservedPlaces : 0;
}

/** A chardev may be a TCP socket; a websocket has looked at its HTTP itself. */
function isInReachOfBrowsers({ transport, canPassFds }: Connection): boolean {
  switch (transport) {
    case 'tcp':
    case 'tls':
    case 'chardev':
      return true;
    case 'inherited':
      return !canPassFds;
    case 'unix':
    case 'stdio':
    case 'websocket':
      return false;
  }
}

function endOf(reason: CloseReason): SessionCloseReason {
  switch (reason.kind) {
    case 'peer-closed':
    case 'local':
      return 'peer-closed';
    case 'fds-truncated':
      return 'fds-lost';
    case 'error':
      return 'transport-error';
  }
}

function describeOpening(record: SessionRecord): JsonObject {
  const peer: Record<string, JsonValue> = { ...record.peer };
  return jsonObject({
    id: record.session.id,
    transport: record.transport,
    ...(record.server === undefined ? {} : { server: record.server }),
    peer: jsonObject(peer),
  });
}
