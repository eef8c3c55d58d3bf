// The client's side of one QMP connection to a server that others' commands are sent to: greeting, negotiation, ids,
// replies and events as bytes. It works with any QMP server (QEMU, qemu-storage-daemon, servers without out-of-band
// execution). It is not a client for programs (src/qmp/client/core.ts) and it decides nothing about order between
// sessions (scheduler.ts).
//
// Ids are small numbers, generation * 16 + slot: QEMU takes 2 to 3 microseconds a byte, and a server may still send
// the answer to a command of the connection before this one, which then bears a generation that is not ours. A server
// that executes out-of-band, as QEMU does, is sent in-band commands without an id: it answers them in order, those of
// an earlier connection before our qmp_capabilities. That spares QEMU 8 of 34 bytes of a query-status, a tenth of the
// time until the answer.

import type { ForwardReply } from '../../machine/instance.ts';
import type { CloseReason, Connection } from '../../qmp/connection.ts';
import type { MachineEvent } from '../../qmp/events/event.ts';
import type { Greeting } from '../../qmp/greeting.ts';
import { assert, assertNever } from '../../util/assert.ts';
import { contain, type Owner, type UnitOfWork } from '../../util/contain.ts';
import { type Deferred, deferred } from '../../util/deferred.ts';
import { LocalError } from '../../util/local-error.ts';
import { classifyLine, type UpstreamLine } from './line.ts';
import { LineSplitter } from './line-splitter.ts';

/**
 * In-band commands in flight when the server executes out-of-band: QEMU stops reading at 8 that wait (monitor/qmp.c,
 * QMP_REQ_QUEUE_LEN_MAX), and then out-of-band commands wait too.
 */
const inBandMaxWithOob = 7;
/** A server without it is given one command at a time: what is not sent can still be dropped with its session. */
const inBandMaxWithoutOob = 1;
const slots = 16;

export interface ConnectionHandler {
  event(event: MachineEvent): void;
  /** A slot has become free, or the server is ready. */
  free(): void;
  /** Called once, last, after `lost` of everything in flight. */
  closed(reason: string): void;
  log(message: string): void;
}

export interface UpstreamCommand {
  readonly command: string;
  /** Already without blanks where that is possible; undefined when there are none. */
  readonly argumentsText: string | undefined;
  readonly outOfBand: boolean;
  /** Descriptors that travel with the message; the caller keeps its own. */
  readonly fds?: readonly number[];
  answered(reply: ForwardReply): void;
  /** The connection ended first. */
  lost(): void;
}

export interface ConnectionOptions {
  /** Counts the connections to one server; must differ from that of the last few. */
  readonly generation: number;
  /** Servers other than QEMU may want whole lines; QEMU needs none, and each byte costs it time. */
  readonly endLines: boolean;
}

type State =
  | { readonly kind: 'greeting' }
  | { readonly kind: 'negotiating'; readonly greeting: Greeting; readonly oob: boolean }
  | { readonly kind: 'ready'; readonly greeting: Greeting; readonly oob: boolean }
  | { readonly kind: 'closed'; readonly reason: string };

export class UpstreamConnection {
  readonly #connection: Connection;
  readonly #handler: ConnectionHandler;
  readonly #options: ConnectionOptions;
  readonly #splitter: LineSplitter = new LineSplitter();
  readonly #inFlight: (UpstreamCommand | undefined)[] = new Array<undefined>(slots).fill(undefined);
  /** The slots of commands that were sent without an id, in their order. */
  readonly #withoutId: number[] = [];
  readonly #ready: Deferred<Greeting> = deferred();
  #state: State = { kind: 'greeting' };
  #inBand = 0;
  #outOfBand = 0;
  /** Lines that wait for the answers before them to be passed on; see `#line`. */
  #held: string[] | undefined;
  #repliedInThisTurn = false;

