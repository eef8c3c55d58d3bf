// One QMP session: the protocol state of one connection, from the greeting to its end (QEMU: monitor/qmp.c). It does
// no I/O: bytes and descriptors come in by `receive`, leave through its channel, and commands are carried out by its
// host. In-band requests run one at a time, in order; out-of-band ones at once.
//
// A bug of qmpd's in the work of a session is answered, where a client waits, and ends only that session.

import { followedDialect, type JsonDialect } from '../../json/lex/dialect.ts';
import { MessageParser, type ParsedMessage } from '../../json/message-parser.ts';
import type { JsonObject, JsonValue } from '../../json/value.ts';
import type { SessionCloseReason } from '../../schema/index.ts';
import type { Clock } from '../../util/clock.ts';
import { contain, faulted, type Owner, rehearsal, type UnitOfWork } from '../../util/contain.ts';
import { messageOf } from '../../util/local-error.ts';
import type { OwnedFd } from '../../util/owned-fd.ts';
import { QmpError } from '../error.ts';
import type { EmittedEvent, EventListener } from '../events/bus.ts';
import type { SessionFds } from '../fds/session-fds.ts';
import { defaultSessionLimits, type SessionLimits } from './limits.ts';
import { negotiate, negotiationCommand, refuseNegotiation } from './negotiation.ts';
import { SessionOutput } from './output.ts';
import { type Line, type Outcome, prettyReplyLine, replyLine } from './reply.ts';
import { checkRequest, type Incoming, isOutOfBand, type Request } from './request.ts';
import { Requests } from './requests.ts';
import { type LiveState, type SessionState, transition } from './state.ts';

/** Where the session's output goes and its input comes from; a connection of src/transports is one. */
export interface SessionChannel {
  readonly bufferedBytes: number;
  /**
   * Nothing can be written any more once the end of the input has been read, as on a chardev: the session stops
   * reading as soon as a request or an answer has to wait, so that a peer which half closes still gets its answers.
   */
  readonly endsWithInput?: boolean;
  write(data: string | Uint8Array): void;
  pause(): void;
  resume(): void;
  /** Writes what is buffered, then closes. */
  end(): void;
  destroy(): void;
}

export interface SessionHost {
  /** Carries out a request of a negotiated session. What it throws or rejects with becomes the answer. */
  execute(session: Session, request: Request): Outcome | Promise<Outcome>;
  /** The arguments of `qmp_capabilities`, checked against the schema; throws a QmpError. */
  checkCapabilities(args: JsonObject): readonly string[];
  /** Negotiation is complete: events are wanted from now on. */
  negotiated(session: Session): void;
  /** Called once, last; `fdsClosed` descriptors were left and have been closed. */
  closed(session: Session, reason: SessionCloseReason, fdsClosed: number): void;
  /** Each change of state, for those who want to follow. */
  trace(line: string): void;
  /** A fault in the session's work, with its stack. */
  log(line: string): void;
}

export interface SessionOptions {
  readonly id: string;
  readonly channel: SessionChannel;
  readonly host: SessionHost;
  readonly fds: SessionFds;
  readonly clock: Clock;
  /** The greeting's line, without its end. */
  readonly greeting: string;
  /** That of the QEMU whose version the greeting tells. The session keeps it even when another QEMU follows. */
  readonly dialect?: JsonDialect;
  readonly pretty?: boolean;
  readonly limits?: SessionLimits;
}

export class Session implements EventListener {
  readonly id: string;
  readonly fds: SessionFds;
  readonly sinceUs: number;
  /** How long a command that another server answers may take, as the client asked; undefined: as long as it likes. */
  commandTimeoutMs: number | undefined;
  readonly #channel: SessionChannel;
  readonly #host: SessionHost;
  readonly #clock: Clock;
  readonly #pretty: boolean;
  readonly #limits: SessionLimits;
  readonly #parser: MessageParser;
  readonly #sink: { message(message: ParsedMessage): boolean; error(desc: string): boolean };
  readonly #output: SessionOutput;
  readonly #owner: Owner;
  #state: SessionState;
  #paused = false;
  #bytesIn = 0;
  #served = 0;

