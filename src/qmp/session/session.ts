// One QMP session: the protocol state of one connection, from the greeting to its end (QEMU: monitor/qmp.c). It does
// no I/O: bytes and descriptors come in by `receive`, leave through its channel, and commands are carried out by its
// host. In-band requests run one at a time, in order; out-of-band ones at once.

import { followedDialect, type JsonDialect } from '../../json/lex/dialect.ts';
import { MessageParser, type ParsedMessage } from '../../json/message-parser.ts';
import { parseJson } from '../../json/parse.ts';
import type { JsonObject, JsonValue } from '../../json/value.ts';
import type { SessionCloseReason } from '../../schema/index.ts';
import { assert } from '../../util/assert.ts';
import type { Clock } from '../../util/clock.ts';
import type { OwnedFd } from '../../util/owned-fd.ts';
import { QmpError } from '../error.ts';
import type { EmittedEvent, EventListener } from '../events/bus.ts';
import type { SessionFds } from '../fds/session-fds.ts';
import { defaultSessionLimits, type SessionLimits } from './limits.ts';
import { type Line, type Outcome, prettyReplyLine, replyLine } from './reply.ts';
import { checkRequest, type Incoming, isOutOfBand, type Request } from './request.ts';

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
  /** Carries out a request of a negotiated session. Never throws and never rejects. */
  execute(session: Session, request: Request): Outcome | Promise<Outcome>;
  /** The arguments of `qmp_capabilities`, checked against the schema; throws a QmpError. */
  checkCapabilities(args: JsonObject): readonly string[];
  /** Negotiation is complete: events are wanted from now on. */
  negotiated(session: Session): void;
  /** Called once, last; `fdsClosed` descriptors were left and have been closed. */
  closed(session: Session, reason: SessionCloseReason, fdsClosed: number): void;
}

/**
 * `negotiating`: only qmp_capabilities; `open`: commands and events; `closed`: nothing any more.
 */
export type SessionState = 'negotiating' | 'open' | 'closed';

export interface SessionOptions {
  readonly id: string;
  readonly channel: SessionChannel;
  readonly host: SessionHost;
  readonly fds: SessionFds;
  readonly clock: Clock;
  /** The greeting's line, without its end. */
  readonly greeting: string;
  /** That of the QEMU whose version the greeting tells; the session keeps it whatever comes behind. */
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
  readonly #waiting: Incoming[] = [];
  #state: SessionState = 'negotiating';
  #oob = false;
  #running = 0;
  #runningOutOfBand = 0;
  #paused = false;
  #ended = false;
  #endAfterReply: SessionCloseReason | undefined;
  #corked = 0;
  #output: (string | Uint8Array)[] = [];
  #outputBytes = 0;
  #bytesIn = 0;
  #bytesOut = 0;
  #served = 0;