  constructor(connection: Connection, options: ConnectionOptions, handler: ConnectionHandler) {
    this.#connection = connection;
    this.#options = options;
    this.#handler = handler;
    connection.start({
      data: (chunk, fds) => {
        for (const fd of fds) fd.close();
        this.#feed(chunk);
      },
      end: () => connection.end(),
      drain: () => undefined,
      close: (reason) => this.#close(closeText(reason)),
    });
  }

  /** Resolves when commands can be sent; rejects when the connection ends before. */
  get ready(): Promise<Greeting> {
    return this.#ready.promise;
  }

  get hasOob(): boolean {
    return this.#state.kind === 'ready' && this.#state.oob;
  }

  /** In-band commands that can be sent now. */
  get freeInBand(): number {
    if (this.#state.kind !== 'ready') return 0;
    return (this.#state.oob ? inBandMaxWithOob : inBandMaxWithoutOob) - this.#inBand;
  }

  get canSendOutOfBand(): boolean {
    return this.hasOob && this.#outOfBand < slots - inBandMaxWithOob;
  }

  get inFlight(): number {
    return this.#inBand + this.#outOfBand;
  }

  get inBandInFlight(): number {
    return this.#inBand;
  }

  /** Only when `freeInBand` or `canSendOutOfBand` allow it. */
  send(command: UpstreamCommand): void {
    assert(command.outOfBand ? this.canSendOutOfBand : this.freeInBand > 0, 'a slot is free');
    const slot = this.#inFlight.indexOf(undefined);
    assert(slot >= 0, 'there are as many slots as commands in flight');
    this.#inFlight[slot] = command;
    if (command.outOfBand) this.#outOfBand += 1;
    else this.#inBand += 1;
    const withoutId = this.hasOob && !command.outOfBand;
    if (withoutId) this.#withoutId.push(slot);
    this.#write(withoutId ? undefined : this.#options.generation * slots + slot, command);
  }

  close(): void {
    this.#connection.destroy();
  }

  #write(
    id: number | undefined,
    {
      command,
      argumentsText,
      outOfBand,
      fds,
    }: Pick<UpstreamCommand, 'command' | 'argumentsText' | 'outOfBand' | 'fds'>,
  ): void {
    const verb = outOfBand ? 'exec-oob' : 'execute';
    const args = argumentsText === undefined ? '' : `,"arguments":${argumentsText}`;
    const idMember = id === undefined ? '' : `,"id":${id}`;
    const end = this.#options.endLines ? '\n' : '';
    const text = `{"${verb}":${JSON.stringify(command)}${args}${idMember}}${end}`;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a connection takes text only when it is ASCII
    this.#connection.write(/[^\x00-\x7f]/.test(text) ? Buffer.from(text, 'utf8') : text, fds);
  }

  #feed(chunk: Uint8Array): void {
    this.#repliedInThisTurn = false;
    this.#contain('upstream-input', () => {
      try {
        this.#splitter.feed(chunk, (line) => this.#line(line));
      } catch (thrown) {
        if (!(thrown instanceof LocalError)) throw thrown;
        this.#handler.log(`the QMP server sent what cannot be read: ${thrown.message}`);
        this.#connection.destroy();
      }
    });
  }

  /** A fault at what the server sent ends this connection. */
  #contain(unit: UnitOfWork, work: () => void): void {
    const owner: Owner = {
      name: 'the connection to the QMP server',
      log: (message) => this.#handler.log(message),
      end: () => this.#connection.destroy(),
    };
    contain(unit, owner, work);
  }

  /**
   * An answer reaches its session through promises, an event at once. An event that was sent after an answer must
   * not overtake it, so it waits, with all that follows, until the promises of this turn are settled.
   */
  #line(line: string): void {
    if (this.#held !== undefined) {
      this.#held.push(line);
      return;
    }
    const classified = classifyLine(line, this.hasOob);
    if (classified.kind === 'event' && this.#repliedInThisTurn) {
      this.#held = [line];
      setImmediate(() => this.#contain('upstream-held-lines', () => this.#release()));
      return;
    }
    this.#dispatch(classified);
  }

  #release(): void {
    const lines = this.#held ?? [];
    this.#held = undefined;
    this.#repliedInThisTurn = false;
    for (const line of lines) this.#line(line);
  }

  #dispatch(line: UpstreamLine): void {
    switch (line.kind) {
      case 'reply':
        this.#reply(line.id, line.reply);
        break;
      case 'reply-without-id':
        this.#replyWithoutId(line.reply);
        break;
      case 'event':
        this.#handler.event(line.event);
        break;
      case 'greeting':
        this.#greet(line.greeting);
        break;
      case 'stray':
        this.#stray(line.line);
        break;
      default:
        assertNever(line, 'line');
    }
  }

  #greet(greeting: Greeting): void {
    if (this.#state.kind !== 'greeting') return;
    const oob = greeting.capabilities.includes('oob');
    this.#state = { kind: 'negotiating', greeting, oob };
    this.#write(this.#negotiationId, {
      command: 'qmp_capabilities',
      argumentsText: oob ? '{"enable":["oob"]}' : undefined,
      outOfBand: false,
    });
  }

  get #negotiationId(): number {
    return this.#options.generation * slots;
  }

  #reply(id: number, reply: ForwardReply): void {
    if (this.#state.kind === 'negotiating') {
      this.#negotiated(id, reply, this.#state);
      return;
    }
    const slot = id - this.#options.generation * slots;
    const command = slot >= 0 && slot < slots ? this.#inFlight[slot] : undefined;
    if (command === undefined) {
      this.#handler.log(`an answer of an earlier connection was dropped (id ${id})`);
      return;
    }
    this.#answered(slot, command, reply);
  }

  #replyWithoutId(reply: ForwardReply): void {
    const slot = this.#withoutId.shift();
    const command = slot === undefined ? undefined : this.#inFlight[slot];
    if (slot === undefined || command === undefined) this.#stray(String(reply.text));
    else this.#answered(slot, command, reply);
  }

  #answered(slot: number, command: UpstreamCommand, reply: ForwardReply): void {
    this.#inFlight[slot] = undefined;
    if (command.outOfBand) this.#outOfBand -= 1;
    else this.#inBand -= 1;
    this.#repliedInThisTurn = true;
    command.answered(reply);
    this.#handler.free();
  }

  #stray(text: string): void {
    this.#handler.log(`an answer to none of qmpd's commands: ${text.slice(0, 200)}`);
  }

  #negotiated(id: number, reply: ForwardReply, state: State & { kind: 'negotiating' }): void {
    if (id !== this.#negotiationId) return;
    if (reply.kind === 'error') {
      this.#handler.log(`the QMP server refused negotiation: ${String(reply.text)}`);
      this.#connection.destroy();
      return;
    }
    this.#state = { ...state, kind: 'ready' };
    this.#ready.resolve(state.greeting);
    this.#handler.free();
  }

  /** Each step is carried out even if one before it fails: whoever waits must be told. */
  #close(reason: string): void {
    // What was held came before the end.
    this.#contain('upstream-closed', () => {
      while (this.#held !== undefined) this.#release();
    });
    const before = this.#state.kind;
    this.#state = { kind: 'closed', reason };
    const lost = this.#inFlight.splice(0, slots, ...new Array<undefined>(slots).fill(undefined));
    this.#withoutId.length = 0;
    this.#inBand = 0;
    this.#outOfBand = 0;
    if (before !== 'ready') {
      this.#ready.promise.catch(() => undefined);
      this.#ready.reject(new Error(`the QMP connection ended before it was ready: ${reason}`));
    }
    for (const command of lost) {
      if (command !== undefined) this.#contain('upstream-closed', () => command.lost());
    }
    this.#contain('upstream-closed', () => this.#handler.closed(reason));
  }
}

export function versionText({ version: { major, minor, micro } }: Greeting): string {
  return `${major}.${minor}.${micro}`;
}

function closeText(reason: CloseReason): string {
  switch (reason.kind) {
    case 'peer-closed':
      return 'the other end closed it';
    case 'local':
      return 'it was closed here';
    case 'fds-truncated':
      return 'descriptors were lost on it';
    case 'error':
      return reason.message;
  }
}