  constructor(options: SessionOptions) {
    const { id, channel, host, limits = defaultSessionLimits } = options;
    this.id = id;
    this.fds = options.fds;
    this.#channel = channel;
    this.#host = host;
    this.#clock = options.clock;
    this.#pretty = options.pretty ?? false;
    this.#limits = limits;
    this.#parser = new MessageParser({ dialect: options.dialect ?? followedDialect });
    this.#output = new SessionOutput((piece) => channel.write(piece));
    this.#owner = {
      name: `session ${id}`,
      log: (line) => host.log(line),
      end: () => this.close('internal-error'),
    };
    this.#state = { at: 'negotiating', input: 'flowing', requests: new Requests(limits.requestsMax) };
    this.sinceUs = options.clock.realTimeUs();
    this.#sink = {
      message: (message) => this.#message(message),
      error: (desc) => this.#enqueue({ kind: 'fault', error: new QmpError(desc), id: undefined }),
    };
    options.fds.onOverdrawn(() => this.close('fds-limit'));
    this.#output.write([`${options.greeting}\r\n`]);
  }

  get state(): SessionState['at'] {
    return this.#state.at;
  }

  /** Past its qmp_capabilities. */
  get negotiated(): boolean {
    return this.#state.at === 'open' || this.#state.at === 'ending';
  }

  get capabilities(): readonly 'oob'[] {
    return this.#oob ? ['oob'] : [];
  }

  get served(): number {
    return this.#served;
  }

  get bytesIn(): number {
    return this.#bytesIn;
  }

  get bytesOut(): number {
    return this.#output.sentBytes;
  }

  /** In-band requests that have not been answered; the running one is among them unless it answers at once. */
  get queueLength(): number {
    return this.#state.at === 'closed' ? 0 : this.#state.requests.inBand;
  }

  /** It ends by itself, when the running command has been answered. */
  get ending(): boolean {
    return this.#state.at === 'ending';
  }

  get outputBytes(): number {
    return this.#channel.bufferedBytes;
  }

  /** Bytes of the peer, with the descriptors that came with them. `chunk` is not kept. */
  receive(chunk: Uint8Array, fds: readonly OwnedFd[]): void {
    if (this.#state.at === 'closed') {
      for (const fd of fds) fd.close();
      return;
    }
    const start = this.#bytesIn;
    this.#bytesIn += chunk.length;
    if (fds.length > 0 && !this.fds.receive(fds, start, this.#bytesIn, this.#clock.monotonicMs())) {
      this.close('fds-lost');
      return;
    }
    this.#contain('session-input', () => {
      if (this.#parser.stopped) this.#pause();
      this.#output.cork(() => this.#parser.feed(chunk, this.#sink));
      const unwritten = this.#channel.bufferedBytes > 0;
      if (this.#channel.endsWithInput === true && (unwritten || this.#parser.stopped)) this.#pause();
    });
  }

  /** The peer will send nothing more: what it sent is still answered, then the session ends. */
  receiveEnd(): void {
    this.#contain('session-end-of-input', () => {
      if (this.#state.at === 'closed') return;
      this.#become({ ...this.#state, input: 'ended' });
      this.#finishIfDone();
    });
  }

  /** The channel has written everything: a command that waited for that goes on. */
  drained(): void {
    this.#contain('session-drained', () => this.#advance());
  }

  event(event: EmittedEvent): void {
    this.#contain('session-event', () => {
      if (!this.negotiated) return;
      if (this.#channel.bufferedBytes > this.#limits.outputBytesMax) {
        this.close('output-limit');
        return;
      }
      this.#output.write([this.#pretty ? event.prettyLine() : event.line(), '\r\n']);
    });
  }

  /** A session that would hear of no event any more is of no use. */
  failed(): void {
    this.close('internal-error');
  }

  /** After the answer of the command that runs now, nothing more is read; the output is written, then end of file. */
  endAfterReply(reason: SessionCloseReason): void {
    const state = this.#state;
    if (state.at === 'open' || state.at === 'ending') this.#become({ ...state, at: 'ending', reason });
  }

  /** Writes what is buffered and ends; requests that wait are dropped, those that run lose their answer. */
  drain(reason: SessionCloseReason): void {
    this.#finish(reason, () => this.#channel.end());
  }

  /** Ends at once. */
  close(reason: SessionCloseReason): void {
    this.#finish(reason, () => this.#channel.destroy());
  }

  /** The connection is gone. */
  channelClosed(reason: SessionCloseReason): void {
    this.#finish(reason, () => undefined);
  }

  /** For tests, after every step. */
  invariants(): void {
    this.fds.invariants();
    if (this.#state.at !== 'closed') this.#state.requests.invariants();
  }

  get #oob(): boolean {
    return (this.#state.at === 'open' || this.#state.at === 'ending') && this.#state.oob;
  }

  #become(next: SessionState): void {
    this.#state = transition(this.#state, next, (line) => this.#host.trace(`${this.#owner.name}: ${line}`));
  }

  #contain(unit: UnitOfWork, work: () => void): void {
    contain(unit, this.#owner, work);
  }

  /** Each step is carried out even if one before it fails, since a session that is over must leave nothing behind. */
  #finish(reason: SessionCloseReason, closeChannel: () => void): void {
    if (this.#state.at === 'closed') return;
    this.#contain('session-closed', () => this.#output.flush());
    this.#become({ at: 'closed', reason });
    const fdsClosed = this.fds.closeAll();
    this.#contain('session-closed', closeChannel);
    this.#contain('session-closed', () => this.#host.closed(this, reason, fdsClosed));
  }

  /** Whether reading stops: see Requests. Here it also stops while the peer does not read, whatever it sends. */
  #suspended(): boolean {
    const state = this.#state;
    return state.at === 'closed' || this.#outputBlocked() || state.requests.stopsReading(this.#oob);
  }

  #message(message: ParsedMessage): boolean {
    const incoming = checkRequest(message, this.#oob);
    if (!isOutOfBand(message.value)) return this.#enqueue(incoming);
    if (this.#state.at !== 'closed') this.#serve(incoming, 'out-of-band', this.#state);
    return !this.#suspended();
  }

  #enqueue(incoming: Incoming): boolean {
    if (this.#state.at === 'closed') return false;
    const { requests } = this.#state;
    requests.add(incoming);
    this.#pump();
    // What has to wait keeps its own bytes, since the parser is about to move on.
    if (requests.waiting > 0 && incoming.kind === 'request') incoming.request.source();
    return !this.#suspended();
  }

  /** Begins waiting in-band requests while none runs and the peer reads its answers. */
  #pump(): void {
    for (let state = this.#state; state.at !== 'closed' && !this.#outputBlocked(); state = this.#state) {
      const incoming = state.requests.next();
      if (incoming === undefined) return;
      this.#serve(incoming, 'in-band', state);
    }
  }

  #outputBlocked(): boolean {
    this.#output.flushIfMuch();
    return this.#channel.bufferedBytes > this.#limits.outputHighWaterBytes;
  }

  /** Something that held the input up is over. */
  #advance(): void {
    if (this.#output.corked) return; // input is being read right now, and goes on by itself
    this.#output.cork(() => {
      this.#pump();
      while (this.#parser.stopped && !this.#suspended()) this.#parser.resume(this.#sink);
    });
    if (!this.#suspended() && this.#paused) {
      this.#paused = false;
      this.#channel.resume();
    }
    this.#finishIfDone();
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#channel.pause();
  }

  #finishIfDone(): void {
    const state = this.#state;
    if (state.at === 'closed' || state.input !== 'ended') return;
    if (state.requests.none && !this.#parser.hasBuffered) this.drain('peer-closed');
  }

  /** Answers now, or later. */
  #serve(incoming: Incoming, kind: 'in-band' | 'out-of-band', { requests }: LiveState): void {
    if (incoming.kind === 'fault') {
      this.#reply({ kind: 'error', error: incoming.error }, incoming.id);
      return;
    }
    const { request } = incoming;
    const outcome = this.#outcomeOf(request);
    if (!(outcome instanceof Promise)) {
      this.#answer(outcome, request);
      return;
    }
    requests.began(kind);
    const late = (settled: Outcome): void =>
      this.#contain('session-answer', () => {
        requests.answered(kind);
        this.#answer(settled, request);
        this.#advance();
      });
    outcome.then(late, (thrown: unknown) => late(this.#failed(thrown, request)));
  }

  #outcomeOf(request: Request): Outcome | Promise<Outcome> {
    try {
      rehearsal.begin?.('command', this.#owner.name);
      const check = (args: JsonObject): readonly string[] => this.#host.checkCapabilities(args);
      if (this.#state.at === 'negotiating') return this.#negotiate(negotiate(request, check), this.#state);
      if (request.command === negotiationCommand) refuseNegotiation(request, check);
      return this.#host.execute(this, request);
    } catch (thrown) {
      return this.#failed(thrown, request);
    }
  }

  #negotiate(enable: readonly string[], { input, requests }: LiveState): Outcome {
    this.#become({ at: 'open', oob: enable.includes('oob'), input, requests });
    this.#host.negotiated(this);
    return { kind: 'return', value: undefined };
  }

  /** What a command threw. A bug of qmpd's is answered like any other error: the session goes on. */
  #failed(thrown: unknown, { command }: Request): Outcome {
    if (thrown instanceof QmpError) return { kind: 'error', error: thrown };
    faulted('command', { ...this.#owner, end: () => undefined }, thrown);
    return { kind: 'error', error: new QmpError(`The command ${command} failed: ${messageOf(thrown)}`) };
  }

  #answer(outcome: Outcome, request: Request): void {
    this.fds.commandEnded(request.start);
    this.#reply(outcome, request.id);
  }

  #reply(outcome: Outcome, id: JsonValue | undefined): void {
    if (this.#state.at === 'closed') return;
    this.#served += 1;
    this.#output.write(this.#lineOf(outcome, id));
    if (this.#state.at === 'ending') this.drain(this.#state.reason);
  }

  /** An answer that cannot be printed becomes an error: somebody waits for it. */
  #lineOf(outcome: Outcome, id: JsonValue | undefined): Line {
    try {
      return this.#pretty ? prettyReplyLine(outcome, id) : replyLine(outcome, id);
    } catch (thrown) {
      faulted('command', { ...this.#owner, end: () => undefined }, thrown);
      const error = new QmpError(`The answer cannot be printed: ${messageOf(thrown)}`);
      return replyLine({ kind: 'error', error }, id);
    }
  }
}