  constructor(options: SessionOptions) {
    this.id = options.id;
    this.fds = options.fds;
    this.#channel = options.channel;
    this.#host = options.host;
    this.#clock = options.clock;
    this.#pretty = options.pretty ?? false;
    this.#limits = options.limits ?? defaultSessionLimits;
    this.#parser = new MessageParser({ dialect: options.dialect ?? followedDialect });
    this.sinceUs = options.clock.realTimeUs();
    this.#sink = {
      message: (message) => this.#message(message),
      error: (desc) => this.#enqueue({ kind: 'fault', error: new QmpError(desc), id: undefined }),
    };
    this.#write([`${options.greeting}\r\n`]);
  }

  get state(): SessionState {
    return this.#state;
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
    return this.#bytesOut;
  }

  /** In-band requests that have not been answered; the running one is among them unless it answers at once. */
  get queueLength(): number {
    return this.#waiting.length + this.#running;
  }

  /** It ends by itself, when the running command has been answered. */
  get ending(): boolean {
    return this.#endAfterReply !== undefined;
  }

  get outputBytes(): number {
    return this.#channel.bufferedBytes;
  }

  /** Bytes of the peer, with the descriptors that came with them. `chunk` is not kept. */
  receive(chunk: Uint8Array, fds: readonly OwnedFd[]): void {
    if (this.#state === 'closed') {
      for (const fd of fds) fd.close();
      return;
    }
    const start = this.#bytesIn;
    this.#bytesIn += chunk.length;
    if (fds.length > 0 && !this.fds.receive(fds, start, this.#bytesIn, this.#clock.monotonicMs())) {
      this.close('fds-lost');
      return;
    }
    if (this.#parser.stopped) this.#pause();
    this.#cork(() => this.#parser.feed(chunk, this.#sink));
    const unwritten = this.#channel.bufferedBytes > 0;
    if (this.#channel.endsWithInput === true && (unwritten || this.#parser.stopped)) this.#pause();
  }

  /** The peer will send nothing more: what it sent is still answered, then the session ends. */
  receiveEnd(): void {
    this.#ended = true;
    this.#finishIfDone();
  }

  /** The channel has written everything: a command that waited for that goes on. */
  drained(): void {
    this.#advance();
  }

  event(event: EmittedEvent): void {
    if (this.#state !== 'open') return;
    if (this.#channel.bufferedBytes > this.#limits.outputBytesMax) {
      this.close('output-limit');
      return;
    }
    this.#write([this.#pretty ? event.prettyLine() : event.line(), '\r\n']);
  }

  /** After the answer of the command that runs now, nothing more is read; the output is written, then end of file. */
  endAfterReply(reason: SessionCloseReason): void {
    this.#endAfterReply = reason;
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

  #finish(reason: SessionCloseReason, closeChannel: () => void): void {
    if (this.#state === 'closed') return;
    this.#flush();
    this.#state = 'closed';
    this.#waiting.length = 0;
    const fdsClosed = this.fds.held;
    this.fds.closeAll();
    closeChannel();
    this.#host.closed(this, reason, fdsClosed);
  }

  /**
   * Whether reading stops: QEMU reads nothing more while an in-band request waits, or while 8 do with oob. Here it also
   * stops while the peer does not read, whatever it sends, and while too many out-of-band requests are on their way.
   */
  #suspended(): boolean {
    if (this.#state === 'closed' || this.#outputBlocked()) return true;
    const { requestsMax } = this.#limits;
    if (this.#oob) return this.#waiting.length >= requestsMax || this.#runningOutOfBand >= requestsMax;
    return this.#running > 0 || this.#waiting.length > 0;
  }

  #message(message: ParsedMessage): boolean {
    if (isOutOfBand(message.value)) {
      this.#serveOutOfBand(checkRequest(message, this.#oob));
      return !this.#suspended();
    }
    return this.#enqueue(checkRequest(message, this.#oob));
  }

  #serveOutOfBand(incoming: Incoming): void {
    const done = this.#serve(incoming);
    if (done === undefined) return;
    this.#runningOutOfBand += 1;
    void done.then(() => {
      this.#runningOutOfBand -= 1;
      this.#advance();
    });
  }

  #enqueue(incoming: Incoming): boolean {
    this.#waiting.push(incoming);
    this.#pump();
    // What has to wait keeps its own bytes, since the parser is about to move on.
    if (this.#waiting.length > 0 && incoming.kind === 'request') incoming.request.source();
    return !this.#suspended();
  }

  /** Begins waiting in-band requests while none runs and the peer reads its answers. */
  #pump(): void {
    while (this.#running === 0 && !this.#outputBlocked()) {
      if (this.#state === 'closed') return;
      const incoming = this.#waiting.shift();
      if (incoming === undefined) return;
      const done = this.#serve(incoming);
      if (done === undefined) continue;
      this.#running += 1;
      void done.then(() => {
        this.#running -= 1;
        this.#advance();
      });
    }
  }

  /** Looks at what the peer has not read, so that a pipelined flood of large answers takes no memory here. */
  #outputBlocked(): boolean {
    if (this.#outputBytes > corkBytesMax) this.#flush();
    return this.#channel.bufferedBytes > this.#limits.outputHighWaterBytes;
  }

  /** Something that held the input up is over. */
  #advance(): void {
    if (this.#corked > 0) return; // input is being read right now, and goes on by itself
    this.#cork(() => {
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
    if (!this.#ended || this.#state === 'closed') return;
    if (this.#running > 0 || this.#runningOutOfBand > 0) return;
    if (this.#waiting.length > 0 || this.#parser.hasBuffered) return;
    this.drain('peer-closed');
  }

  /** Answers now (undefined), or later; the promise never rejects. */
  #serve(incoming: Incoming): Promise<void> | undefined {
    if (incoming.kind === 'fault') {
      this.#reply({ kind: 'error', error: incoming.error }, incoming.id);
      return undefined;
    }
    const { request } = incoming;
    const outcome = this.#state === 'negotiating' ? this.#negotiate(request) : this.#execute(request);
    if (!(outcome instanceof Promise)) {
      this.#reply(outcome, request.id);
      return undefined;
    }
    return outcome.then((late) => this.#reply(late, request.id));
  }

  #execute(request: Request): Outcome | Promise<Outcome> {
    if (request.command === 'qmp_capabilities') return this.#refuseNegotiation(request);
    return this.#host.execute(this, request);
  }

  /** The command is still one of QEMU's, which looks at its arguments before it says that it comes too late. */
  #refuseNegotiation(request: Request): Outcome {
    try {
      if (request.outOfBand) throw new QmpError('The command qmp_capabilities does not support OOB');
      this.#host.checkCapabilities(request.arguments ?? {});
      const text = 'Capabilities negotiation is already complete, command ignored';
      throw new QmpError(text, 'CommandNotFound');
    } catch (thrown) {
      assert(thrown instanceof QmpError, `qmp_capabilities: ${String(thrown)}`);
      return { kind: 'error', error: thrown };
    }
  }

  #negotiate(request: Request): Outcome {
    try {
      if (request.command !== 'qmp_capabilities') {
        const text = "Expecting capabilities negotiation with 'qmp_capabilities'";
        throw new QmpError(text, 'CommandNotFound');
      }
      const enable = this.#host.checkCapabilities(request.arguments ?? {});
      this.#oob = enable.includes('oob');
    } catch (thrown) {
      assert(thrown instanceof QmpError, `qmp_capabilities: ${String(thrown)}`);
      return { kind: 'error', error: thrown };
    }
    this.#state = 'open';
    this.#host.negotiated(this);
    return { kind: 'return', value: undefined };
  }

  #reply(outcome: Outcome, id: JsonValue | undefined): void {
    if (this.#state === 'closed') return;
    this.#served += 1;
    this.#write(this.#pretty ? prettyReplyLine(outcome, id, parseText) : replyLine(outcome, id));
    if (this.#endAfterReply !== undefined) this.drain(this.#endAfterReply);
  }

  /** Output made by `action` leaves in as few writes as possible. */
  #cork(action: () => void): void {
    this.#corked += 1;
    try {
      action();
    } finally {
      this.#corked -= 1;
      if (this.#corked === 0) this.#flush();
    }
  }

  #write(line: Line): void {
    for (const piece of line) {
      this.#output.push(piece);
      this.#outputBytes += piece.length;
    }
    if (this.#corked === 0) this.#flush();
  }

  #flush(): void {
    const pieces = this.#output;
    if (pieces.length === 0 || this.#state === 'closed') return;
    this.#output = [];
    this.#bytesOut += this.#outputBytes;
    this.#outputBytes = 0;
    let text = '';
    for (const piece of pieces) {
      if (typeof piece === 'string') text += piece;
      else {
        if (text !== '') this.#channel.write(text);
        text = '';
        this.#channel.write(piece);
      }
    }
    if (text !== '') this.#channel.write(text);
  }
}

/** Answers to the commands of one chunk are joined up to this size before they are written. */
const corkBytesMax = 64 * 1024;

function parseText(text: string | Uint8Array): JsonValue {
  const value = parseJson(text);
  assert(value !== undefined, 'a reply is JSON');
  return value;
}
